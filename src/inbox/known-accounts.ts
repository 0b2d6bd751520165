import type { Sql } from '../db/sql.ts';

/** Where events of connected accounts arrive. Those of accounts we don't know are put aside here. */
export const CONNECT_ENDPOINT = '/api/webhook/connect';

/** Why such an event is in quarantine. */
export const UNKNOWN_ACCOUNT = 'unknown_account';

/**
 * Takes the events of this account from now on, and puts those on the work list that arrived before we knew
 * it: Stripe may tell of an account before its id is stored here. Call it in the transaction that stores it.
 */
export async function admitAccount(sql: Sql, account: string, livemode: boolean): Promise<void> {
  await sql`
    insert into quittance.known_account (account, livemode) values (${account}, ${livemode})
    on conflict do nothing`;
  await sql`
    with released as (
      delete from quittance.outcome o using quittance.event e
      where o.seq = e.seq and o.status = 'quarantined' and o.reason = ${UNKNOWN_ACCOUNT}
        and e.account = ${account} and e.livemode = ${livemode}
      returning e.seq, e.id, e.object_id
    )
    insert into quittance.work (key, seq, lane)
    select quittance.key_of(${account}, ${livemode}, object_id, id), seq, 1 from released
    on conflict do nothing`;
}

/** Puts the later events of this account aside: it is no longer connected to us. */
export async function dismissAccount(sql: Sql, account: string, livemode: boolean): Promise<void> {
  await sql`delete from quittance.known_account where account = ${account} and livemode = ${livemode}`;
}
