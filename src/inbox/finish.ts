import type pg from 'pg';
import type { WorkRow } from './claim.ts';

const ERROR_CHARACTERS_MAX = 4_000;

type Place = Pick<WorkRow, 'key' | 'seq'>;

/** Takes done events off the work list; the log keeps them. */
export async function removeDone(connection: pg.ClientBase, rows: readonly Place[]): Promise<void> {
  if (rows.length === 0) return;
  await connection.query({
    name: 'remove_done',
    text: `delete from quittance.work using unnest($1::text[], $2::bigint[]) as done (key, seq)
           where work.key = done.key and work.seq = done.seq`,
    values: [rows.map((row) => row.key), rows.map((row) => row.seq)],
  });
}

/** Keeps why an event was ignored, or that it is a dead letter. A later reason replaces an earlier one. */
export async function writeOutcome(
  connection: pg.ClientBase,
  seq: number,
  status: 'ignored' | 'dead',
  reason: string,
): Promise<void> {
  await connection.query({
    name: 'write_outcome',
    text: `insert into quittance.outcome (seq, status, reason) values ($1, $2, $3)
           on conflict (seq) do update set status = excluded.status, reason = excluded.reason, at = now()`,
    values: [seq, status, reason],
  });
}

/**
 * Writes a failed attempt down and puts the event off. Everything behind it in its key is put off to the
 * same moment, so that a blocked object does not stand in front of the others.
 */
export async function postpone(
  connection: pg.ClientBase,
  row: WorkRow,
  error: string,
  afterSeconds: number,
): Promise<void> {
  await writeFailure(connection, row.seq, row.attempts + 1, error);
  await connection.query({
    name: 'postpone',
    text: `update quittance.work
           set run_at = greatest(run_at, now() + $3 * interval '1 second'),
               attempts = attempts + (seq = $2)::integer
           where key = $1 and seq >= $2`,
    values: [row.key, row.seq, afterSeconds],
  });
}

/** A dead letter: the last error is kept with all before it, and the object's later events go on. */
export async function bury(connection: pg.ClientBase, row: WorkRow, error: string): Promise<void> {
  await writeFailure(connection, row.seq, row.attempts + 1, error);
  await writeOutcome(connection, row.seq, 'dead', error);
  await removeDone(connection, [row]);
}

/** Puts rows that came behind a waiting head off to the head's time. */
export async function pushBack(connection: pg.ClientBase, keys: readonly string[]): Promise<void> {
  if (keys.length === 0) return;
  await connection.query({
    name: 'push_back',
    text: `update quittance.work as follower set run_at = head.run_at
           from unnest($1::text[]) as blocked (key)
           cross join lateral (
             select run_at from quittance.work where key = blocked.key order by seq limit 1
           ) as head
           where follower.key = blocked.key and follower.run_at < head.run_at`,
    values: [keys],
  });
}

/** Hands keys over to the lane for slow work, all their rows, so that their order stays. */
export async function moveToSlowLane(connection: pg.ClientBase, keys: readonly string[]): Promise<void> {
  if (keys.length === 0) return;
  await connection.query({
    name: 'move_to_slow_lane',
    text: 'update quittance.work set lane = 1 where key = any ($1::text[]) and lane = 0',
    values: [keys],
  });
}

// A replayed event begins again at attempt 1; its earlier failures stay, told apart by their time.
async function writeFailure(
  connection: pg.ClientBase,
  seq: number,
  attempt: number,
  error: string,
): Promise<void> {
  await connection.query({
    name: 'write_failure',
    text: `insert into quittance.failure (seq, attempt, error, at) values ($1, $2, $3, clock_timestamp())`,
    values: [seq, attempt, error.slice(0, ERROR_CHARACTERS_MAX).replaceAll('\0', '�')],
  });
}
