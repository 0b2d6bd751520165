import { createHash } from 'node:crypto';
import { QuittanceError } from '../errors.ts';
import type { SinkOptions } from './settings.ts';

// The letters of Firebase's push ids, in the order in which they sort.
const LETTERS = '-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz';
const TIME_LETTERS = 8;
const HASH_LETTERS = 12;
// What Realtime Database takes in no key; and "%", which stands for them.
const UNFIT = /[.#$/[\]%\p{Cc}]/gu;

const PATH_DEFAULT = '/events';

/** What of `firebase-admin`'s `getDatabase()` is used; Quittance itself does not depend on it. */
export interface FirebaseDatabase {
  ref(path: string): { set(value: unknown): Promise<unknown> };
}

export interface FirebaseSinkOptions {
  /** `getDatabase()` of `firebase-admin/database`. */
  database: FirebaseDatabase;
  /** Where events are pushed. Default `/events`. */
  path?: string;
  /** Event types, as for every sink. */
  events: string[];
  /** Whose events. Default: all. */
  accounts?: 'own' | 'connected' | 'all';
  /** The sink's name. Default `firebase`. */
  name?: string;
}

/**
 * A sink that pushes each event into Firebase's Realtime Database, below `path`, under a key that looks and
 * sorts like those of `push()` but follows from the event: sent again it writes to the same place.
 *
 * Realtime Database stores no null, no `{}` and no `[]`: they are absent there. Keys with `.`, `#`, `$`, `/`,
 * `[`, `]`, `%` or a control character (of metadata, say) have these as `%` and two hexadecimal digits.
 * Throws `invalid_options` for a path that can't be one.
 */
export function firebaseSink(options: FirebaseSinkOptions): SinkOptions {
  const { database, path = PATH_DEFAULT, events, accounts = 'all', name = 'firebase' } = options;
  refuseUnfitPath(path);
  return { name, events, accounts, deliver: ({ event }) => pushEvent(database, event, path) };
}

/**
 * Pushes one event, as Stripe sent it, and resolves once it is stored. While the database can't be reached
 * `firebase-admin` waits, for ever if need be: whoever must answer sets a limit.
 */
export async function pushEvent(
  database: FirebaseDatabase,
  event: Record<string, unknown>,
  path: string = PATH_DEFAULT,
): Promise<void> {
  refuseUnfitPath(path);
  await database.ref(`${path}/${keyOf(event)}`).set(storable(event));
}

function refuseUnfitPath(path: string): void {
  if (!/^(\/[^.#$/[\]\p{Cc}]+)+$/u.test(path)) {
    const message = `"${path}" must be a path such as "/events", without ".", "#", "$", "[" and "]".`;
    throw new QuittanceError({ code: 'invalid_options', message });
  }
}

/** Eight letters of time and twelve that tell events of the same time apart. */
function keyOf({ id, account, context, created }: Record<string, unknown>): string {
  // Unix seconds in a snapshot event, RFC 3339 in a thin one.
  const at = typeof created === 'number' ? created * 1000 : Date.parse(String(created));
  if (typeof id !== 'string' || !(at >= 0)) {
    throw new QuittanceError({
      code: 'not_an_event',
      message: 'This has no "id" or "created": it is no event.',
    });
  }
  let time = '';
  for (let ms = at; time.length < TIME_LETTERS; ms = Math.floor(ms / LETTERS.length)) {
    time = letter(ms) + time;
  }
  const digest = createHash('sha256')
    .update(JSON.stringify([account ?? context ?? null, id]))
    .digest();
  return time + [...digest.subarray(0, HASH_LETTERS)].map(letter).join('');
}

function letter(number: number): string {
  return LETTERS[number % LETTERS.length] as string;
}

function storable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(storable);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [fitKey(key), storable(inner)]));
}

function fitKey(key: string): string {
  if (key === '') return '%';
  return key.replace(
    UNFIT,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}
