import { INSTALL_EVENTS } from '../apps/installs/event-types.ts';
import type { Database } from '../db/database.ts';
import { readEnvelope, type Recognition } from '../inbox/envelope.ts';
import {
  CONNECT_ENDPOINT,
  DESTINATION_PING,
  isKnownAccount,
  UNKNOWN_ACCOUNT,
} from '../inbox/known-accounts.ts';
import { putBack } from './replay-rows.ts';
import { findEvent, isRemoved, type EventDetail, type EventRow } from './rows.ts';

/** What asking for a replay came to. */
export type Replay =
  | { readonly kind: 'queued'; readonly event: EventDetail }
  | { readonly kind: 'not_found' }
  | { readonly kind: 'already_done'; readonly event: EventDetail }
  /** Its body went with the data of an account that uninstalled the app. */
  | { readonly kind: 'removed'; readonly event: EventDetail }
  | { readonly kind: 'unreadable'; readonly event: EventDetail; readonly problem: string };

/**
 * Puts a stored event back on the work list, to be run now. One that waits for its next attempt is run at
 * once; a dead letter begins anew; a quarantined one is run if what was strange about it no longer is (a
 * newer Quittance may know its type, its account may be known by now). One that is done runs again only with
 * `force`.
 */
export async function replayEvent(
  database: Database,
  recognition: Recognition,
  id: string,
  { force, slowTypes }: { force: boolean; slowTypes: readonly string[] },
): Promise<Replay> {
  const event = await findEvent(database.sql, id);
  if (!event) return { kind: 'not_found' };
  const refusal = await replayRefusal(database, recognition, event, force);
  if (refusal === 'removed' || refusal === 'already_done') return { kind: refusal, event };
  if (refusal !== null) return { kind: 'unreadable', event, problem: refusal };
  const queued = await database.transaction((sql) => putBack(sql, event.seq, { force, slowTypes }));
  const now = (await findEvent(database.sql, String(event.seq))) ?? event;
  return { kind: queued ? 'queued' : 'already_done', event: now };
}

type Replayed = EventRow & Pick<EventDetail, 'kind' | 'endpoint' | 'body'>;

/** Why an event can't, or need not, be run again, in a word; null when it can. */
export async function replayRefusal(
  database: Database,
  recognition: Recognition,
  event: Replayed,
  force: boolean,
): Promise<string | null> {
  if (isRemoved(event)) return 'removed';
  if (event.status === 'done' && !force) return 'already_done';
  const { problem } = readEnvelope(event.body, modeKnown(event, recognition));
  const runnable = problem === null || (force && RUNNABLE.has(problem));
  if (event.kind === 'unreadable' || !runnable) return problem ?? 'unreadable';
  return (await isOfStranger(database, event)) ? UNKNOWN_ACCOUNT : null;
}

// Not even by force: its handlers would have no right to read anything there. Whatever it was put aside for:
// only what was not strange otherwise has been held against the accounts we know.
async function isOfStranger({ sql }: Database, event: Replayed): Promise<boolean> {
  if (event.status !== 'quarantined' || event.endpoint !== CONNECT_ENDPOINT) return false;
  // Those that tell of installs are how we come to know an account.
  if (event.type === DESTINATION_PING || INSTALL_EVENTS.includes(event.type)) return false;
  return !(await isKnownAccount(sql, event.account ?? '', event.livemode));
}

// Without a mode of our own we can't tell whether an event is of the other one; who found out knew.
function modeKnown({ status, last_error: reason, livemode }: EventRow, known: Recognition): Recognition {
  const asideForMode = status === 'quarantined' && reason?.includes('livemode_mismatch') === true;
  return known.livemode === null && asideForMode ? { ...known, livemode: !livemode } : known;
}

// What `force` may overrule: the event can be read, we only do not know what it is.
const RUNNABLE = new Set(['unknown_type', 'unknown_api_version']);
