import type { Sql } from '../db/sql.ts';
import type { Movement, NewMovement } from './movement.ts';

export interface MovementToInsert extends NewMovement {
  id: string;
}

/** Writes a movement down. Null when there is one already for its purpose and subject. */
export async function insertMovement(sql: Sql, movement: MovementToInsert): Promise<Movement | null> {
  const { id, account, livemode, kind, purpose, subject, orderId, amount, target = null } = movement;
  const rows = await sql<Raw>`
    insert into quittance.movement
      (id, account, livemode, kind, purpose, subject, order_id, amount, currency, target, params, run_at)
    values
      (${id}, ${account}, ${livemode}, ${kind}, ${purpose}, ${subject}, ${orderId}, ${amount.value},
       ${amount.currency}, ${target}, ${JSON.stringify(movement.params)},
       coalesce(${movement.runAt ?? null}::timestamptz, now()))
    on conflict (livemode, purpose, subject) do nothing
    returning *`;
  return rows[0] ? readRow(rows[0]) : null;
}

export async function movementById(sql: Sql, id: string): Promise<Movement | null> {
  const rows = await sql<Raw>`select * from quittance.movement where id = ${id}`;
  return rows[0] ? readRow(rows[0]) : null;
}

export async function movementFor(
  sql: Sql,
  { livemode, purpose, subject }: { livemode: boolean; purpose: string; subject: string },
): Promise<Movement | null> {
  const rows = await sql<Raw>`
    select * from quittance.movement
    where livemode = ${livemode} and purpose = ${purpose} and subject = ${subject}`;
  return rows[0] ? readRow(rows[0]) : null;
}

/** Every movement of an order, oldest first. */
export async function movementsOf(sql: Sql, orderId: string): Promise<Movement[]> {
  const rows = await sql<Raw>`
    select * from quittance.movement where order_id = ${orderId} order by created_at, id`;
  return rows.map(readRow);
}

/**
 * Notes that Stripe is being asked under the present key. The time is the first one's: the key's age counts
 * from there, however often it is used. Null when it is done, refused or not there.
 */
export async function noteTry(sql: Sql, id: string, at: Date): Promise<Movement | null> {
  const rows = await sql<Raw>`
    update quittance.movement set tried_at = coalesce(tried_at, ${at}), updated_at = now()
    where id = ${id} and status = 'planned' returning *`;
  return rows[0] ? readRow(rows[0]) : null;
}

/** Locks a movement until the transaction ends, for the call. Only `Movements.run` may. */
export async function lockMovement(sql: Sql, id: string): Promise<Movement | null> {
  const rows = await sql<Raw>`select * from quittance.movement where id = ${id} for update`;
  return rows[0] ? readRow(rows[0]) : null;
}

/**
 * Takes a movement back that Stripe was never asked for, or has each time refused for want of money. False
 * when it may have been made, or somebody is at it: who holds an order may not wait for a movement.
 */
export async function withdrawMovement(sql: Sql, id: string): Promise<boolean> {
  const rows = await sql`
    delete from quittance.movement where id = (
      select id from quittance.movement
      where id = ${id} and status = 'planned' and tried_at is null
        and (attempt = 1 or error_code in
          ('balance_insufficient', 'insufficient_capabilities_for_transfer', 'account_invalid'))
      for update skip locked)
    returning id`;
  return rows.length > 0;
}

/** True when the movement waits and nobody is at it. */
export async function isFree(sql: Sql, id: string): Promise<boolean> {
  const rows = await sql`
    select from quittance.movement where id = ${id} and status = 'planned' for update skip locked`;
  return rows.length > 0;
}

/** The next try takes a new idempotency key. */
export async function beginNextKey(sql: Sql, id: string): Promise<void> {
  await sql`
    update quittance.movement set attempt = attempt + 1, tried_at = null, updated_at = now()
    where id = ${id}`;
}

export interface Trouble {
  code: string;
  message: string;
}

