-- How far `/v1/events` has been read, for each account and mode.
create table quittance.reconcile (
  account text collate "C" not null,
  livemode boolean not null,
  -- Everything up to here has been read, with the overlap; the next run begins a little before.
  complete_until timestamptz not null,
  -- The last event of an unfinished run: a killed one goes on behind it.
  cursor_event text collate "C",
  finished_at timestamptz,
  primary key (account, livemode)
);
