-- The trace an event arrived in, for the time until it is handled. Written only while somebody traces; null
-- takes no room in the row.
alter table quittance.work add column traceparent text collate "C";

-- When a signing secret was last found right, so that one can be removed that nobody signs with any more.
create table quittance.secret_use (
  -- Which of our addresses, for example `/api/webhook`.
  endpoint text collate "C" not null,
  -- The beginning of a hash of the secret: tells secrets apart, and tells nothing of them.
  fingerprint text collate "C" not null,
  uses bigint not null,
  first_at timestamptz not null default now(),
  last_at timestamptz not null default now(),
  primary key (endpoint, fingerprint)
);
