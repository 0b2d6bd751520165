import type { Database } from '../db/database.ts';
import type { Attempt, DueDelivery } from './delivery.ts';
import {
  dueDeliveries,
  endRest,
  expireDeliveries,
  noteAttempt,
  queueNext,
  rest,
  restOf,
  type AttemptNote,
} from './rows.ts';
import type { Send } from './send.ts';

const PER_ROUND = 16;
const SENDS_AT_ONCE = 8;
// Then others that wait for a job have their turn.
const TURN_MS_MAX = 10_000;
// Twelve attempts in a day and a half: 5 s, 30 s, 2 min, 10 min, 30 min, 1 h, 2 h, 4 h, 6 h, 8 h, 12 h.
const WAITS_SECONDS = [5, 30, 120, 600, 1800, 3600, 7200, 14_400, 21_600, 28_800, 43_200];
// How long one that can't be reached is left alone after so many rounds.
const RESTS_SECONDS = [5, 30, 120, 300];
/** As long as Stripe itself keeps trying. */
export const WAITING_HOURS_MAX = 72;

export type SinkResult = 'delivered' | 'failed' | 'dead';

export interface PumpOptions {
  database: Database;
  random: () => number;
  /** Told of each attempt. */
  count: (sink: string, result: SinkResult) => void;
  /** Told when a sink did not take something for good. */
  onDead: (sink: string, reason: string) => void;
}

/**
 * Sends what is due for one sink, some at a time, and queues itself for what is due later. A sink that can't
 * be reached rests, and is tried with a single delivery then, so that it costs one time-out and not one for
 * each that waits. Nothing is lost by a kill: what was under way is sent again, with the same id.
 */
export async function pump(
  options: PumpOptions,
  { sink, send }: { sink: string; send: Send },
  stopping: AbortSignal,
): Promise<void> {
  const { sql } = options.database;
  const expired = await expireDeliveries(sql, sink, WAITING_HOURS_MAX);
  if (expired > 0) options.onDead(sink, `${expired} deliveries waited for ${WAITING_HOURS_MAX} hours`);
  const turnEnds = performance.now() + TURN_MS_MAX;
  while (performance.now() < turnEnds) {
    const { failures, resting } = await restOf(sql, sink);
    if (resting) break;
    const due = await dueDeliveries(sql, sink, failures > 0 ? 1 : PER_ROUND);
    if (due.length === 0) break;
    const kinds = await sendAll(options, { sink, send }, due, stopping);
    if (kinds.some((kind) => kind === 'delivered' || kind === 'refused')) {
      if (failures > 0) await endRest(sql, sink);
    } else if (kinds.includes('away')) {
      await rest(sql, sink, failures + 1, RESTS_SECONDS[failures] ?? (RESTS_SECONDS.at(-1) as number));
    }
  }
  await queueNext(sql, sink);
}

async function sendAll(
  options: PumpOptions,
  { sink, send }: { sink: string; send: Send },
  due: readonly DueDelivery[],
  stopping: AbortSignal,
): Promise<Attempt['kind'][]> {
  const waiting = [...due];
  const kinds: Attempt['kind'][] = [];
  const lane = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const attempt = next.body.length === 0 ? REMOVED : await send(next, stopping);
      kinds.push(attempt.kind);
      await note(options, sink, next, attempt);
    }
  };
  // Every lane comes to its end before a failure of the database is passed on: none runs on unseen.
  const ended = await Promise.allSettled(Array.from({ length: SENDS_AT_ONCE }, lane));
  const failed = ended.find((each) => each.status === 'rejected');
  if (failed) throw failed.reason;
  return kinds;
}

// Whoever handled the event while the data of its account were removed noted it for a sink all the same.
const REMOVED: Attempt = {
  kind: 'gone',
  status: null,
  error: 'the event was removed with the data of its account',
};

async function note(
  { database, random, count, onDead }: PumpOptions,
  sink: string,
  { id, attempts }: DueDelivery,
  attempt: Attempt,
): Promise<void> {
  const noted: AttemptNote = { id, ...verdictOf(attempt, attempts, random()) };
  await noteAttempt(database.sql, noted);
  count(sink, noted.status === 'pending' ? 'failed' : noted.status);
  if (noted.status === 'dead') onDead(sink, `${id}: ${noted.error}`);
}

function verdictOf(attempt: Attempt, attempts: number, random: number): Omit<AttemptNote, 'id'> {
  const { status: responseStatus } = attempt;
  if (attempt.kind === 'delivered')
    return { status: 'delivered', responseStatus, error: null, waitSeconds: 0 };
  const wait = attempt.kind === 'gone' ? undefined : WAITS_SECONDS[attempts];
  const status = wait === undefined ? 'dead' : 'pending';
  // Up to a quarter longer: what failed together does not come back together.
  return { status, responseStatus, error: attempt.error, waitSeconds: (wait ?? 0) * (1 + random / 4) };
}
