-- What the console's lists of events stand on: every filter has an index whose order is the log's.

-- By id first, so that an event is found by its id alone. The same rows are refused as before.
alter table quittance.event drop constraint event_once;
alter table quittance.event add constraint event_once unique (id, account, livemode);

-- Test and live are never in one list, and either may be rare: a live endpoint also receives test events.
create index event_by_mode on quittance.event (livemode, seq);
drop index quittance.event_by_type;
create index event_by_type on quittance.event (livemode, type, seq);
-- The type stands in it so that a rare one of a busy account is found without reading the account's events.
-- Events of our own account cost it nothing.
create index event_by_account on quittance.event (account, livemode, seq, type) where account <> '';

-- What failed and waits: few rows of many, whatever the backlog.
create index work_retrying on quittance.work (seq) where attempts > 0;

-- The number below which every event was received before `moment`: the log grows in the order of time, but
-- for transactions side by side, so whoever asks for a span leaves a minute on both sides. Twenty steps in a
-- million, and no index on the time.
create function quittance.seq_at(moment timestamptz) returns bigint stable language plpgsql as $$
declare
  low bigint := 0;
  high bigint := coalesce((select max(seq) from quittance.event), 0) + 1;
  middle bigint;
  found_seq bigint;
  found_at timestamptz;
begin
  while low < high loop
    middle := (low + high) / 2;
    select seq, received_at into found_seq, found_at
    from quittance.event where seq >= middle order by seq limit 1;
    if found_seq is null or found_at >= moment then
      high := middle;
    else
      low := found_seq + 1;
    end if;
  end loop;
  return low;
end $$;

-- Every arrival of an event after its first: Stripe repeats.
create table quittance.delivery (
  seq bigint not null references quittance.event,
  at timestamptz not null default now(),
  source text collate "C" not null,
  endpoint text collate "C",
  -- More than one when they came within one statement.
  count integer not null default 1 check (count > 0)
);
create index delivery_by_event on quittance.delivery (seq, at);

-- Events of a filter that are run again, some a second, in the order of the log.
create table quittance.replay_run (
  id text collate "C" primary key,
  livemode boolean not null,
  -- As it was asked for, and what tells two of them apart.
  filter jsonb not null,
  filter_key bytea not null,
  force boolean not null,
  per_second integer not null check (per_second > 0),
  status text collate "C" not null default 'running' check (status in ('running', 'done', 'canceled')),
  -- How many were counted when it began; at least so many when `is_more`.
  total integer not null,
  is_more boolean not null,
  -- The last event of the log when it began: what came later is not run again.
  until_seq bigint not null,
  -- The last event that was seen to.
  cursor bigint not null default 0,
  queued integer not null default 0,
  -- Events that could not be run or need not be: {"already_done": 3}.
  skipped jsonb not null default '{}',
  started_by text not null,
  started_by_name text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  finished_at timestamptz
);
create unique index replay_run_once on quittance.replay_run (filter_key) where status = 'running';
create index replay_run_by_time on quittance.replay_run (livemode, created_at desc, id desc);
