import type pg from 'pg';
import { byteaArray, textArray } from '../db/binary-array.ts';
import type { Envelope, Source } from './envelope.ts';
import { CONNECT_ENDPOINT, DESTINATION_PING, UNKNOWN_ACCOUNT } from './known-accounts.ts';

/** An event on its way into the log. */
export interface Arrival {
  envelope: Envelope;
  source: Source;
  /** Which of our endpoints took it, for example `/api/webhook`. */
  endpoint: string | null;
  /** The trace it came in (W3C Trace Context), while somebody traces. */
  traceparent?: string | null;
}

/**
 * What one statement stored: `fresh` are new, the others had been stored before. `unknown` of the fresh are
 * of accounts we don't know, and were put aside.
 */
export interface Stored {
  total: number;
  fresh: number;
  unknown: number;
}

/** The advisory lock of everybody who is storing events; any numbers, the same in every process. */
export const STORE_LOCK = { classid: 7_814_235, objid: 1 };

// One autocommit statement stores the events, their work rows and the reasons of those put aside.
// A duplicate writes too (deliveries + 1): with `do nothing` its acknowledgement would not wait for a
// synchronous standby, and a failover would lose an event that was acknowledged twice. When and where it came
// again is kept too; a batch without duplicates pays nothing for it.
// Rows are numbered as they came, and locked in the order of their identity: two batches that hold the same
// events in opposite order would wait for each other until PostgreSQL ends one, a second later.
// It holds STORE_LOCK, shared, from before its rows are numbered until they are visible: a reader that pages
// by seq sees who might still come in between.
// `xmax = 0` is true only for a row this statement inserted.
const storeStatement = ({ problem, unknown, alsoWrite }: Gate, trace?: string): string => `
with storing as materialized (
  select pg_advisory_xact_lock_shared(${STORE_LOCK.classid}, ${STORE_LOCK.objid})
), incoming as materialized (
  select nextval('quittance.event_seq_seq') as seq, row.*
  from storing, unnest($1::text[], $2::text[], $3::text[]::boolean[], $4::text[], $5::text[], $6::text[],
                       $7::text[], $8::text[]::timestamptz[], $9::text[], $10::text[],
                       $11::text[]::integer[], $12::text[], $13::bytea[]${trace ? `, ${trace}::text[]` : ''})
    as row (id, account, livemode, type, kind, api_version,
            object_id, created, source, endpoint, deliveries, problem, body${trace ? ', traceparent' : ''})
), stored as (
  insert into quittance.event as e
    (seq, id, account, livemode, type, kind, api_version, object_id, created, source, endpoint,
     deliveries, problem, body)
  overriding system value
  select seq, id, account, livemode, type, kind, api_version, object_id, created, source, endpoint,
     deliveries, ${problem}, body
  from incoming order by account, livemode, id
  on conflict on constraint event_once do update set deliveries = e.deliveries + excluded.deliveries
  returning e.seq, e.id, e.account, e.livemode, e.type, e.object_id, e.problem, e.xmax = 0 as fresh
), again as (
  insert into quittance.delivery (seq, source, endpoint, count)
  select stored.seq, incoming.source, incoming.endpoint, incoming.deliveries - stored.fresh::integer
  from stored join incoming using (id, account, livemode)
  where not stored.fresh or incoming.deliveries > 1
), queued as (
  insert into quittance.work (key, seq, lane${trace ? ', traceparent' : ''})
  select quittance.key_of(account, livemode, object_id, id), seq, (type = any ($14::text[]))::integer
         ${trace ? ', traceparent' : ''}
  from stored ${trace ? 'join (select seq, traceparent from incoming) as told using (seq)' : ''}
  where fresh and problem is null
), aside as (
  insert into quittance.outcome (seq, status, reason)
  select seq, 'quarantined', problem from stored where fresh and problem is not null
)${alsoWrite}
select count(*)::integer as total, (count(*) filter (where fresh))::integer as fresh, ${unknown} as unknown
from stored`;

interface Gate {
  /** Why an event is put aside. */
  problem: string;
  /** How many are because of their account. */
  unknown: string;
  alsoWrite: string;
}

// With the question for the account the statement takes 2 ms longer for 500 events of 2 KB (17 instead of
// 14.5), so batches without an event of the Connect endpoint are stored by one that does not ask.
const OPEN: Gate = { problem: 'problem', unknown: '0', alsoWrite: '' };

