import type { Sql } from '../../db/sql.ts';
import type { SeedPlan } from './plan.ts';

const API_VERSION = '2026-10-28.endive';
const CUSTOMERS = 50_000;
// Every fifth event is one of these; each has the share from its number to the next one's.
const OTHERS: readonly [string, number][] = [
  ['customer.updated', 0],
  ['customer.created', 0.2],
  ['charge.refunded', 0.4],
  ['charge.dispute.created', 0.55],
  ['invoice.paid', 0.6],
  ['invoice.payment_failed', 0.7],
  ['account.updated', 0.75],
  ['transfer.created', 0.8],
  ['payout.paid', 0.9],
  ['payout.failed', 0.99],
  ['price.updated', 0.999],
];
const OTHER_TYPES = OTHERS.map(([type]) => type);
const OTHER_SHARES = OTHERS.map(([, share]) => share);

// What of Stripe's events matters here, in about their size. The note is for whoever shows it to people.
const BODY = JSON.stringify(
  {
    id: 'evt_seed%1$s',
    object: 'event',
    account: 0,
    api_version: API_VERSION,
    created: 1,
    data: {
      object: {
        id: '%5$s',
        object: '%6$s',
        amount: 2,
        billing_details: {
          address: { city: 'Oslo', country: 'NO', line1: 'Storgata 1', line2: null, postal_code: '0155' },
          email: 'buyer@example.com',
          name: 'Ann Example',
        },
        client_secret: '%5$s_secret_%10$s',
        created: 1,
        currency: 'usd',
        customer: 'cus_seed%8$s',
        description: 'Order ord_seed%9$s',
        latest_charge: 'ch_seed%9$s',
        livemode: false,
        metadata: { order_id: 'ord_seed%9$s', note: '<b>made by seed</b>' },
        payment_intent: 'pi_seed%9$s',
        status: 'succeeded',
      },
    },
    livemode: false,
    pending_webhooks: 0,
    request: { id: 'req_seed%1$s', idempotency_key: null },
    type: '%3$s',
  },
  null,
  2,
)
  .replace('"account": 0', '"account": %2$s')
  .replaceAll('"created": 1', '"created": %4$s')
  .replace('"amount": 2', '"amount": %7$s');

/**
 * Events `first` to `last`: each order has its share of them, in the order in which Stripe would tell of it,
 * and every fifth is about something else.
 */
export async function insertEvents(
  sql: Sql,
  { events, orders, sellers, base }: SeedPlan,
  first: number,
  last: number,
): Promise<void> {
  await sql`
    insert into quittance.event
      (seq, id, account, livemode, type, kind, api_version, object_id, created, received_at, source,
       endpoint, deliveries, problem, body)
    overriding system value
    select ${base}::bigint + n, 'evt_seed' || number, account, false, type, 'snapshot', ${API_VERSION},
      object, date_trunc('second', at), at,
      case when pg_temp.fraction(n, 31) < 0.001 then 'reconcile' else 'webhook' end,
      case when account = '' then '/api/webhook' else '/api/webhook/connect' end,
      case when again < 0.005 then 3 when again < 0.025 then 2 else 1 end,
      case when pg_temp.fraction(n, 33) < 0.004 then 'unknown_api_version' end,
      convert_to(format(${BODY}, number, coalesce(to_json(nullif(account, ''))::text, 'null'), type,
        extract(epoch from at)::bigint, object, split_part(type, '.', 1), 350 * (1 + n % 40), customer,
        of_order, md5(number)), 'UTF8')
    from generate_series(${first}::bigint, ${last}::bigint) as n,
      lateral (select lpad(n::text, 9, '0') as number, pg_temp.moment((n - 1)::float8 / ${events}) as at,
        lpad((1 + ((n - 1) * ${orders}::bigint) / ${events}::bigint)::text, 9, '0') as of_order,
        n % 5 as step, pg_temp.fraction(n, 32) as again, pg_temp.fraction(n, 34) as kind,
        pg_temp.fraction(n, 35) as side,
        lpad((1 + floor(pg_temp.fraction(n, 36) * ${CUSTOMERS}))::text, 9, '0') as customer,
        'acct_seed' || lpad((1 + floor(power(pg_temp.fraction(n, 37), 2) * ${sellers}))::text, 6, '0')
          as seller) as drawn,
      lateral (select case step
          when 1 then 'payment_intent.created' when 2 then 'checkout.session.completed'
          when 3 then case when kind < 0.03 then 'payment_intent.payment_failed' else 'charge.succeeded' end
          when 4 then 'payment_intent.succeeded'
          else (${OTHER_TYPES}::text[])[width_bucket(kind, ${OTHER_SHARES}::float8[])] end as type) as chosen,
      lateral (select case
          when ${sellers} > 0 and step = 0
            and (type like 'payout.%' or type = 'account.updated' or side < 0.2) then seller
          else '' end as account,
        case split_part(type, '.', 1)
          when 'payment_intent' then 'pi_seed' || of_order when 'checkout' then 'cs_seed' || of_order
          when 'charge' then
            case type when 'charge.dispute.created' then 'dp_seed' else 'ch_seed' end || of_order
          when 'customer' then 'cus_seed' || customer when 'invoice' then 'in_seed' || number
          when 'account' then seller when 'transfer' then 'tr_seed' || of_order
          when 'payout' then 'po_seed' || number else 'price_seed' || n % 100 end as object) as about`;
}

