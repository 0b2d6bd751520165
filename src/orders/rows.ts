import type { Sql } from '../db/sql.ts';
import type { ChargeType, CheckoutUi, OrderItem, OrderRow, OrderStatus } from './order.ts';

/** Which of our worlds an order belongs to. */
export interface Side {
  account: string;
  livemode: boolean;
}

export interface NewOrder extends Side {
  id: string;
  items: OrderItem[];
  amount: number;
  currency: string;
  chargeType: ChargeType;
  destination: string | null;
  onBehalfOf: boolean;
  fee: number;
  email: string | null;
  ui: CheckoutUi;
  requestKey: string | null;
  requestHash: string;
  checkoutParams: Record<string, unknown>;
}

/** Writes an order down. Null when there is one already for this request key. */
export async function insertOrder(sql: Sql, order: NewOrder): Promise<OrderRow | null> {
  const [only] = order.items.length === 1 ? order.items : [];
  const rows = await sql<RawOrder>`
    insert into quittance.orders
      (id, account, livemode, product, product_name, quantity, unit_amount, amount, currency, items,
       charge_type, destination, on_behalf_of, fee, email, ui, request_key, request_hash, checkout_params)
    values
      (${order.id}, ${order.account}, ${order.livemode}, ${only?.product ?? null}, ${only?.name ?? null},
       ${order.items.reduce((sum, { quantity }) => sum + quantity, 0)}, ${only?.unit_amount ?? null},
       ${order.amount}, ${order.currency}, ${JSON.stringify(order.items)},
       ${order.chargeType}, ${order.destination}, ${order.onBehalfOf}, ${order.fee},
       ${order.email}, ${order.ui}, ${order.requestKey}, ${order.requestHash},
       ${JSON.stringify(order.checkoutParams)})
    on conflict (livemode, request_key) do nothing
    returning *`;
  return rows[0] ? readOrder(rows[0]) : null;
}

export async function orderByRequestKey(
  sql: Sql,
  livemode: boolean,
  requestKey: string,
): Promise<OrderRow | null> {
  const rows = await sql<RawOrder>`
    select * from quittance.orders where livemode = ${livemode} and request_key = ${requestKey}`;
  return rows[0] ? readOrder(rows[0]) : null;
}

export async function orderById(sql: Sql, id: string): Promise<OrderRow | null> {
  const rows = await sql<RawOrder>`select * from quittance.orders where id = ${id}`;
  return rows[0] ? readOrder(rows[0]) : null;
}

export async function orderBySession(sql: Sql, side: Side, session: string): Promise<OrderRow | null> {
  const rows = await sql<RawOrder>`
    select * from quittance.orders
    where account = ${side.account} and livemode = ${side.livemode} and checkout_session = ${session}`;
  return rows[0] ? readOrder(rows[0]) : null;
}

/** The order a session pays for, on whatever account; never one of the other mode. */
export async function orderOfSession(sql: Sql, livemode: boolean, session: string): Promise<OrderRow | null> {
  const rows = await sql<RawOrder>`
    select * from quittance.orders where livemode = ${livemode} and checkout_session = ${session}`;
  return rows[0] ? readOrder(rows[0]) : null;
}

export async function orderByIntent(sql: Sql, side: Side, intent: string): Promise<OrderRow | null> {
  const rows = await sql<RawOrder>`
    select * from quittance.orders
    where account = ${side.account} and livemode = ${side.livemode} and payment_intent = ${intent}`;
  return rows[0] ? readOrder(rows[0]) : null;
}

/** Locks an order until the transaction ends and reads it as it is then. */
export async function lockOrder(sql: Sql, id: string): Promise<OrderRow | null> {
  const rows = await sql<RawOrder>`select * from quittance.orders where id = ${id} for update`;
  return rows[0] ? readOrder(rows[0]) : null;
}

/** Keeps which Checkout Session an order is paid with. The first one stays. */
export async function saveSession(
  sql: Sql,
  id: string,
  session: { id: string; url: string | null },
): Promise<OrderRow | null> {
  const rows = await sql<RawOrder>`
    update quittance.orders
    set checkout_session = coalesce(checkout_session, ${session.id}),
        checkout_url = coalesce(checkout_url, ${session.url}),
        updated_at = now(), version = version + 1
    where id = ${id} returning *`;
  return rows[0] ? readOrder(rows[0]) : null;
}

/** Makes this the session the order is paid with, whatever was before. */
export async function takeSession(
  sql: Sql,
  id: string,
  session: { id: string; url: string | null },
): Promise<void> {
  await sql`
    update quittance.orders
    set checkout_session = ${session.id}, checkout_url = ${session.url},
        updated_at = now(), version = version + 1
    where id = ${id}`;
}

/**
 * Notes that Stripe is being asked for a session under the order's present key, and answers with that key's
 * number. The time is the first one's: the key's age counts from there, however often it is used.
 */
export async function noteCheckoutTry(sql: Sql, id: string, at: Date): Promise<number> {
  const rows = await sql<{ checkout_attempt: number }>`
    update quittance.orders set checkout_tried_at = coalesce(checkout_tried_at, ${at})
    where id = ${id} returning checkout_attempt`;
  return rows[0]?.checkout_attempt ?? 1;
}

