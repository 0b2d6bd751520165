import { cut, type Connection, type Database } from '../db/database.ts';
import type { ReachFailpoint } from '../failpoints.ts';
import { storeBatch, storeNothing, type Arrival, type Stored } from './store.ts';

const DEADLOCK = '40P01';
const DEADLOCK_RETRIES_MAX = 3;
export const LATE = 'the database did not answer in time';

export interface StoreOptions {
  database: Database;
  reach: ReachFailpoint;
  /** Event types whose handlers read Stripe. */
  slowTypes: () => readonly string[];
  /** Event types that are taken from accounts nobody knows yet: they are how we come to know them. */
  openTypes?: readonly string[];
}

/** Stores a batch and returns after its commit, or throws within `msMax` milliseconds. */
export function storeInTime(options: StoreOptions, arrivals: Arrival[], msMax: number): Promise<Stored> {
  return inTime(options.database, msMax, (connection) => storeOn(connection, options, arrivals));
}

/** Whether storing would work now: throws within `msMax` milliseconds when it would not. */
export function probeInTime(database: Database, msMax: number): Promise<void> {
  return inTime(database, msMax, async (connection) => {
    let broken = true;
    try {
      await storeNothing(connection);
      broken = false;
    } finally {
      connection.release(broken);
    }
  });
}

/**
 * Runs `work`, which releases its connection, or throws within `msMax` milliseconds whatever the database
 * does: a connection that is late is cut, so that a hung server can't collect ours.
 */
async function inTime<T>(
  database: Database,
  msMax: number,
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  let connection: Connection | undefined;
  let expired = false;
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => {
        expired = true;
        if (connection) cut(connection);
        reject(new Error(LATE));
      },
      Math.max(msMax, 1),
    );
  });
  const begin = async (): Promise<T> => {
    connection = await database.connect();
    if (!expired) return work(connection);
    connection.release();
    throw new Error(LATE);
  };
  try {
    return await Promise.race([begin(), tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

async function storeOn(connection: Connection, options: StoreOptions, arrivals: Arrival[]): Promise<Stored> {
  const warnings: string[] = [];
  const onNotice = (notice: { message?: string; severity?: string }): void => {
    if (notice.severity === 'WARNING') warnings.push(notice.message ?? 'warning');
  };
  connection.on('notice', onNotice);
  let broken = true;
  try {
    options.reach('store.before_insert');
    const stored = await storeWithRetry(connection, arrivals, options);
    // "canceling wait for synchronous replication": committed here, perhaps nowhere else. Not acknowledged.
    if (warnings.length > 0) throw new Error(`PostgreSQL warned: ${warnings.join('; ')}`);
    options.reach('store.after_commit');
    broken = false;
    return stored;
  } catch (error) {
    broken = !isDataError(error);
    throw error;
  } finally {
    connection.off('notice', onNotice);
    connection.release(broken);
  }
}

// `storeBatch` locks rows in one order everywhere; what else touches them may not.
async function storeWithRetry(
  connection: Connection,
  arrivals: Arrival[],
  { slowTypes, openTypes }: StoreOptions,
): Promise<Stored> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await storeBatch(connection, arrivals, slowTypes(), openTypes);
    } catch (error) {
      if (codeOf(error) !== DEADLOCK || attempt >= DEADLOCK_RETRIES_MAX) throw error;
    }
  }
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : '';
}

/**
 * True when PostgreSQL refuses what the event holds, and not the connection or the statement.
 * Class 22: data exceptions; class 23: constraint violations; 54: a limit of PostgreSQL's exceeded.
 */
export function isDataError(error: unknown): boolean {
  return /^(22|23|54)...$/.test(codeOf(error));
}
