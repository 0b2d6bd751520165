import type { Sql } from '../db/sql.ts';
import type { Side } from '../orders/rows.ts';
import type { DisputeRow, DisputeState } from './dispute.ts';

/** What Stripe says of a dispute now. */
export interface DisputeFacts extends Side {
  id: string;
  orderId: string | null;
  charge: string;
  paymentIntent: string | null;
  amount: number;
  currency: string;
  reason: string;
  status: string;
  isInquiry: boolean;
  evidenceDueBy: Date | null;
  hasEvidence: boolean;
  pastDue: boolean;
  submissionCount: number;
  openedAt: Date;
  isOver: boolean;
}

/** Locks a dispute until the transaction ends and reads it as it is then. */
export async function lockDispute(sql: Sql, side: Side, id: string): Promise<DisputeRow | null> {
  const rows = await sql<RawDispute>`
    select * from quittance.dispute
    where account = ${side.account} and livemode = ${side.livemode} and id = ${id} for update`;
  return rows[0] ? readDispute(rows[0]) : null;
}

/**
 * Writes what Stripe says of a dispute. A new deadline is alerted anew; one that is taken up again after its
 * end is open again.
 */
export async function saveDispute(sql: Sql, facts: DisputeFacts): Promise<DisputeRow> {
  const rows = await sql<RawDispute>`
    insert into quittance.dispute as known
      (id, account, livemode, order_id, charge, payment_intent, amount, currency, reason, status, is_inquiry,
       evidence_due_by, has_evidence, past_due, submission_count, opened_at, closed_at)
    values
      (${facts.id}, ${facts.account}, ${facts.livemode}, ${facts.orderId}, ${facts.charge},
       ${facts.paymentIntent}, ${facts.amount}, ${facts.currency}, ${facts.reason}, ${facts.status},
       ${facts.isInquiry}, ${facts.evidenceDueBy}, ${facts.hasEvidence}, ${facts.pastDue},
       ${facts.submissionCount}, ${facts.openedAt}, case when ${facts.isOver}::boolean then now() end)
    on conflict (account, livemode, id) do update
    set order_id = coalesce(known.order_id, excluded.order_id), amount = excluded.amount,
        reason = excluded.reason, status = excluded.status, is_inquiry = excluded.is_inquiry,
        evidence_due_by = excluded.evidence_due_by, has_evidence = excluded.has_evidence,
        past_due = excluded.past_due, submission_count = excluded.submission_count,
        alerted_hours = case when known.evidence_due_by is not distinct from excluded.evidence_due_by
          then known.alerted_hours end,
        closed_at = case when ${facts.isOver}::boolean then coalesce(known.closed_at, now()) end,
        updated_at = now()
    returning *`;
  return readDispute(rows[0] as RawDispute);
}

export async function disputeById(sql: Sql, livemode: boolean, id: string): Promise<DisputeRow | null> {
  const rows = await sql<RawDispute>`
    select * from quittance.dispute where livemode = ${livemode} and id = ${id}`;
  return rows[0] ? readDispute(rows[0]) : null;
}

/** All disputes of an order. */
export async function disputesOf(sql: Sql, orderId: string): Promise<DisputeRow[]> {
  const rows = await sql<RawDispute>`select * from quittance.dispute where order_id = ${orderId}`;
  return rows.map(readDispute);
}

/** Tells an order where its disputes stand. */
export async function setDisputeState(sql: Sql, orderId: string, state: DisputeState | null): Promise<void> {
  await sql`
    update quittance.orders set dispute_state = ${state}, updated_at = now(), version = version + 1
    where id = ${orderId} and dispute_state is distinct from ${state}`;
}

/** Which open disputes somebody should look at. */
export interface Look {
  livemode: boolean;
  /** Statuses in which the bank waits for an answer. */
  unanswered: readonly string[];
  now: Date;
  dueBefore: Date;
  unheardSince: Date;
  limit: number;
}

/** Open disputes that wait for an answer and end soon, those first, and open ones nobody told us of. */
export async function disputesToLookAt(sql: Sql, look: Look): Promise<DisputeRow[]> {
  const rows = await sql<RawDispute>`
    select dispute.* from quittance.dispute,
      lateral (select evidence_due_by between ${look.now} and ${look.dueBefore}
        and status = any (${look.unanswered}::text[]) as is_urgent) urgency
    where livemode = ${look.livemode} and closed_at is null
      and (is_urgent or updated_at < ${look.unheardSince})
    order by is_urgent desc nulls last, evidence_due_by limit ${look.limit}`;
  return rows.map(readDispute);
}

/** Notes that somebody was told when less than so many hours were left. */
export async function noteAlert(sql: Sql, dispute: DisputeRow, hours: number): Promise<void> {
  await sql`
    update quittance.dispute set alerted_hours = ${hours}
    where account = ${dispute.account} and livemode = ${dispute.livemode} and id = ${dispute.id}`;
}

/** The order that was paid by this intent or charge. */
export async function orderOfPayment(
  sql: Sql,
  side: Side,
  { charge, intent }: { charge: string | null; intent: string | null },
): Promise<string | null> {
  const rows = await sql<{ id: string }>`
    select id from quittance.orders
    where account = ${side.account} and livemode = ${side.livemode}
      and (payment_intent = ${intent} or charge = ${charge}) limit 1`;
  return rows[0]?.id ?? null;
}

/** A row as PostgreSQL gives it. */
export interface RawDispute extends Omit<
  DisputeRow,
  'order' | 'amount' | 'inquiry' | 'evidence_due_by' | 'opened_at' | 'closed_at'
> {
  order_id: string | null;
  amount: number;
  currency: string;
  is_inquiry: boolean;
  evidence_due_by: Date | null;
  opened_at: Date;
  closed_at: Date | null;
}

export function readDispute(raw: RawDispute): DisputeRow {
  return {
    id: raw.id,
    account: raw.account,
    livemode: raw.livemode,
    order: raw.order_id,
    charge: raw.charge,
    payment_intent: raw.payment_intent,
    amount: { value: raw.amount, currency: raw.currency },
    reason: raw.reason,
    status: raw.status,
    inquiry: raw.is_inquiry,
    evidence_due_by: raw.evidence_due_by?.toISOString() ?? null,
    has_evidence: raw.has_evidence,
    past_due: raw.past_due,
    submission_count: raw.submission_count,
    opened_at: raw.opened_at.toISOString(),
    closed_at: raw.closed_at?.toISOString() ?? null,
    alerted_hours: raw.alerted_hours,
  };
}
