import type pg from 'pg';
import type { Lane, WorkRow } from './claim.ts';

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

/** Keeps why events were ignored, or that they are dead letters. A later reason replaces an earlier one. */
export async function writeOutcomes(
  connection: pg.ClientBase,
  status: 'ignored' | 'dead',
  outcomes: readonly { seq: number; reason: string }[],
): Promise<void> {
  if (outcomes.length === 0) return;
  await connection.query({
    name: 'write_outcomes',
    text: `insert into quittance.outcome (seq, status, reason)
           select seq, $2, reason from unnest($1::bigint[], $3::text[]) as ended (seq, reason)
           on conflict (seq) do update set status = excluded.status, reason = excluded.reason, at = now()`,
    values: [outcomes.map(({ seq }) => seq), status, outcomes.map(({ reason }) => storable(reason))],
  });
}

/**
 * Writes a failed attempt down and puts the event off. Everything behind it in its key is put off to the
 * same moment, so that a blocked object does not stand in front of the others.
 */
export async function postpone(
  connection: pg.ClientBase,
  row: WorkRow,
  failure: { error: string; afterSeconds: number; handled: number },
): Promise<void> {
  await writeFailure(connection, row.seq, row.attempts + 1, failure.error);
  // By the clock and not by now(), which is the beginning of a transaction that may have lasted a while.
  await connection.query({
    name: 'postpone',
    text: `update quittance.work
           set run_at = greatest(run_at, clock_timestamp() + $3 * interval '1 second'),
               attempts = attempts + (seq = $2)::integer,
               handled = case when seq = $2 then $4 else handled end
           where key = $1 and seq >= $2`,
    values: [row.key, row.seq, failure.afterSeconds, failure.handled],
  });
}

/** A dead letter: the last error is kept with all before it, and the object's later events go on. */
export async function bury(connection: pg.ClientBase, row: WorkRow, error: string): Promise<void> {
  await writeFailure(connection, row.seq, row.attempts + 1, error);
  await writeOutcomes(connection, 'dead', [{ seq: row.seq, reason: error }]);
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

/** Hands keys over to other lanes, all their rows, so that their order stays. */
export async function moveToLanes(
  connection: pg.ClientBase,
  lanes: ReadonlyMap<string, Lane>,
): Promise<void> {
  if (lanes.size === 0) return;
  // The workers of that lane do not look into the past: what comes to them is due from now on.
  await connection.query({
    name: 'move_to_lanes',
    text: `update quittance.work set lane = target.lane, run_at = greatest(run_at, clock_timestamp())
           from unnest($1::text[], $2::smallint[]) as target (key, lane)
           where work.key = target.key and work.lane < target.lane`,
    values: [[...lanes.keys()], [...lanes.values()]],
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
    values: [seq, attempt, storable(error)],
  });
}

/** PostgreSQL's text holds everything but a NUL. */
function storable(text: string): string {
  return text.slice(0, ERROR_CHARACTERS_MAX).replaceAll('\0', '�');
}
