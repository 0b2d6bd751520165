import type { Sql } from '../db/sql.ts';

/** Something of ours that an event is about. */
export interface Change {
  kind: 'order' | 'refund' | 'dispute' | 'fraud_warning' | 'movement' | 'payout' | 'seller' | 'install';
  id: string;
  status: string;
  order_id: string | null;
}

export interface About {
  /** `''` is our own account. */
  account: string;
  livemode: boolean;
  /** Every id of Stripe's, and of ours, that stands in the event. */
  ids: readonly string[];
}

/** What of ours these ids stand for. */
export async function changesOf(sql: Sql, { account, livemode, ids }: About): Promise<Change[]> {
  const all = [...ids];
  const accounts = [account, ...all].filter((id) => id.startsWith('acct_'));
  return sql<Change>`
    select 'order' as kind, id, status, id as order_id from quittance.orders
    where livemode = ${livemode} and account = ${account}
      and (id = any (${all}::text[]) or payment_intent = any (${all}::text[])
        or checkout_session = any (${all}::text[]) or charge = any (${all}::text[]))
    union all
    select 'refund', id, status, order_id from quittance.refund
    where account = ${account} and livemode = ${livemode} and stripe_refund = any (${all}::text[])
    union all
    select 'dispute', id, status, order_id from quittance.dispute
    where account = ${account} and livemode = ${livemode} and id = any (${all}::text[])
    union all
    select 'fraud_warning', id, case when actionable then 'actionable' else 'past' end, order_id
    from quittance.fraud_warning
    where account = ${account} and livemode = ${livemode} and id = any (${all}::text[])
    union all
    select 'movement', id, status, order_id from quittance.movement
    where livemode = ${livemode} and stripe_id = any (${all}::text[])
    union all
    select 'payout', id, status, null from quittance.payout
    where account = ${account} and livemode = ${livemode} and id = any (${all}::text[])
    union all
    select 'seller', id, status, null from quittance.seller
    where livemode = ${livemode} and account = any (${accounts}::text[])
    union all
    select 'install', id, status, null from quittance.install
    where livemode = ${livemode} and account = any (${accounts}::text[])`;
}

/** The objects at Stripe that belong to the payments of these orders. */
export async function paymentObjects(sql: Sql, orders: readonly string[]): Promise<string[]> {
  const rows = await sql<{ id: string | null }>`
    select unnest(array[payment_intent, checkout_session, charge]) as id
    from quittance.orders where id = any (${[...orders]}::text[])
    union all
    select stripe_refund from quittance.refund where order_id = any (${[...orders]}::text[])
    union all
    select id from quittance.dispute where order_id = any (${[...orders]}::text[])`;
  return rows.map(({ id }) => id).filter((id) => id !== null);
}

/** Events about these objects, nearest to `seq` on both sides, in the order of the log. */
export async function eventsAbout(sql: Sql, about: About, seq: number, limit: number): Promise<number[]> {
  const ids = [...about.ids];
  const rows = await sql<{ seq: number }>`
    (select seq from quittance.event
     where object_id = any (${ids}::text[]) and account = ${about.account} and livemode = ${about.livemode}
       and seq <= ${seq} order by seq desc limit ${limit})
    union
    (select seq from quittance.event
     where object_id = any (${ids}::text[]) and account = ${about.account} and livemode = ${about.livemode}
       and seq > ${seq} order by seq limit ${limit})
    order by seq`;
  return rows.map((row) => row.seq);
}