/** Puts a movement off by so many seconds, and keeps why. */
export async function postpone(sql: Sql, id: string, seconds: number, why: Trouble): Promise<Movement> {
  const rows = await sql<Raw>`
    update quittance.movement
    set run_at = now() + make_interval(secs => ${seconds}), postponed = postponed + 1,
        error_code = ${why.code}, error = ${why.message}, updated_at = now()
    where id = ${id} and status = 'planned' returning *`;
  return readRow(rows[0] as Raw);
}

export async function markDone(sql: Sql, id: string, stripeId: string): Promise<Movement> {
  const rows = await sql<Raw>`
    update quittance.movement
    set status = 'done', stripe_id = ${stripeId}, error_code = null, error = null, updated_at = now()
    where id = ${id} returning *`;
  return readRow(rows[0] as Raw);
}

export async function markRefused(sql: Sql, id: string, why: Trouble): Promise<Movement> {
  const rows = await sql<Raw>`
    update quittance.movement
    set status = 'refused', error_code = ${why.code}, error = ${why.message}, updated_at = now()
    where id = ${id} returning *`;
  return readRow(rows[0] as Raw);
}

/** Plans what Stripe refused once more, under a new key, after looking. Null when it was not refused. */
export async function planAgain(sql: Sql, id: string, livemode: boolean): Promise<Movement | null> {
  const rows = await sql<Raw>`
    update quittance.movement
    set status = 'planned', attempt = attempt + 1, tried_at = null, run_at = now(), updated_at = now()
    where id = ${id} and livemode = ${livemode} and status = 'refused' returning *`;
  return rows[0] ? readRow(rows[0]) : null;
}

export interface MovementFilter {
  livemode: boolean;
  status: string | null;
  order: string | null;
  /** The last movement of the page before. */
  after: string | null;
  limit: number;
}

/** Movements, newest first. */
export async function movementPage(sql: Sql, filter: MovementFilter): Promise<Movement[]> {
  const { livemode, status, order, after, limit } = filter;
  const rows = await sql<Raw>`
    select * from quittance.movement m
    where livemode = ${livemode}
      and (${status}::text is null or status = ${status})
      and (${order}::text is null or order_id = ${order})
      and (${after}::text is null or (created_at, id) <
        (select last.created_at, last.id from quittance.movement last where last.id = ${after}))
    order by created_at desc, id desc limit ${limit}`;
  return rows.map(readRow);
}

/** Movements whose time has come and that nobody is at, longest waiting first. */
export async function dueMovements(sql: Sql, livemode: boolean, limit: number): Promise<Movement[]> {
  const rows = await sql<Raw>`
    select * from quittance.movement
    where status = 'planned' and livemode = ${livemode} and run_at <= now()
    order by run_at limit ${limit} for update skip locked`;
  return rows.map(readRow);
}

/** Movements that were planned more than so many hours ago and should be done by now. */
export async function stuckMovements(sql: Sql, livemode: boolean, hours: number): Promise<Movement[]> {
  const rows = await sql<Raw>`
    select * from quittance.movement
    where status = 'planned' and livemode = ${livemode}
      and created_at < now() - make_interval(hours => ${hours}) and (postponed > 0 or run_at < now())
    order by created_at limit 100`;
  return rows.map(readRow);
}

interface Raw extends Omit<Movement, 'amount' | 'tried_at' | 'run_at' | 'created_at' | 'updated_at'> {
  amount: number;
  currency: string;
  tried_at: Date | null;
  run_at: Date;
  created_at: Date;
  updated_at: Date;
}

function readRow({ currency, ...raw }: Raw): Movement {
  return {
    ...raw,
    amount: { value: raw.amount, currency },
    tried_at: raw.tried_at?.toISOString() ?? null,
    run_at: raw.run_at.toISOString(),
    created_at: raw.created_at.toISOString(),
    updated_at: raw.updated_at.toISOString(),
  };
}
