-- Lists of disputes and fraud warnings as the console pages through them.
create index dispute_by_time on quittance.dispute (livemode, opened_at desc, id desc);
create index dispute_by_due on quittance.dispute
  (livemode, (coalesce(evidence_due_by, 'infinity'::timestamptz)), id);
create index fraud_warning_by_time on quittance.fraud_warning (livemode, created_at desc, id desc);
