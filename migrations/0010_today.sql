-- What the page Today reads: revenue by day, and what came to the entrances, minute by minute.

-- Requests at the webhook entrances of all processes. What was refused has no mode that could be trusted.
create table quittance.entrance_minute (
  minute timestamptz not null,
  endpoint text collate "C" not null,
  mode text collate "C" not null check (mode in ('live', 'test', 'unknown')),
  -- accepted, quarantined, internal_error, or the code it was refused with.
  result text collate "C" not null,
  count bigint not null check (count > 0),
  primary key (minute, endpoint, mode, result)
);

-- Revenue and refunds of a day are read from the index alone.
create index orders_by_payment on quittance.orders (livemode, paid_at) include (currency, amount)
  where paid_at is not null;
create index refund_by_time on quittance.refund (livemode, created_at) include (currency, amount, status);

-- The orders somebody tried to pay, successfully or not, by the time they were begun.
create index orders_tried on quittance.orders (livemode, created_at) include (paid_at)
  where paid_at is not null or (status in ('failed', 'expired') and problem is not null);

create index orders_in_review on quittance.orders (livemode, id) where status = 'review';
create index dispute_open on quittance.dispute (livemode, evidence_due_by) where closed_at is null;
create index alarm_by_time on quittance.alarm (last_at);
