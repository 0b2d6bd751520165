import { openDatabase, type Database } from './db/database.ts';
import { HANDLER_SECONDS_MAX } from './inbox/attempt.ts';
import type { DrainSettings } from './options.ts';

// An ingest statement has to end before its request is answered with 503, or its locks outlive it.
const INGEST_STATEMENT_MS_MAX = 7_000;
const REQUEST_STATEMENT_MS_MAX = 15_000;
// Longer than a handler may take (30 s): PostgreSQL ends the transaction of a process that froze.
const IDLE_IN_TRANSACTION_SECONDS_MAX = 45;
const STATEMENT_GRACE_SECONDS = 5;
const WORKERS = 4;
const SLOW_WORKERS = 4;

/** One pool for each kind of work: a slow page must not take the connection an event waits for. */
export interface Databases {
  /** Storing events. */
  ingest: Database;
  /** Pages, the API, heartbeats, alarms. */
  requests: Database;
  /** The drain's transactions. */
  drain: Database;
  /** graphile-worker. */
  jobs: Database;
  /** Waits for what runs; cuts it off after `msMax` milliseconds. */
  close(msMax?: number): Promise<void>;
}

export function openDatabases(
  url: string,
  settings: DrainSettings,
  onIdleError: (error: Error) => void,
): Databases {
  const { workers = WORKERS, slowWorkers = SLOW_WORKERS } = settings;
  const idleMs = (settings.idleInTransactionSecondsMax ?? IDLE_IN_TRANSACTION_SECONDS_MAX) * 1000;
  const handlerSeconds = settings.handlerSecondsMax ?? HANDLER_SECONDS_MAX;
  const common = { url, onIdleError };
  const ingest = openDatabase({
    ...common,
    applicationName: 'quittance ingest',
    connectionsMax: 4,
    statementMsMax: INGEST_STATEMENT_MS_MAX,
  });
  const requests = openDatabase({
    ...common,
    applicationName: 'quittance requests',
    connectionsMax: 8,
    statementMsMax: REQUEST_STATEMENT_MS_MAX,
    // The success page settles, and so holds the lock of an order.
    idleInTransactionMsMax: idleMs,
  });
  const drain = openDatabase({
    ...common,
    applicationName: 'quittance drain',
    // Each worker holds one connection; what they write outside their transactions needs a few more.
    connectionsMax: workers + slowWorkers + 4,
    // A killed worker's statement goes on in PostgreSQL, with its locks, until it ends.
    statementMsMax: (handlerSeconds + STATEMENT_GRACE_SECONDS) * 1000,
    idleInTransactionMsMax: idleMs,
    pipeline: true,
  });
  const jobs = openDatabase({ ...common, applicationName: 'quittance jobs', connectionsMax: 8 });
  const all = [ingest, requests, drain, jobs];
  const close = async (msMax?: number): Promise<void> =>
    void (await Promise.all(all.map((database) => database.close(msMax))));
  return { ingest, requests, drain, jobs, close };
}
