import type { Connection, Database } from '../db/database.ts';
import type { ReachFailpoint } from '../failpoints.ts';
import { storeBatch, type Arrival, type Stored } from './store.ts';

const DEADLOCK = '40P01';
const DEADLOCK_RETRIES_MAX = 3;

export interface StoreOptions {
  database: Database;
  reach: ReachFailpoint;
  /** Event types whose handlers read Stripe. */
  slowTypes: () => readonly string[];
}

/**
 * Stores a batch and returns after its commit, or throws within `msMax` milliseconds whatever the database
 * does: a connection that is late is cut, so that a hung server can't collect ours.
 */
export async function storeInTime(
  options: StoreOptions,
  arrivals: Arrival[],
  msMax: number,
): Promise<Stored> {
  let connection: Connection | undefined;
  let expired = false;
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => {
        expired = true;
        if (connection) abandon(connection);
        reject(new Error('the database did not answer in time'));
      },
      Math.max(msMax, 1),
    );
  });
  const store = async (): Promise<Stored> => {
    connection = await options.database.connect();
    if (expired) {
      connection.release();
      throw new Error('the database did not answer in time');
    }
    return storeOn(connection, options, arrivals);
  };
  try {
    return await Promise.race([store(), tooLate]);
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
    const stored = await storeWithRetry(connection, arrivals, options.slowTypes());
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

// Two processes that got the same duplicates in another order may lock each other's rows.
async function storeWithRetry(
  connection: Connection,
  arrivals: Arrival[],
  slowTypes: readonly string[],
): Promise<Stored> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await storeBatch(connection, arrivals, slowTypes);
    } catch (error) {
      if (codeOf(error) !== DEADLOCK || attempt >= DEADLOCK_RETRIES_MAX) throw error;
    }
  }
}

/** Cuts a connection that hangs, without waiting for a polite goodbye that may hang as well. */
function abandon(connection: Connection): void {
  const { stream } = (connection as unknown as { connection: { stream: { destroy(): void } } }).connection;
  stream.destroy();
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
