-- Stripe Apps: who has installed ours, what is kept for them, and systems of others that are told of events.

-- Why the events of an account are worked on: it sells here, or has installed our app. It may be both, and one
-- ending does not end the other.
alter table quittance.known_account
  add column held_by text collate "C" not null default 'seller' check (held_by in ('seller', 'install'));
alter table quittance.known_account drop constraint known_account_pkey;
alter table quittance.known_account add primary key (account, livemode, held_by);

-- An app on an account. Uninstalled means disabled at once; the data go when `remove_at` has passed, and a
-- new install before that takes the row up again. One that comes later is a row of its own.
create table quittance.install (
  id text collate "C" primary key,
  account text collate "C" not null,
  livemode boolean not null,
  -- Of a server for sandboxes, which have test mode and keys of their own.
  sandbox boolean not null default false,
  -- Whose key calls Stripe for it: ours with `Stripe-Account`, a token of OAuth, or its own restricted key.
  access text collate "C" not null check (access in ('platform', 'oauth', 'restricted_api_key')),
  status text collate "C" not null default 'installed' check (status in ('installed', 'uninstalled', 'removed')),
  -- Stripe's own id of it (`apps.install`), once it was told.
  stripe_install text collate "C",
  permissions_granted text[] not null default '{}',
  permissions_pending text[] not null default '{}',
  approval_required boolean not null default false,
  -- Why it ended, in Stripe's words or ours.
  reason text,
  installed_at timestamptz not null default now(),
  uninstalled_at timestamptz,
  remove_at timestamptz,
  removed_at timestamptz,
  -- When Stripe was last asked about it.
  checked_at timestamptz not null default now(),
  version integer not null default 1,
  check (status = 'installed' or uninstalled_at is not null),
  check (status <> 'uninstalled' or remove_at is not null),
  check (status <> 'removed' or removed_at is not null)
);
create unique index install_once on quittance.install (account, livemode) where status <> 'removed';
create index install_by_status on quittance.install (livemode, status, id);

-- What was removed of an install: name -> count.
create table quittance.install_removal (
  install text collate "C" primary key references quittance.install,
  removed_at timestamptz not null default now(),
  what jsonb not null
);

-- Secrets at rest, sealed with AES-256-GCM under a key that follows from QUITTANCE_SECRET. `key_id` says which,
-- so that `quittance secrets rotate` finds what is still sealed with an old one.
create table quittance.vault (
  -- The install it belongs to.
  owner text collate "C" not null,
  kind text collate "C" not null check (kind in ('stripe_token', 'restricted_key', 'secret', 'connection')),
  name text collate "C" not null default '',
  key_id text collate "C" not null,
  sealed bytea not null,
  expires_at timestamptz,
  -- Grows with each new value.
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (owner, kind, name)
);
create index vault_by_key on quittance.vault (key_id);

-- Signed requests of the last minutes: each is good once, whichever process it comes to.
create table quittance.app_request (
  digest bytea primary key,
  expires_at timestamptz not null
);
create index app_request_by_end on quittance.app_request (expires_at);

-- A browser that was sent away to agree to something (Stripe's install page, another service's): known by the
-- hash of its `state`, good once, for the browser that was sent.
create table quittance.app_state (
  state_hash bytea primary key,
  session_hash bytea not null,
  purpose text collate "C" not null check (purpose in ('install', 'connection')),
  -- What it was about, for example {"install": "ins_…", "connection": "dropbox"}.
  subject jsonb not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz
);
create index app_state_by_end on quittance.app_state (expires_at);

-- How far a line of the app's timetable has come: a run for each installed account, page by page.
create table quittance.app_cron (
  line text collate "C" primary key,
  tick timestamptz not null,
  -- The last install that was seen to; null when all were.
  cursor text collate "C"
);

-- One row for each event that a sink is to have; its id is the `webhook-id` of every attempt.
create table quittance.sink_delivery (
  id text collate "C" primary key,
  sink text collate "C" not null,
  seq bigint not null references quittance.event,
  type text collate "C" not null,
  status text collate "C" not null default 'pending' check (status in ('pending', 'delivered', 'dead')),
  -- Since it was queued, at first or by a replay.
  attempts integer not null default 0,
  response_status integer,
  last_error text,
  created_at timestamptz not null default now(),
  queued_at timestamptz not null default now(),
  next_attempt_at timestamptz not null default now(),
  last_attempt_at timestamptz,
  delivered_at timestamptz,
  unique (sink, seq)
);
create index sink_delivery_by_status on quittance.sink_delivery (sink, status, seq);
create index sink_delivery_due on quittance.sink_delivery (sink, next_attempt_at) where status = 'pending';

-- A sink that could not be reached rests, so that it costs one time-out and not one for each delivery.
create table quittance.sink_rest (
  sink text collate "C" primary key,
  failures integer not null,
  rests_until timestamptz not null
);
