-- The app's own tables. Safe to run again.

create table if not exists payment_note (
  id bigint generated always as identity primary key,
  -- Quittance's id of the app on an account in one mode: live and test notes never meet.
  install text not null,
  -- What the note is about: cus_…, pi_… or ch_….
  object text not null,
  -- The Dashboard user who wrote it.
  author text not null,
  text text not null check (char_length(text) between 1 and 2000),
  created_at timestamptz not null default now()
);
create index if not exists payment_note_by_object on payment_note (install, object, id desc);

-- How many notes an account had, day by day.
create table if not exists payment_note_count (
  install text not null,
  day date not null,
  notes integer not null,
  primary key (install, day)
);

-- Who uses the app, for the people who support it.
create table if not exists payment_note_user (
  install text primary key,
  account text not null,
  livemode boolean not null,
  permissions text[] not null,
  left_at timestamptz
);
