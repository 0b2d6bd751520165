import type { Connection } from '../../db/database.ts';
import type { Sql } from '../../db/sql.ts';
import { STORE_LOCK } from '../../inbox/store.ts';
import type { SeedPlan } from './plan.ts';

/** What is in a database that is to be seeded. */
export interface Found {
  empty: boolean;
  livemode: boolean;
  seeded: boolean;
  newest: Date | null;
}

export async function lookInto(sql: Sql): Promise<Found> {
  const [found] = await sql<Found>`
    select not exists (select from quittance.event) and not exists (select from quittance.orders)
             and not exists (select from quittance.seller) as empty,
           exists (select from quittance.event where livemode)
             or exists (select from quittance.orders where livemode) as livemode,
           exists (select from quittance.event where id like 'evt_seed%') as seeded,
           (select received_at from quittance.event order by seq desc limit 1) as newest`;
  return found as Found;
}

/**
 * Keeps everybody else from storing until the transaction ends, takes the numbers of the log that the plan
 * needs, and makes what the other statements choose and count with: `fraction(n, salt)` is a number from 0
 * to 1 that is the same for the same plan, `moment(share)` a time of it, with quiet nights and weekends.
 */
export async function beginSeed(
  connection: Connection,
  sql: Sql,
  { events, seed, start, days }: Omit<SeedPlan, 'base'>,
): Promise<number> {
  await sql`set local synchronous_commit = off`;
  await sql`select pg_advisory_xact_lock(${STORE_LOCK.classid}::integer, ${STORE_LOCK.objid}::integer)`;
  await connection.query(`
    create function pg_temp.fraction(n bigint, salt integer) returns double precision
    immutable language sql as $$
      select (hashint8extended(n, salt + ${seed} * 1000) & 2147483647)::double precision / 2147483648
    $$;
    create function pg_temp.moment(share double precision) returns timestamptz stable language plpgsql as $$
    declare
      start timestamptz := '${start.toISOString()}';
      even double precision := power(share, 0.8) * ${days};
      day double precision := even + 0.1 * sin(2 * pi() * (even - ${days}))
        + 0.25 * sin(2 * pi() * (even - ${days}) / 7);
    begin
      return start + (now() - start) * least(greatest(day / ${days}, 0), 1);
    end $$`);
  const [place] = await sql<{ base: number }>`
    select setval('quittance.event_seq_seq', taken.first + ${events}) - ${events} as base
    from (select nextval('quittance.event_seq_seq') as first) as taken`;
  return place?.base ?? 0;
}

const FIRST_NAMES = ['Ann', 'Bo', 'Cleo', 'Dan', 'Eve', 'Finn', 'Gia', 'Hal'];
const TRADES = ['Pottery', 'Bakery', 'Bikes', 'Books', 'Garden'];
const COUNTRIES = ['US', 'DE', 'FR', 'GB', 'JP'];
const CURRENCIES = ['usd', 'eur', 'eur', 'gbp', 'jpy'];
const DAYS_A_WEEK = 7;

/** Sellers, most of them ready. */
export async function insertSellers(sql: Sql, { sellers }: SeedPlan): Promise<void> {
  await sql`
    insert into quittance.seller
      (id, livemode, reference, mode, preset, api, name, email, country, account, status, requirements,
       reason, charges_enabled, payouts_enabled, details_submitted, default_currency, created_at,
       updated_at, checked_at, connected_at, disconnected_at)
    select 'sel_seed' || number, false, 'seed-' || n, 'account_link', 'marketplace', 'v1',
      (${FIRST_NAMES}::text[])[1 + n % 8] || ' ' || (${TRADES}::text[])[1 + n % 5] || ' ' || n,
      'seller' || n || '@example.com', (${COUNTRIES}::text[])[1 + n % 5],
      case when status <> 'not_started' then 'acct_seed' || number end, status,
      case when status in ('incomplete', 'restricted')
        then '[{"field": "external_account", "due": "now", "by": null, "error": null}]' else '[]' end::jsonb,
      case status when 'restricted' then 'requirements.past_due'
        when 'disconnected' then 'account_closed' end,
      status = 'ready', status = 'ready', status not in ('not_started', 'incomplete'),
      (${CURRENCIES}::text[])[1 + n % 5], pg_temp.moment(0), now(), now(),
      case when status <> 'not_started' then pg_temp.moment(0) end,
      case when status = 'disconnected' then now() end
    from generate_series(1, ${sellers}::bigint) as n,
      lateral (select lpad(n::text, 6, '0') as number, pg_temp.fraction(n, 1) as fate) as drawn,
      lateral (select case when fate < 0.86 then 'ready' when fate < 0.9 then 'incomplete'
        when fate < 0.93 then 'restricted' when fate < 0.96 then 'under_review'
        when fate < 0.99 then 'not_started' else 'disconnected' end as status) as standing`;
  await sql`
    insert into quittance.known_account (account, livemode)
    select account, false from quittance.seller
    where id like 'sel_seed%' and account is not null and status <> 'disconnected'`;
}

/** A payout a week for each seller that is ready; one in a hundred failed. */
export async function insertPayouts(sql: Sql, { days }: SeedPlan): Promise<void> {
  const weeks = Math.ceil(days / DAYS_A_WEEK);
  await sql`
    insert into quittance.payout
      (id, account, livemode, seller, amount, currency, status, method, automatic, arrival_date,
       failure_code, failure_message, created_at)
    select 'po_seed' || right(s.id, 6) || lpad(week::text, 3, '0'), s.account, false, s.id,
      5000 + floor(pg_temp.fraction(week + hashtext(s.id), 2) * 90000)::bigint, s.default_currency,
      case when failed then 'failed' when week = ${weeks}::integer then 'in_transit' else 'paid' end,
      'standard', true, at + interval '2 days', case when failed then 'account_closed' end,
      case when failed then 'The bank account has been closed.' end, at
    from quittance.seller s cross join generate_series(1, ${weeks}::integer) as week,
      lateral (select pg_temp.moment(week::float8 / ${weeks}::integer) as at,
                      pg_temp.fraction(week + hashtext(s.id), 3) < 0.01 as failed) as drawn
    where s.id like 'sel_seed%' and s.status = 'ready'`;
}
