-- Sellers, split payments, and every call that moves money.

-- The accounts of others whose events are worked on. An event of an account that is not here, taken at the
-- Connect endpoint, is quarantined as 'unknown_account'; admitting the account later releases it.
create table quittance.known_account (
  account text collate "C" not null,
  livemode boolean not null,
  since timestamptz not null default now(),
  primary key (account, livemode)
);

-- The accounts with events in that quarantine. The statement that puts an event there writes (and locks) this
-- row as well, so whoever deletes it and then releases finds every event that it stood for, also one whose
-- statement had begun before the account was known.
create table quittance.unknown_account (
  account text collate "C" not null,
  livemode boolean not null,
  first_at timestamptz not null default now(),
  last_at timestamptz not null default now(),
  alarmed boolean not null default false,
  primary key (account, livemode)
);

-- One row for each connected account, written before Stripe is asked for it.
create table quittance.seller (
  id text collate "C" primary key,
  livemode boolean not null,
  -- The platform's own id of the seller: the same reference is the same seller.
  reference text collate "C" not null,
  mode text collate "C" not null check (mode in ('account_link', 'oauth')),
  -- Which kind of account is made, and through which API of Stripe.
  preset text collate "C" not null check (preset in ('marketplace', 'full_dashboard')),
  api text collate "C" not null check (api in ('v2', 'v1')),
  name text,
  email text,
  country text collate "C" check (country ~ '^[A-Z]{2}$'),
  business_type text collate "C",
  account text collate "C",
  -- What Stripe was or will be asked for, word for word, so that a repeat under the same key is the same
  -- request. It holds personal data, so it goes as soon as the account is there.
  create_params jsonb,
  create_attempt integer not null default 1,
  create_tried_at timestamptz,
  -- Field of the request -> keyed hash of what it said, so that a repeat that contradicts is noticed after
  -- create_params are gone.
  request_hashes jsonb not null default '{}',
  status text collate "C" not null default 'not_started' check (status in
    ('not_started', 'incomplete', 'under_review', 'restricted', 'ready', 'disconnected')),
  -- What Stripe still wants: [{"field", "due": "now" | "past" | "later", "by": ISO 8601 or null, "error"}].
  requirements jsonb not null default '[]',
  -- Why it is restricted or disconnected, in Stripe's words or ours.
  reason text,
  charges_enabled boolean not null default false,
  payouts_enabled boolean not null default false,
  details_submitted boolean not null default false,
  default_currency text collate "C",
  dashboard text collate "C",
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  -- When Stripe was last asked about it.
  checked_at timestamptz not null default now(),
  -- When Stripe was last asked for the account's payouts.
  payouts_checked_at timestamptz,
  connected_at timestamptz,
  disconnected_at timestamptz,
  version integer not null default 1,
  unique (livemode, reference),
  unique (livemode, account),
  check (account is not null or status in ('not_started', 'disconnected'))
);
create index seller_by_status on quittance.seller (livemode, status, id);
create index seller_by_check on quittance.seller (checked_at) where account is not null;

-- OAuth's `state`, known by its hash: good once, for the browser session that asked, for ten minutes.
create table quittance.oauth_state (
  state_hash bytea primary key,
  session_hash bytea not null,
  seller text collate "C" not null references quittance.seller,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  used_at timestamptz
);

-- Links that are good once and were used, and sessions that were ended, by the hash of their token.
create table quittance.spent_token (
  hash bytea primary key,
  -- When the token would have ended by itself; from then on nobody needs to know.
  expires_at timestamptz not null
);

-- What an order consists of and who is paid by it.
alter table quittance.orders
  -- [{"product", "name", "quantity", "unit_amount", "amount", "seller", "fee"}], as it was when it was ordered.
  add column items jsonb not null default '[]',
  add column charge_type text collate "C" not null default 'platform'
    check (charge_type in ('platform', 'destination', 'separate', 'direct')),
  -- The connected account that receives a destination charge, or on which a direct charge is made.
  add column destination text collate "C",
  add column on_behalf_of boolean not null default false,
  -- What the platform keeps of what sellers sold: the fees of the shares together.
  add column fee bigint not null default 0 check (fee >= 0),
  add column charge text collate "C",
  -- What was given back, pending refunds included.
  add column refunded bigint not null default 0 check (refunded >= 0),
  -- inquiry: the bank only asks, and the money is here.
  add column dispute_state text collate "C" check (dispute_state in ('inquiry', 'open', 'lost', 'won'));
update quittance.orders set items = json_build_array(json_build_object(
  'product', product, 'name', product_name, 'quantity', quantity, 'unit_amount', unit_amount,
  'amount', amount, 'seller', null, 'fee', 0));
-- A cart is no single product.
alter table quittance.orders alter column product drop not null;
alter table quittance.orders alter column product_name drop not null;
alter table quittance.orders alter column unit_amount drop not null;
alter table quittance.orders drop constraint orders_check;
alter table quittance.orders add constraint orders_amount
  check (product is null or amount = unit_amount * quantity);
alter table quittance.orders add constraint orders_fee check (fee <= amount);
alter table quittance.orders add constraint orders_refunded check (refunded <= amount);
alter table quittance.orders add constraint orders_destination
  check ((charge_type in ('destination', 'direct')) = (destination is not null));
alter table quittance.orders add constraint orders_direct
  check (account = case when charge_type = 'direct' then destination else '' end);
create index orders_by_charge on quittance.orders (charge) where charge is not null;
-- A key is one order whatever account it is paid on, and a session is looked for without knowing its account.
alter table quittance.orders drop constraint orders_account_livemode_request_key_key;
alter table quittance.orders add constraint orders_request_key unique (livemode, request_key);
create index orders_by_session on quittance.orders (checkout_session) where checkout_session is not null;

