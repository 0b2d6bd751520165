-- People who sign in to the console, and how they prove who they are.
create table quittance.operator (
  id text collate "C" primary key,
  -- An e-mail address in lower case, or `admin`.
  name text collate "C" not null unique,
  role text collate "C" not null check (role in ('viewer', 'operator', 'admin')),
  -- scrypt with its parameters and salt; null for who signs in another way.
  password text,
  -- Who they are at the OpenID provider, from their first sign-in there.
  oidc_issuer text,
  oidc_subject text,
  created_at timestamptz not null,
  disabled_at timestamptz,
  check ((oidc_issuer is null) = (oidc_subject is null)),
  unique (oidc_issuer, oidc_subject)
);

-- Of whatever opens something the hash is kept: who reads this database can't use it.
create table quittance.operator_session (
  id text collate "C" primary key,
  token_hash bytea not null unique,
  operator text collate "C" not null references quittance.operator on delete cascade,
  created_at timestamptz not null,
  last_seen_at timestamptz not null,
  -- However busy it is.
  ends_at timestamptz not null,
  address text,
  user_agent text
);
create index operator_session_by_operator on quittance.operator_session (operator);
create index operator_session_by_end on quittance.operator_session (ends_at);

create table quittance.operator_link (
  token_hash bytea primary key,
  operator text collate "C" not null references quittance.operator on delete cascade,
  purpose text collate "C" not null check (purpose in ('sign_in', 'set_password')),
  created_at timestamptz not null,
  expires_at timestamptz not null
);
create index operator_link_by_end on quittance.operator_link (expires_at);

-- Failures of a name or an address, each by its keyed hash: people type passwords into the wrong field.
create table quittance.sign_in_attempt (
  key bytea primary key,
  failures integer not null check (failures >= 0),
  last_at timestamptz not null,
  locked_until timestamptz
);
create index sign_in_attempt_by_age on quittance.sign_in_attempt (last_at);

-- Browsers that were sent to the OpenID provider.
create table quittance.oidc_state (
  state_hash bytea primary key,
  browser_hash bytea not null,
  return_to text not null,
  expires_at timestamptz not null
);
create index oidc_state_by_end on quittance.oidc_state (expires_at);

create index audit_by_action on quittance.audit (action, seq);
