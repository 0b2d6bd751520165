import type { Sql } from '../db/sql.ts';

/** The code under which a reversal is given up: the dispute was won before it was made. */
export const FORGONE = 'dispute_won';

/**
 * Gives up a reversal that Stripe surely has not made: never asked for, or each time refused because the
 * seller had too little. What may have been made, or is under way now, is left as it is.
 */
export async function forgoReversal(sql: Sql, id: string): Promise<void> {
  await sql`
    update quittance.movement
    set status = 'refused', error_code = ${FORGONE}, error = 'the dispute was won before it was made',
        updated_at = now()
    where id in (
      select id from quittance.movement
      where id = ${id} and status = 'planned' and tried_at is null
        and (attempt = 1 or error_code = 'balance_insufficient')
      for update skip locked)`;
}

/** Adds what a dispute took of a seller's transfer. */
export async function addReversed(
  sql: Sql,
  { orderId, seller, amount }: { orderId: string; seller: string; amount: number },
): Promise<void> {
  await sql`
    update quittance.order_share set reversed = reversed + ${amount}
    where order_id = ${orderId} and seller = ${seller}`;
}