-- The part of an order that is for one seller: gross, the platform's fee, and how it got there.
create table quittance.order_share (
  order_id text collate "C" not null references quittance.orders,
  seller text collate "C" not null references quittance.seller,
  amount bigint not null check (amount > 0),
  fee bigint not null check (fee between 0 and amount),
  currency text collate "C" not null,
  -- Stripe's transfer to the seller; a direct charge has none.
  transfer text collate "C",
  -- Was refunded before the transfer of a separate charge was made, so it was never transferred.
  withheld bigint not null default 0 check (withheld >= 0),
  -- Of the transfer: what refunds and disputes took back.
  reversed bigint not null default 0 check (reversed >= 0),
  primary key (order_id, seller)
);
create index order_share_by_seller on quittance.order_share (seller, order_id);

-- Every call that moves money. The row comes first and holds what is sent, so that the call can be repeated
-- after any crash under the same key, or found again when Stripe may have forgotten the key.
create table quittance.movement (
  id text collate "C" primary key,
  -- The Stripe account the call is made on: '' is our own.
  account text collate "C" not null default '',
  livemode boolean not null,
  kind text collate "C" not null check (kind in ('refund', 'transfer', 'reversal', 'payout')),
  -- Who planned it and what happens when it is done.
  purpose text collate "C" not null,
  -- What it is for: there is one movement for each.
  subject text collate "C" not null,
  order_id text collate "C" references quittance.orders,
  amount bigint not null check (amount > 0),
  currency text collate "C" not null,
  -- kind reversal: the transfer that is reversed.
  target text collate "C",
  params jsonb not null,
  -- Part of the idempotency key; a new number when the old key stands for an old error or may be forgotten.
  attempt integer not null default 1,
  -- When the present key was used first.
  tried_at timestamptz,
  -- How often it was put off: each time for longer.
  postponed integer not null default 0,
  run_at timestamptz not null default now(),
  status text collate "C" not null default 'planned' check (status in ('planned', 'done', 'refused')),
  stripe_id text collate "C",
  -- Stripe's code and words, when it refused or can't do it now.
  error_code text collate "C",
  error text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (livemode, purpose, subject),
  check ((status = 'done') = (stripe_id is not null)),
  check ((kind = 'reversal') = (target is not null))
);
create index movement_planned on quittance.movement (run_at) where status = 'planned';
create index movement_by_stripe_id on quittance.movement (stripe_id) where stripe_id is not null;
create index movement_by_order on quittance.movement (order_id) where order_id is not null;

-- Refunds of our orders, asked for here or made in Stripe's Dashboard.
create table quittance.refund (
  id text collate "C" primary key,
  account text collate "C" not null default '',
  livemode boolean not null,
  order_id text collate "C" not null references quittance.orders,
  amount bigint not null check (amount > 0),
  currency text collate "C" not null,
  reason text collate "C",
  reverse_transfer boolean not null default false,
  refund_application_fee boolean not null default false,
  -- requested: not yet at Stripe. refused: Stripe would not make it. The others are Stripe's.
  status text collate "C" not null check (status in
    ('requested', 'pending', 'requires_action', 'succeeded', 'failed', 'canceled', 'refused')),
  failure_reason text,
  stripe_refund text collate "C",
  source text collate "C" not null check (source in ('api', 'stripe')),
  request_key text collate "C",
  request_hash text collate "C",
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (order_id, request_key),
  unique (account, livemode, stripe_refund)
);
create index refund_by_order on quittance.refund (order_id);

create table quittance.dispute (
  id text collate "C" not null,
  account text collate "C" not null default '',
  livemode boolean not null,
  order_id text collate "C" references quittance.orders,
  charge text collate "C" not null,
  payment_intent text collate "C",
  amount bigint not null,
  currency text collate "C" not null,
  reason text collate "C" not null,
  -- Stripe's words: warning_needs_response, needs_response, under_review, won, lost, …
  status text collate "C" not null,
  -- An inquiry: the bank asks, no money has moved.
  is_inquiry boolean not null default false,
  evidence_due_by timestamptz,
  has_evidence boolean not null default false,
  past_due boolean not null default false,
  submission_count integer not null default 0,
  -- The last deadline alert: hours before the end that were left at the time.
  alerted_hours integer,
  opened_at timestamptz not null,
  closed_at timestamptz,
  updated_at timestamptz not null default now(),
  primary key (account, livemode, id)
);
create index dispute_by_order on quittance.dispute (order_id) where order_id is not null;
create index dispute_by_deadline on quittance.dispute (evidence_due_by)
  where closed_at is null and evidence_due_by is not null;

create table quittance.fraud_warning (
  id text collate "C" not null,
  account text collate "C" not null default '',
  livemode boolean not null,
  order_id text collate "C" references quittance.orders,
  charge text collate "C" not null,
  fraud_type text collate "C" not null,
  -- Whether it could still be refunded before a dispute comes.
  actionable boolean not null,
  created_at timestamptz not null,
  updated_at timestamptz not null default now(),
  primary key (account, livemode, id)
);

-- Payouts of sellers, as Stripe last told. One that is paid can still fail.
create table quittance.payout (
  id text collate "C" not null,
  account text collate "C" not null,
  livemode boolean not null,
  seller text collate "C" references quittance.seller,
  amount bigint not null,
  currency text collate "C" not null,
  status text collate "C" not null check (status in ('pending', 'in_transit', 'paid', 'failed', 'canceled')),
  method text collate "C" not null,
  automatic boolean not null,
  arrival_date timestamptz,
  failure_code text collate "C",
  failure_message text,
  created_at timestamptz not null,
  updated_at timestamptz not null default now(),
  primary key (account, livemode, id)
);
create index payout_by_time on quittance.payout (account, livemode, created_at desc, id desc);
