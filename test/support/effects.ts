import type { Database } from '../../src/db/database.ts';
import { readEnvelope } from '../../src/inbox/envelope.ts';
import { storeBatch } from '../../src/inbox/store.ts';
import { findEvent, type EventDetail } from '../../src/events/rows.ts';
import { makeEvent } from './events.ts';
import { until } from './quittance.ts';

const EVENTS_PER_STATEMENT = 500;
const RECOGNITION = { livemode: false, isKnownType: () => true, isKnownVersion: () => true };

type TestEvent = ReturnType<typeof makeEvent>;

/** An event of one object, `customer.updated` unless said otherwise. */
export function eventOf(object: string, more: Record<string, unknown> = {}): TestEvent {
  const { note, ...overrides } = more;
  return makeEvent({ data: { object: { id: object, object: 'customer', note } }, ...overrides });
}

/** `count` events, each of an object of its own. */
export function eventsApart(count: number, prefix: string, more: Record<string, unknown> = {}): TestEvent[] {
  return Array.from({ length: count }, (_, index) => eventOf(`${prefix}_${index}`, more));
}

/** Puts events into the log and on the work list, as the webhook does, without its HTTP. */
export async function putEvents(database: Database, events: readonly TestEvent[]): Promise<void> {
  const connection = await database.connect();
  try {
    for (let at = 0; at < events.length; at += EVENTS_PER_STATEMENT) {
      const arrivals = events.slice(at, at + EVENTS_PER_STATEMENT).map((event) => {
        const envelope = readEnvelope(Buffer.from(JSON.stringify(event)), RECOGNITION);
        return { envelope, source: 'webhook' as const, endpoint: '/api/webhook' };
      });
      await storeBatch(connection, arrivals, []);
    }
  } finally {
    connection.release();
  }
}

/** A table in which handlers leave what they did. */
export async function effectTable(database: Database): Promise<void> {
  await database.pool.query(`
    create table public.effect (
      n bigint generated always as identity, event text not null, object text, note text,
      began timestamptz, at timestamptz not null default clock_timestamp())`);
}

export interface Effect {
  n: number;
  event: string;
  object: string;
  note: string | null;
  began: Date | null;
  at: Date;
}

/** What handlers did for these events, in the order in which they did it. */
export async function effectsOf(database: Database, events: readonly { id: string }[]): Promise<Effect[]> {
  return database.sql<Effect>`
    select * from public.effect where event = any (${events.map(({ id }) => id)}::text[]) order by n`;
}

/** Resolves when none of these events is on the work list any more. */
export async function untilDone(database: Database, events: readonly { id: string }[]): Promise<void> {
  const ids = events.map(({ id }) => id);
  await until(async () => {
    const left = await database.sql`
      select from quittance.work w join quittance.event e on e.seq = w.seq
      where e.id = any (${ids}::text[]) limit 1`;
    return left.length === 0;
  }, `${ids.length} events to be done`);
}

/** An event with its status and its failures; it has to be there. */
export async function detailOf(database: Database, event: { id: string }): Promise<EventDetail> {
  const found = await findEvent(database.sql, event.id);
  if (!found) throw new Error(`no event ${event.id}`);
  return found;
}

/** Resolves when the event has this status. */
export function untilStatus(
  database: Database,
  event: { id: string },
  status: EventDetail['status'],
): Promise<EventDetail> {
  return until(async () => {
    const detail = await detailOf(database, event);
    return detail.status === status && detail;
  }, `event ${event.id} to be ${status}`);
}

/** A promise and who keeps it. */
export function gate(): { opened: Promise<void>; open: () => void } {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

/** The handler most tests want: it writes down that it ran. */
export const record = async ({
  event,
  object,
  sql,
}: {
  event: { id: string };
  object: Record<string, unknown>;
  sql: Database['sql'];
}): Promise<void> => {
  const note = (object.note as string | undefined) ?? null;
  await sql`insert into public.effect (event, object, note) values (${event.id}, ${object.id}, ${note})`;
};
