-- The event log, the work list and what became of each event.

-- Append-only. `id` is Stripe's event id; a body that has none is known by its own hash, so that Stripe's
-- repeats of it are still one row. (account, livemode) stands in every key: test and live, platform and
-- connected account never meet.
create table quittance.event (
  seq bigint generated always as identity primary key,
  id text collate "C" not null,
  account text collate "C" not null default '',
  livemode boolean not null,
  type text collate "C" not null,
  kind text collate "C" not null check (kind in ('snapshot', 'thin', 'unreadable')),
  api_version text collate "C",
  object_id text collate "C",
  created timestamptz,
  received_at timestamptz not null default now(),
  source text collate "C" not null check (source in ('webhook', 'reconcile', 'cli')),
  endpoint text collate "C",
  deliveries integer not null default 1 check (deliveries > 0),
  -- Why this event was put aside when it arrived; null for all that could be read.
  problem text collate "C",
  -- The transaction that stored it: a reader that pages by seq stops before transactions still open.
  stored_by xid8 not null default pg_current_xact_id(),
  body bytea not null,
  constraint event_once unique (account, livemode, id)
);

-- A body is 2 KB: by default PostgreSQL would compress it (20 microseconds each with pglz) or move it to
-- another table. Up to one page it stays in the row, as it is.
alter table quittance.event alter column body set storage external;
alter table quittance.event set (toast_tuple_target = 8160);

create index event_by_type on quittance.event (type, seq);
create index event_by_object on quittance.event (object_id, seq) where object_id is not null;

-- The key of an event is its object. An event without one stands alone.
create function quittance.key_of(account text, livemode boolean, object_id text, id text)
returns text immutable parallel safe language sql
return account || case when livemode then '/live/' else '/test/' end || coalesce(object_id, id);

-- One narrow row for each event that is not done. Done means deleted; the log stays.
-- lane 0: handlers that only touch the database, run in batches; lane 1: handlers that read Stripe.
create table quittance.work (
  key text collate "C" not null,
  seq bigint not null,
  lane smallint not null default 0 check (lane in (0, 1)),
  run_at timestamptz not null default now(),
  attempts integer not null default 0,
  -- Set when a process died while this event was in its hands: it is run alone from then on.
  suspect boolean not null default false,
  primary key (key, seq)
) with (
  -- A queue turns over completely: with the default scale factor vacuum comes once in 50 rows + 20 %.
  autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 2000,
  autovacuum_analyze_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0, fillfactor = 90
);
create index work_by_time on quittance.work (lane, run_at);

-- Every failed attempt, for ever: what a dead letter shows.
create table quittance.failure (
  seq bigint not null references quittance.event,
  attempt integer not null,
  at timestamptz not null default now(),
  error text not null,
  primary key (seq, attempt, at)
);

-- How an event ended, when it did not simply get done.
create table quittance.outcome (
  seq bigint primary key references quittance.event,
  status text collate "C" not null check (status in ('ignored', 'dead', 'quarantined')),
  reason text not null,
  at timestamptz not null default now()
);
create index outcome_by_status on quittance.outcome (status, seq);

-- One row for each running process; one silent for too long is dead.
create table quittance.process (
  id text primary key,
  role text not null,
  started_at timestamptz not null default now(),
  beat_at timestamptz not null default now(),
  job_workers text[] not null default '{}'
);

-- What a drain worker has in its hands, so that the events of a killed process are known. Unlogged: it
-- only has to survive our crash, not PostgreSQL's.
create unlogged table quittance.in_hand (
  process text not null,
  worker integer not null,
  keys text[] not null,
  seqs bigint[] not null,
  primary key (process, worker)
);

-- Things a person should look at. One row for each kind and subject, counted.
create table quittance.alarm (
  code text not null,
  subject text not null default '',
  detail text not null,
  count integer not null default 1,
  first_at timestamptz not null default now(),
  last_at timestamptz not null default now(),
  primary key (code, subject)
);
