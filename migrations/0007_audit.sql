-- Who did what. Nobody can change or remove a line, and each one holds the hash of the line before, so that
-- what a superuser did behind the trigger's back is found.
create table quittance.audit (
  seq bigint generated always as identity primary key,
  at timestamptz not null default clock_timestamp(),
  -- The same for what was asked and for what came of it.
  request uuid not null,
  actor_kind text collate "C" not null check (actor_kind in ('api_key', 'operator', 'link', 'cli', 'nobody')),
  -- The operator's id, or what else acted.
  actor text collate "C" not null,
  actor_name text not null,
  role text collate "C",
  address text,
  action text collate "C" not null,
  target text not null default '',
  detail jsonb not null default '{}',
  -- done, the code of the problem, `failed`, or null for what was asked for.
  outcome text collate "C",
  hash bytea not null
);
create index audit_by_request on quittance.audit (request);
create index audit_by_actor on quittance.audit (actor, seq);
create index audit_by_target on quittance.audit (target, seq) where target <> '';

create function quittance.audit_hash(line quittance.audit, before bytea) returns bytea
immutable language sql
return sha256(before || convert_to(jsonb_build_array(
  line.seq, extract(epoch from line.at), line.request, line.actor_kind, line.actor, line.actor_name, line.role,
  line.address, line.action, line.target, line.detail, line.outcome)::text, 'UTF8'));

-- One line at a time, or two could name the same line as the one before them.
create function quittance.chain_audit() returns trigger language plpgsql as $$
declare
  before bytea;
begin
  perform pg_advisory_xact_lock(1364542836, 7);
  select hash into before from quittance.audit order by seq desc limit 1;
  -- The number is taken under the lock, so that the order of numbers is the order of the chain.
  new.seq := nextval(pg_get_serial_sequence('quittance.audit', 'seq'));
  new.hash := quittance.audit_hash(new, coalesce(before, ''));
  return new;
end $$;
create trigger audit_chain before insert on quittance.audit
  for each row execute function quittance.chain_audit();

create function quittance.refuse_audit_change() returns trigger language plpgsql as $$
begin
  raise exception 'the audit log can only be added to' using errcode = 'insufficient_privilege';
end $$;
create trigger audit_append_only before update or delete on quittance.audit
  for each row execute function quittance.refuse_audit_change();
create trigger audit_no_truncate before truncate on quittance.audit
  for each statement execute function quittance.refuse_audit_change();
