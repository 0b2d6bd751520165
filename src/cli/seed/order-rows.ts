import type { Sql } from '../../db/sql.ts';
import type { SeedPlan } from './plan.ts';

const PRODUCTS = ['coffee', 'mug', 'beans', 'grinder', 'kettle', 'class'];
const NAMES = ['Coffee', 'Mug', 'Beans, 1 kg', 'Hand grinder', 'Kettle', 'Barista class'];
const PRICES = [350, 1400, 2200, 8900, 6500, 12_000];
const BUYERS = 50_000;
// Of the newest orders some are still open.
const RECENT_ORDERS = 400;
const PROBLEMS = {
  failed: 'card_declined: Your card has insufficient funds.',
  review: 'The amount that was paid is not the amount of the order.',
  paid: 'fulfil failed: Error: the warehouse did not answer',
};

/** Orders `first` to `last`, from the oldest to the newest. Nine in ten are done. */
export async function insertOrders(
  sql: Sql,
  { orders, sellers }: SeedPlan,
  first: number,
  last: number,
): Promise<void> {
  await sql`
    insert into quittance.orders
      (id, account, livemode, product, product_name, quantity, unit_amount, amount, currency, email, status,
       problem, request_hash, ui, checkout_params, checkout_session, payment_intent, charge, items,
       charge_type, destination, fee, refunded, dispute_state, created_at, updated_at, checked_at, paid_at,
       fulfilled_at)
    select 'ord_seed' || number, case when type = 'direct' then seller else '' end, false, product, name,
      quantity, price, amount, currency, 'buyer' || buyer || '@example.com', status,
      ${JSON.stringify(PROBLEMS)}::jsonb ->> status, '', 'hosted_page', '{}', 'cs_seed' || number,
      'pi_seed' || number, case when is_paid then 'ch_seed' || number end,
      jsonb_build_array(jsonb_build_object('product', product, 'name', name, 'quantity', quantity,
        'unit_amount', price, 'amount', amount, 'fee', fee,
        'seller', case when type <> 'platform' then reference end)),
      type, case when type in ('destination', 'direct') then seller end, fee,
      case when status = 'refunded' then amount when partly then amount / 2 else 0 end,
      case when status = 'disputed' then 'open' end, at, at + interval '2 minutes', now(),
      case when is_paid then at + interval '1 minute' end,
      case when is_paid and status not in ('paid', 'review') then at + interval '61 seconds' end
    from generate_series(${first}::bigint, ${last}::bigint) as n,
      lateral (select lpad(n::text, 9, '0') as number, pg_temp.moment((n - 1)::float8 / ${orders}) as at,
        1 + floor(pg_temp.fraction(n, 11) * 6)::integer as item,
        1 + floor(power(pg_temp.fraction(n, 12), 3) * 4)::integer as quantity,
        pg_temp.fraction(n, 13) as money, pg_temp.fraction(n, 14) as fate, pg_temp.fraction(n, 15) as kind,
        1 + floor(pg_temp.fraction(n, 21) * ${BUYERS})::integer as buyer,
        'acct_seed' || lpad((1 + floor(power(pg_temp.fraction(n, 16), 2) * ${sellers}))::text, 6, '0')
          as seller,
        'seed-' || (1 + floor(power(pg_temp.fraction(n, 16), 2) * ${sellers})) as reference,
        n > ${orders}::bigint - ${RECENT_ORDERS} as is_recent) as drawn,
      lateral (select (${PRODUCTS}::text[])[item] as product, (${NAMES}::text[])[item] as name,
        (${PRICES}::bigint[])[item] as price,
        case when money < 0.6 then 'usd' when money < 0.85 then 'eur' when money < 0.95 then 'gbp'
             else 'jpy' end as currency,
        case when ${sellers} = 0 or kind < 0.8 then 'platform' when kind < 0.93 then 'destination'
             when kind < 0.97 then 'separate' else 'direct' end as type,
        case when is_recent and fate < 0.2 then 'pending' when is_recent and fate < 0.25 then 'processing'
             when is_recent and fate < 0.28 then 'paid' when fate < 0.87 then 'fulfilled'
             when fate < 0.915 then 'refunded' when fate < 0.965 then 'expired'
             when fate < 0.985 and is_recent then 'failed' when fate < 0.985 then 'expired'
             when fate < 0.995 then 'disputed' when fate < 0.997 then 'review' else 'fulfilled' end
          as status) as chosen,
      lateral (select price * quantity as amount,
        case when type = 'platform' then 0 else price * quantity / 10 end as fee,
        status in ('paid', 'fulfilled', 'refunded', 'disputed', 'review') as is_paid,
        status = 'fulfilled' and pg_temp.fraction(n, 17) < 0.01 as partly) as sums`;
}

/** What follows from the orders: shares of sellers, refunds, the movements behind them, disputes. */
export async function insertMoney(sql: Sql): Promise<void> {
  await sql`
    insert into quittance.order_share (order_id, seller, amount, fee, currency, transfer, reversed)
    select o.id, s.id, o.amount, o.fee, o.currency,
      case when is_transfer and o.charge is not null then 'tr_seed' || right(o.id, 9) end,
      case when is_transfer then o.refunded * (o.amount - o.fee) / o.amount else 0 end
    from quittance.orders o
    join quittance.seller s on not s.livemode and s.reference = o.items -> 0 ->> 'seller',
      lateral (select o.charge_type in ('destination', 'separate') as is_transfer) as way
    where o.id like 'ord_seed%'`;
  await sql`
    insert into quittance.refund
      (id, account, livemode, order_id, amount, currency, reason, reverse_transfer, status, stripe_refund,
       source, created_at, updated_at)
    select 'rfd_seed' || right(id, 9), account, false, id, refunded, currency,
      (array['requested_by_customer', 'duplicate', 'requested_by_customer'])[1 + length(email) % 3],
      charge_type <> 'platform', 'succeeded', 're_seed' || right(id, 9), 'api', at, at + interval '3 seconds'
    from quittance.orders, lateral (select least(paid_at + interval '1 day', now()) as at) as later
    where id like 'ord_seed%' and refunded > 0`;
  await sql`
    insert into quittance.movement
      (id, account, livemode, kind, purpose, subject, order_id, amount, currency, params, tried_at, run_at,
       status, stripe_id, created_at, updated_at)
    select 'mov_seed' || right(id, 9), account, false, 'refund', 'refund', id, order_id, amount, currency,
      '{}', created_at, created_at, 'done', stripe_refund, created_at, updated_at
    from quittance.refund where id like 'rfd_seed%'`;
  await sql`
    insert into quittance.dispute
      (id, account, livemode, order_id, charge, payment_intent, amount, currency, reason, status,
       evidence_due_by, opened_at)
    select 'dp_seed' || right(id, 9), account, false, id, charge, payment_intent, amount, currency,
      (array['fraudulent', 'product_not_received', 'duplicate'])[1 + length(email) % 3],
      case when at > now() - interval '14 days' then 'needs_response' else 'under_review' end,
      at + interval '14 days', at
    from quittance.orders, lateral (select least(paid_at + interval '5 days', now()) as at) as later
    where id like 'ord_seed%' and status = 'disputed'`;
}
