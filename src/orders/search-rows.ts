import type pg from 'pg';
import { sqlPlannedEachTime } from '../db/sql.ts';
import { THREE_DECIMAL, ZERO_DECIMAL } from '../money.ts';
import type { OrderRow, OrderStatus } from './order.ts';
import { readOrder, type RawOrder } from './rows.ts';

/** An amount in minor units; of the currencies that have so many digits, or of any. */
interface AmountSought {
  value: number;
  digits: number | null;
}

/** Which orders; null is any. Times are ISO 8601, the later one is not included. */
export interface OrderFilter {
  livemode: boolean;
  /** The id, or how it begins. */
  id: string | null;
  /** The buyer's address, or how it begins; case does not matter. */
  email: string | null;
  /** One of these. */
  amounts: readonly AmountSought[] | null;
  currency: string | null;
  status: OrderStatus | null;
  product: string | null;
  /** The account of a seller who has a part of it. */
  account: string | null;
  payment_intent: string | null;
  checkout_session: string | null;
  charge: string | null;
  created_from: string | null;
  created_to: string | null;
  paid_from: string | null;
  paid_to: string | null;
}

/** Orders, newest first, beginning behind the order `after`. */
export async function orderPage(
  pool: pg.Pool,
  filter: OrderFilter & { after: string | null; limit: number },
): Promise<OrderRow[]> {
  const seller = filter.account === null ? null : await sellerOf(pool, filter.livemode, filter.account);
  const id = filter.id === null ? null : beginning(filter.id);
  const email = filter.email === null ? null : beginning(filter.email.toLowerCase());
  const product = filter.product === null ? null : JSON.stringify([{ product: filter.product }]);
  const amounts = filter.amounts?.map(({ value }) => value) ?? null;
  const digits = filter.amounts?.map((sought) => sought.digits) ?? null;
  const [createdFrom, createdTo] = [timeOf(filter.created_from), timeOf(filter.created_to)];
  const [paidFrom, paidTo] = [timeOf(filter.paid_from), timeOf(filter.paid_to)];
  const rows = await sqlPlannedEachTime(pool)<RawOrder>`
    select * from quittance.orders o
    where livemode = ${filter.livemode}
      and (${id}::text is null or id like ${id})
      and (${email}::text is null or lower(email) like ${email})
      and (${amounts}::bigint[] is null or amount = any (${amounts}::bigint[]) and exists (
        select from unnest(${amounts}::bigint[], ${digits}::integer[]) as sought (value, digits)
        where sought.value = o.amount and coalesce(sought.digits = case
          when o.currency = any (${[...ZERO_DECIMAL]}::text[]) then 0
          when o.currency = any (${[...THREE_DECIMAL]}::text[]) then 3 else 2 end, true)))
      and (${filter.currency}::text is null or currency = ${filter.currency})
      and (${filter.status}::text is null or status = ${filter.status})
      and (${product}::jsonb is null or items @> ${product}::jsonb)
      and (${seller}::jsonb is null or items @> ${seller}::jsonb)
      and (${filter.payment_intent}::text is null or payment_intent = ${filter.payment_intent})
      and (${filter.checkout_session}::text is null or checkout_session = ${filter.checkout_session})
      and (${filter.charge}::text is null or charge = ${filter.charge})
      and (${createdFrom}::timestamptz is null or created_at >= ${createdFrom})
      and (${createdTo}::timestamptz is null or created_at < ${createdTo})
      and (${paidFrom}::timestamptz is null or paid_at >= ${paidFrom})
      and (${paidTo}::timestamptz is null or paid_at < ${paidTo})
      and (${filter.after}::text is null or (created_at, id) <
        (select last.created_at, last.id from quittance.orders last where last.id = ${filter.after}))
    order by created_at desc, id desc limit ${filter.limit}`;
  return rows.map(readOrder);
}

// Their orders name a seller by the reference: one index finds products and sellers.
async function sellerOf(pool: pg.Pool, livemode: boolean, account: string): Promise<string> {
  const rows = await sqlPlannedEachTime(pool)<{ reference: string }>`
    select reference from quittance.seller where livemode = ${livemode} and account = ${account}`;
  // An account of nobody has no orders; no reference is empty.
  return JSON.stringify([{ seller: rows[0]?.reference ?? '' }]);
}

// A date alone is midnight in UTC, and not where the database stands.
function timeOf(text: string | null): Date | null {
  return text === null ? null : new Date(text);
}

/** A pattern for `like`: what begins so, with nothing in it that means something to `like`. */
function beginning(text: string): string {
  return `${text.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
}
