import type { Sql } from 'quittance';

const NOTES_PER_LIST_MAX = 50;

/** A note as the view shows it. */
export interface Note {
  id: string;
  text: string;
  /** The Dashboard user who wrote it: `usr_…`. */
  author: string;
  /** ISO 8601. */
  created_at: string;
}

/** The newest notes on an object, newest first. */
export async function notesOn(sql: Sql, install: string, object: string): Promise<Note[]> {
  const rows = await sql<NoteRow>`
    select id, text, author, created_at from payment_note
    where install = ${install} and object = ${object}
    order by id desc limit ${NOTES_PER_LIST_MAX}`;
  return rows.map(noteOf);
}

export async function addNote(
  sql: Sql,
  install: string,
  note: { object: string; author: string; text: string },
): Promise<Note> {
  const [row] = await sql<NoteRow>`
    insert into payment_note (install, object, author, text)
    values (${install}, ${note.object}, ${note.author}, ${note.text})
    returning id, text, author, created_at`;
  if (!row) throw new Error('insert returned no row');
  return noteOf(row);
}

/** Deletes all notes on an object and says how many there were. */
export async function deleteNotesOn(sql: Sql, install: string, object: string): Promise<number> {
  const [row] = await sql<{ count: number }>`
    with gone as (delete from payment_note where install = ${install} and object = ${object} returning 1)
    select count(*)::int as count from gone`;
  return row?.count ?? 0;
}

/** Counts an install's notes for today (UTC). Run again, it writes the same row. */
export async function countNotes(sql: Sql, install: string): Promise<void> {
  await sql`
    insert into payment_note_count (install, day, notes)
    select ${install}, (now() at time zone 'UTC')::date, count(*)::int
    from payment_note where install = ${install}
    on conflict (install, day) do update set notes = excluded.notes`;
}

/** Writes down who uses the app, and what they let it do. */
export async function noteUser(
  sql: Sql,
  user: { id: string; account: string; livemode: boolean; permissions_granted: string[] },
): Promise<void> {
  await sql`
    insert into payment_note_user (install, account, livemode, permissions)
    values (${user.id}, ${user.account}, ${user.livemode}, ${user.permissions_granted})
    on conflict (install) do update set permissions = excluded.permissions, left_at = null`;
}

export async function notePermissions(sql: Sql, install: string, permissions: string[]): Promise<void> {
  await sql`update payment_note_user set permissions = ${permissions} where install = ${install}`;
}

export async function noteLeaving(sql: Sql, install: string): Promise<void> {
  await sql`update payment_note_user set left_at = now() where install = ${install} and left_at is null`;
}

/** Removes all that is kept of an install and says how much it was. */
export async function removeAll(sql: Sql, install: string): Promise<{ notes: number; counts: number }> {
  const [row] = await sql<{ notes: number; counts: number }>`
    with notes as (delete from payment_note where install = ${install} returning 1),
      counts as (delete from payment_note_count where install = ${install} returning 1),
      users as (delete from payment_note_user where install = ${install})
    select (select count(*)::int from notes) as notes, (select count(*)::int from counts) as counts`;
  return row ?? { notes: 0, counts: 0 };
}

interface NoteRow {
  id: string;
  text: string;
  author: string;
  created_at: Date;
}

function noteOf({ id, text, author, created_at }: NoteRow): Note {
  return { id, text, author, created_at: created_at.toISOString() };
}