// known-accounts.ts says what becomes of them.
const GATED: Gate = {
  problem: `
     case when endpoint = '${CONNECT_ENDPOINT}' and problem is null and type <> '${DESTINATION_PING}'
            and not type = any ($15::text[])
            and not exists (select from quittance.known_account known
                            where known.account = incoming.account and known.livemode = incoming.livemode)
          then '${UNKNOWN_ACCOUNT}' else problem end`,
  unknown: `(count(*) filter (where fresh and problem = '${UNKNOWN_ACCOUNT}'))::integer`,
  alsoWrite: `, unknown as (
  insert into quittance.unknown_account (account, livemode)
  select distinct account, livemode from stored where fresh and problem = '${UNKNOWN_ACCOUNT}'
  order by account, livemode
  on conflict (account, livemode) do update set last_at = now()
)`,
};

// The trace is written by statements of their own, so that nobody pays for it who does not trace.
const STORE = { name: 'store_batch', text: storeStatement(OPEN) };
const STORE_GATED = { name: 'store_gated', text: storeStatement(GATED) };
const STORE_TRACED = { name: 'store_traced', text: storeStatement(OPEN, '$15') };
const STORE_GATED_TRACED = { name: 'store_gated_traced', text: storeStatement(GATED, '$16') };

// What storing needs, without a row: the right to write, the table's lock, and a commit that is on disk
// wherever it has to be.
const STORE_NOTHING = `
with nothing as (
  insert into quittance.event (id, livemode, type, kind, source, body)
  select '', false, '', 'unreadable', 'webhook', '' where false
)
select pg_logical_emit_message(true, 'quittance', '')`;

/** Commits without storing anything: throws when `storeBatch` would. */
export async function storeNothing(connection: pg.ClientBase): Promise<void> {
  await connection.query({ name: 'store_nothing', text: STORE_NOTHING });
}

/**
 * Stores a batch in one statement and its own transaction; when this returns, it is committed.
 * The batch must not be empty. Events with the same identity are stored once, their deliveries added.
 * `slowTypes` are the event types whose handlers read Stripe: their work goes to lane 1. `openTypes` are
 * taken from accounts that nobody knows.
 */
export async function storeBatch(
  connection: pg.ClientBase,
  batch: readonly Arrival[],
  slowTypes: readonly string[],
  openTypes: readonly string[] = [],
): Promise<Stored> {
  const { rows, deliveries } = mergeDuplicates(batch);
  const column = (read: (arrival: Arrival) => string | null): Buffer => textArray(rows.map(read));
  const isGated = rows.some((row) => row.endpoint === CONNECT_ENDPOINT);
  const isTraced = rows.some((row) => row.traceparent);
  const [plain, traced] = isGated ? [STORE_GATED, STORE_GATED_TRACED] : [STORE, STORE_TRACED];
  const { rows: answer } = await connection.query<Stored>({
    ...(isTraced ? traced : plain),
    values: [
      column((row) => row.envelope.id),
      column((row) => row.envelope.account),
      column((row) => (row.envelope.livemode ? 't' : 'f')),
      column((row) => row.envelope.type),
      column((row) => row.envelope.kind),
      column((row) => row.envelope.apiVersion),
      column((row) => row.envelope.objectId),
      column((row) => row.envelope.created),
      column((row) => row.source),
      column((row) => row.endpoint),
      textArray(deliveries.map(String)),
      column((row) => row.envelope.problem),
      byteaArray(rows.map((row) => row.envelope.body)),
      slowTypes,
      ...(isGated ? [openTypes] : []),
      ...(isTraced ? [column((row) => row.traceparent ?? null)] : []),
    ],
  });
  const stored = answer[0];
  if (!stored || stored.total !== rows.length)
    throw new Error('the store statement lost events of its batch');
  return { ...stored, total: batch.length };
}

// `on conflict do update` may not touch a row twice in one statement, so equal events are merged here.
function mergeDuplicates(batch: readonly Arrival[]): { rows: Arrival[]; deliveries: number[] } {
  const places = new Map<string, number>();
  const rows: Arrival[] = [];
  const deliveries: number[] = [];
  for (const arrival of batch) {
    const { account, livemode, id } = arrival.envelope;
    const identity = `${account}/${livemode ? 1 : 0}/${id}`;
    const place = places.get(identity);
    if (place === undefined) {
      places.set(identity, rows.length);
      rows.push(arrival);
      deliveries.push(1);
    } else deliveries[place] = (deliveries[place] as number) + 1;
  }
  return { rows, deliveries };
}
