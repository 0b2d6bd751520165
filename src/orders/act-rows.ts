import type { Sql } from '../db/sql.ts';
import type { Caller } from '../http/caller.ts';

/** What a person did with an order, and what came of it. */
export interface OrderAct {
  kind: 'reviewed' | 'accepted' | 'fulfilled_again' | 'fulfil_again_failed';
  note: string | null;
  /** What was wrong with the payment, or why fulfilling it again failed. */
  problem: string | null;
}

export async function addAct(sql: Sql, orderId: string, by: Caller, act: OrderAct): Promise<void> {
  await sql`
    insert into quittance.order_act (order_id, kind, actor, actor_name, note, problem)
    values (${orderId}, ${act.kind}, ${by.id}, ${by.name}, ${act.note}, ${act.problem})`;
}

/** The acts of an order, oldest first. */
export async function actsOf(sql: Sql, orderId: string): Promise<(OrderAct & { at: Date; by: string })[]> {
  return sql`
    select kind, note, problem, at, actor_name as by from quittance.order_act
    where order_id = ${orderId} order by seq`;
}
