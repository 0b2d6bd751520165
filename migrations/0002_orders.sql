-- What we sell: one row for each order, written before Stripe is asked for anything.
create table quittance.orders (
  id text collate "C" primary key,
  account text collate "C" not null default '',
  livemode boolean not null,
  product text collate "C" not null,
  product_name text not null,
  quantity integer not null check (quantity > 0),
  unit_amount bigint not null check (unit_amount > 0),
  amount bigint not null,
  currency text collate "C" not null check (currency ~ '^[a-z]{3}$'),
  email text,
  status text collate "C" not null default 'pending' check (status in
    ('pending', 'processing', 'failed', 'expired', 'paid', 'fulfilled', 'refunded', 'disputed', 'review')),
  -- Why it is in review, why the last payment attempt failed, or why fulfilment did; shown to operators.
  problem text,
  -- The buyer's Idempotency-Key and what was asked with it: the same key twice is the same order.
  request_key text collate "C",
  request_hash text collate "C" not null,
  -- Where the buyer pays: Stripe's page or ours.
  ui text collate "C" not null check (ui in ('hosted_page', 'elements')),
  -- Exactly what is sent to Stripe, so that a repeat under the same key has the same parameters.
  checkout_params jsonb not null,
  -- Part of the idempotency key; a new number when Stripe keeps answering an old key with its old error.
  checkout_attempt integer not null default 1,
  checkout_tried_at timestamptz,
  checkout_session text collate "C",
  checkout_url text,
  payment_intent text collate "C",
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  -- When Stripe was last asked about it.
  checked_at timestamptz not null default now(),
  paid_at timestamptz,
  fulfilled_at timestamptz,
  -- Counts the changes, for those who watch an order.
  version integer not null default 1,
  check (amount = unit_amount * quantity),
  check (fulfilled_at is null or paid_at is not null),
  check (status <> 'fulfilled' or fulfilled_at is not null),
  check (status not in ('pending', 'processing', 'failed', 'expired') or paid_at is null),
  unique (account, livemode, request_key),
  unique (account, livemode, checkout_session),
  unique (account, livemode, payment_intent)
);

-- The orders whose state at Stripe is still to be looked after.
create index orders_unsettled on quittance.orders (checked_at)
  where status in ('pending', 'processing', 'failed', 'paid');