/** Begins a new idempotency key, unless somebody has done so since key `attempt` was used. */
export async function beginNextKey(sql: Sql, id: string, attempt: number, at: Date): Promise<void> {
  await sql`
    update quittance.orders set checkout_tried_at = ${at}, checkout_attempt = checkout_attempt + 1
    where id = ${id} and checkout_attempt = ${attempt}`;
}

export interface OrderChange {
  status: OrderStatus;
  problem: string | null;
  paymentIntent: string | null;
  paid: boolean;
  charge: string | null;
  /** What was given back, in minor units. */
  refunded: number;
  /** What the buyer typed at Stripe; an address that was ordered with stays. */
  email: string | null;
}

/**
 * Writes what Stripe says of an order. `paid_at` is set once and stays. What is in review once more has to be
 * accepted once more.
 */
export async function changeOrder(sql: Sql, id: string, change: OrderChange): Promise<OrderRow> {
  const rows = await sql<RawOrder>`
    update quittance.orders
    set status = ${change.status}, problem = ${change.problem},
        payment_intent = coalesce(${change.paymentIntent}, payment_intent),
        charge = coalesce(${change.charge}, charge), refunded = least(${change.refunded}::bigint, amount),
        email = coalesce(email, ${change.email}),
        accepted = case when ${change.status} = 'review' then array_remove(accepted, ${change.problem})
          else accepted end,
        paid_at = case when ${change.paid}::boolean then coalesce(paid_at, now()) else paid_at end,
        checked_at = now(), updated_at = now(), version = version + 1
    where id = ${id} returning *`;
  return readOrder(rows[0] as RawOrder);
}

/** Marks an order as fulfilled; the row's lock and `fulfilled_at is null` make it once. */
export async function markFulfilled(sql: Sql, id: string): Promise<OrderRow> {
  const rows = await sql<RawOrder>`
    update quittance.orders
    set status = 'fulfilled', fulfilled_at = now(), problem = null, updated_at = now(), version = version + 1
    where id = ${id} and fulfilled_at is null returning *`;
  return readOrder(rows[0] as RawOrder);
}

/** Notes why an order does not get on, for operators. */
export async function noteProblem(sql: Sql, id: string, problem: string): Promise<OrderRow> {
  const rows = await sql<RawOrder>`
    update quittance.orders
    set problem = ${problem},
        checked_at = now(), updated_at = now(), version = version + 1
    where id = ${id} returning *`;
  return readOrder(rows[0] as RawOrder);
}

/** Notes that a person has looked at an order, and which problem they take as it is. */
export async function noteReview(sql: Sql, id: string, accepted: string | null): Promise<void> {
  await sql`
    update quittance.orders
    set reviewed_at = now(), accepted = case when ${accepted}::text is null then accepted
          else array_append(accepted, ${accepted}::text) end,
        updated_at = now(), version = version + 1
    where id = ${id}`;
}

/** Ends each later statement of this transaction after so many seconds. */
export async function limitStatements(sql: Sql, seconds: number): Promise<void> {
  await sql`select set_config('statement_timeout', ${`${seconds}s`}, true)`;
}

/** Notes that Stripe was asked and nothing was new. */
export async function noteChecked(sql: Sql, id: string): Promise<void> {
  await sql`update quittance.orders set checked_at = now() where id = ${id}`;
}

/**
 * Orders whose state should be read from Stripe because no event told us: the older an order, the more
 * seldom, from a quarter of an hour to a quarter of its age, for 30 days.
 */
export async function unsettledOrders(sql: Sql, livemode: boolean, limit: number): Promise<OrderRow[]> {
  const rows = await sql<RawOrder>`
    select * from quittance.orders
    where status in ('pending', 'processing', 'failed', 'paid') and checkout_session is not null
      and livemode = ${livemode}
      and created_at > now() - interval '30 days'
      and checked_at < now() - greatest(interval '15 minutes', (now() - created_at) / 4)
    order by checked_at limit ${limit}`;
  return rows.map(readOrder);
}

/** An order as PostgreSQL gives it. */
export interface RawOrder extends Omit<
  OrderRow,
  'amount' | 'created_at' | 'paid_at' | 'fulfilled_at' | 'checkout_tried_at' | 'reviewed_at'
> {
  amount: number;
  currency: string;
  created_at: Date;
  paid_at: Date | null;
  fulfilled_at: Date | null;
  checkout_tried_at: Date | null;
  reviewed_at: Date | null;
}

export function readOrder(raw: RawOrder): OrderRow {
  return {
    ...raw,
    amount: { value: raw.amount, currency: raw.currency },
    created_at: raw.created_at.toISOString(),
    paid_at: raw.paid_at?.toISOString() ?? null,
    fulfilled_at: raw.fulfilled_at?.toISOString() ?? null,
    checkout_tried_at: raw.checkout_tried_at?.toISOString() ?? null,
    reviewed_at: raw.reviewed_at?.toISOString() ?? null,
  };
}