/** What became of the events `first` to `last` that did not simply get done. */
export async function insertEnds(sql: Sql, { base }: SeedPlan, first: number, last: number): Promise<void> {
  const [from, to] = [base + first, base + last];
  await sql`
    insert into quittance.outcome (seq, status, reason, at)
    select seq,
      case when problem is not null then 'quarantined' when fate < 0.01 then 'dead' else 'ignored' end,
      coalesce(problem, case when fate < 0.01 then 'Error: the ledger refused the booking'
        else 'no order of ours' end), received_at + interval '1 second'
    from quittance.event, lateral (select pg_temp.fraction(seq - ${base}::bigint, 41) as fate) as drawn
    where seq between ${from} and ${to} and (problem is not null or fate < 0.03)`;
  await sql`
    insert into quittance.failure (seq, attempt, at, error)
    select o.seq, attempt, o.at + attempt * interval '7 minutes', o.reason
    from quittance.outcome o cross join generate_series(1, 3) as attempt
    where o.seq between ${from} and ${to} and o.status = 'dead'`;
  await sql`
    insert into quittance.delivery (seq, at, source, endpoint)
    select seq, received_at + again * interval '1 hour', 'webhook', endpoint
    from quittance.event cross join lateral generate_series(1, deliveries - 1) as again
    where seq between ${from} and ${to} and deliveries > 1`;
}

/** The newest payments wait: the first event failed and will be tried again, the next stand behind it. */
export async function insertWaiting(sql: Sql, { base, events }: SeedPlan, payments: number): Promise<void> {
  await sql`
    with waiting as (
      select e.seq, e.object_id, row_number() over (partition by e.object_id order by e.seq) as place
      from quittance.event e
      where e.seq > ${base + events - 5 * payments} and e.type like 'payment_intent.%'
        and not exists (select from quittance.outcome o where o.seq = e.seq)
    ), queued as (
      insert into quittance.work (key, seq, run_at, attempts)
      select quittance.key_of('', false, object_id, ''), seq, now() + interval '3 hours',
        case when place = 1 then 2 else 0 end
      from waiting
    )
    insert into quittance.failure (seq, attempt, at, error)
    select seq, attempt, now() - (3 - attempt) * interval '1 minute',
      'Error: the warehouse did not answer'
    from waiting cross join generate_series(1, 2) as attempt where place = 1`;
}

/** So that the first list knows what is where. */
export async function analyzeSeed(connection: { query: (text: string) => Promise<unknown> }): Promise<void> {
  await connection.query(
    'vacuum analyze quittance.event, quittance.orders, quittance.outcome, quittance.failure,' +
      ' quittance.work, quittance.refund, quittance.movement, quittance.delivery,' +
      ' quittance.order_share, quittance.payout',
  );
}
