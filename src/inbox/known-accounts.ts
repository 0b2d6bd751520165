import type { Database } from '../db/database.ts';
import type { Sql } from '../db/sql.ts';
import type { RaiseAlarm } from './alarms.ts';

/** Where events of connected accounts arrive. Those of accounts we don't know are put aside here. */
export const CONNECT_ENDPOINT = '/api/webhook/connect';

/** Why such an event is in quarantine. */
export const UNKNOWN_ACCOUNT = 'unknown_account';

/** Comes to the Connect endpoint and yet is about the endpoint: it belongs to no account. */
export const DESTINATION_PING = 'v2.core.event_destination.ping';

const ACCOUNTS_PER_SWEEP = 1_000;
// Stripe tells of an account while we are still writing its id down: that is no reason to wake anybody.
const ALARM_AFTER_SECONDS = 60;

/** Why an account's events are worked on: it sells here, has installed our app, or both. */
export type AccountHold = 'seller' | 'install';

/**
 * Takes the events of this account from now on, and puts those on the work list that arrived before we knew
 * it: Stripe may tell of an account before its id is stored here. Call it in the transaction that stores it.
 */
export async function admitAccount(
  sql: Sql,
  account: string,
  livemode: boolean,
  heldBy: AccountHold = 'seller',
): Promise<void> {
  await sql`
    insert into quittance.known_account (account, livemode, held_by)
    values (${account}, ${livemode}, ${heldBy})
    on conflict do nothing`;
  await release(sql, account, livemode);
}

/** Puts the later events of this account aside, unless they are worked on for another reason too. */
export async function dismissAccount(
  sql: Sql,
  account: string,
  livemode: boolean,
  heldBy: AccountHold = 'seller',
): Promise<void> {
  await sql`
    delete from quittance.known_account
    where account = ${account} and livemode = ${livemode} and held_by = ${heldBy}`;
}

/** True when events of this account are worked on. */
export async function isKnownAccount(sql: Sql, account: string, livemode: boolean): Promise<boolean> {
  const rows = await sql`
    select from quittance.known_account where account = ${account} and livemode = ${livemode}`;
  return rows.length > 0;
}

/**
 * Releases what `admitAccount` could not see: events whose statement had begun before the account was known
 * and committed after it was admitted. Alarms, once for each, of accounts that stay unknown for a minute.
 * Returns the accounts it released.
 */
export async function sweepUnknownAccounts(database: Database, alarm: RaiseAlarm): Promise<string[]> {
  const known = await database.sql<Side>`
    select account, livemode from quittance.unknown_account unknown
    where exists (select from quittance.known_account known
                  where known.account = unknown.account and known.livemode = unknown.livemode)
    order by account, livemode limit ${ACCOUNTS_PER_SWEEP}`;
  for (const side of known) await database.transaction((sql) => settle(sql, side));
  const strangers = await database.sql<Side>`
    update quittance.unknown_account set alarmed = true
    where not alarmed and first_at < now() - ${ALARM_AFTER_SECONDS} * interval '1 second'
    returning account, livemode`;
  for (const { account, livemode } of strangers) alarm(UNKNOWN_ACCOUNT, account, strange(account, livemode));
  return known.map(({ account }) => account);
}

const LOOK_AGAIN_MS = 1_000;

/**
 * Sweeps a second after events were put aside: mostly the account is admitted in that moment, and what came
 * in between should not have to wait for the timetable. Returns what to call when something was put aside.
 */
export function sweepSoon(sweep: () => Promise<unknown>): () => void {
  let isWaiting = false;
  return () => {
    if (isWaiting) return;
    isWaiting = true;
    setTimeout(() => {
      isWaiting = false;
      sweep().catch(() => {}); // the timetable comes round to it
    }, LOOK_AGAIN_MS).unref();
  };
}

interface Side {
  account: string;
  livemode: boolean;
}

// First the row, which waits for statements that are putting events aside for it, then in a second statement,
// whose snapshot is taken after them, the events. The next one to put something aside writes the row anew.
async function settle(sql: Sql, { account, livemode }: Side): Promise<void> {
  await sql`delete from quittance.unknown_account where account = ${account} and livemode = ${livemode}`;
  if (await isKnownAccount(sql, account, livemode)) await release(sql, account, livemode);
}

// Into the wide lane: events that read Stripe are moved on from there, the others need not wait for them. By
// the clock, since workers don't look far into the past and the transaction may have begun long ago. What was
// removed with an install has no body any more and stays where it is.
async function release(sql: Sql, account: string, livemode: boolean): Promise<void> {
  await sql`
    with released as (
      delete from quittance.outcome o using quittance.event e
      where o.seq = e.seq and o.status = 'quarantined' and o.reason = ${UNKNOWN_ACCOUNT}
        and e.account = ${account} and e.livemode = ${livemode} and length(e.body) > 0
      returning e.seq, e.id, e.object_id
    )
    insert into quittance.work (key, seq, run_at)
    select quittance.key_of(${account}, ${livemode}, object_id, id), seq, clock_timestamp() from released
    on conflict do nothing`;
}

function strange(account: string, livemode: boolean): string {
  const mode = livemode ? 'live' : 'test';
  return account === ''
    ? 'events without an account came to the Connect endpoint, which is for events of connected accounts'
    : `events of ${account} (${mode} mode) are put aside: no seller of ours, no install of our app`;
}
