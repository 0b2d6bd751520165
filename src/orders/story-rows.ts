import type { Sql } from '../db/sql.ts';
import type { OrderRow } from './order.ts';

const JOBS_MAX = 50;
const ACTIONS_MAX = 200;

/** An event about one of an order's objects. */
export interface StoryEvent {
  id: string;
  type: string;
  object_id: string;
  received_at: Date;
  /** The last failure of a handler; null when none failed. */
  error: string | null;
  failures: number;
  /** Still to be run, or done. */
  waits: boolean;
  outcome: 'ignored' | 'dead' | 'quarantined' | null;
  /** Only of the types that were asked for. */
  body: Buffer | null;
}

/** Events about these objects of Stripe, in the order in which they came; with the bodies of `bodiesOf`. */
export async function eventsAbout(
  sql: Sql,
  { account, livemode }: Pick<OrderRow, 'account' | 'livemode'>,
  { objects, bodiesOf, limit }: { objects: readonly string[]; bodiesOf: readonly string[]; limit: number },
): Promise<StoryEvent[]> {
  return sql<StoryEvent>`
    select e.id, e.type, e.object_id, e.received_at, o.status as outcome, w.seq is not null as waits,
           failed.error, failed.failures, case when e.type = any (${bodiesOf}::text[]) then e.body end as body
    from quittance.event e
    left join quittance.work w
      on w.key = quittance.key_of(e.account, e.livemode, e.object_id, e.id) and w.seq = e.seq
    left join quittance.outcome o on o.seq = e.seq
    cross join lateral (
      select count(*)::integer as failures, (array_agg(error order by at desc))[1] as error
      from quittance.failure f where f.seq = e.seq) failed
    where e.object_id = any (${objects}::text[]) and e.account = ${account} and e.livemode = ${livemode}
    order by e.seq limit ${limit}`;
}

/** What an order was from then on. */
export async function stepsOf(
  sql: Sql,
  orderId: string,
): Promise<{ at: Date; status: OrderRow['status']; problem: string | null }[]> {
  return sql`select at, status, problem from quittance.order_step where order_id = ${orderId} order by seq`;
}

/** Disputes and banks' questions of an order, oldest first. */
export async function disputesOf(
  sql: Sql,
  orderId: string,
): Promise<
  {
    id: string;
    amount: number;
    currency: string;
    reason: string;
    status: string;
    is_inquiry: boolean;
    evidence_due_by: Date | null;
    opened_at: Date;
    closed_at: Date | null;
  }[]
> {
  return sql`
    select id, amount, currency, reason, status, is_inquiry, evidence_due_by, opened_at, closed_at
    from quittance.dispute where order_id = ${orderId} order by opened_at, id`;
}

/** Warnings of fraud about an order's payment, oldest first. */
export async function warningsOf(
  sql: Sql,
  orderId: string,
): Promise<{ id: string; fraud_type: string; actionable: boolean; created_at: Date }[]> {
  return sql`
    select id, fraud_type, actionable, created_at from quittance.fraud_warning
    where order_id = ${orderId} order by created_at, id`;
}

/** What operators and programs asked for with an order; null is what was begun and has no end. */
export async function auditOf(
  sql: Sql,
  orderId: string,
): Promise<{ at: Date; action: string; by: string; outcome: string | null }[]> {
  return sql`
    select at, action, actor_name as by, outcome from quittance.audit line
    where target = ${orderId} and (outcome is not null or not exists (
      select from quittance.audit ended where ended.request = line.request and ended.outcome is not null))
    order by seq desc limit ${ACTIONS_MAX}`;
}

/** Jobs that wait, run or failed and whose payload names the order. What is done graphile-worker forgets. */
export async function jobsAbout(
  sql: Sql,
  orderId: string,
): Promise<
  {
    id: string;
    name: string;
    created_at: Date;
    run_at: Date;
    attempts: number;
    isLast: boolean;
    isRunning: boolean;
    error: string | null;
  }[]
> {
  return sql`
    select job.id::text, task.identifier as name, job.created_at, job.run_at, job.attempts,
           job.attempts >= job.max_attempts as "isLast", job.locked_at is not null as "isRunning",
           job.last_error as error
    from graphile_worker._private_jobs job join graphile_worker._private_tasks task on task.id = job.task_id
    where strpos(job.payload::text, ${JSON.stringify(orderId)}) > 0
    order by job.created_at limit ${JOBS_MAX}`;
}
