import pg from 'pg';
import { QuittanceError } from '../errors.ts';
import { isAway } from './away.ts';
import { sqlOn, type Sql } from './sql.ts';

const CONNECT_MS_MAX = 5_000;
const KEEPALIVE_MS = 5_000;
const IDLE_MS_MAX = 30_000;
const PING_MS_MAX = 3_000;
// PostgreSQL ends a statement at its limit; one that is silent so much longer has gone, with or without us.
const SILENCE_MS_MAX = 1_000;

export interface DatabaseOptions {
  url: string;
  /** Connections this pool may open. */
  connectionsMax: number;
  /** Shown in `pg_stat_activity`, so that an operator can tell who holds a lock. */
  applicationName: string;
  /** Server-side limit for one statement, in milliseconds. 0 = none. */
  statementMsMax?: number;
  /** Server-side limit for a transaction that waits for us, in milliseconds. 0 = none. */
  idleInTransactionMsMax?: number;
  /**
   * Send statements without waiting for the answers of those before. Statements that are issued together
   * then share system calls and wake PostgreSQL once: twice the rate of the drain.
   */
  pipeline?: boolean;
  /** Called when an idle connection breaks; the pool replaces it by itself. */
  onIdleError?: (error: Error) => void;
}

/** Runs `work` under a savepoint: a throw undoes what it wrote, and the transaction goes on. */
export type Nested = <T>(work: () => Promise<T>) => Promise<T>;

/** One connection, taken from the pool for a while. */
export type Connection = pg.PoolClient;

export interface Database {
  /** Runs one statement on any connection, in its own transaction. */
  sql: Sql;
  /** Runs `work` in one transaction; commits when it returns, rolls back when it throws. */
  transaction<T>(work: (sql: Sql, nested: Nested, connection: Connection) => Promise<T>): Promise<T>;
  /** Runs reads in one transaction that sees the database as it was at its beginning. */
  snapshot<T>(work: (sql: Sql, nested: Nested, connection: Connection) => Promise<T>): Promise<T>;
  /** Rejects when the database does not answer within 3 s. */
  ping(): Promise<void>;
  /** Takes a connection; whoever takes it gives it back with `release`, or `release(true)` to drop it. */
  connect(): Promise<Connection>;
  /** The pool itself, for libraries that want one. */
  pool: pg.Pool;
  /** Waits for the connections that are in use; cuts them after `msMax` milliseconds. */
  close(msMax?: number): Promise<void>;
}

/** Opens a pool on PostgreSQL. Nothing is connected until the first statement. */
export function openDatabase(options: DatabaseOptions): Database {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.connectionsMax,
    application_name: options.applicationName,
    connectionTimeoutMillis: CONNECT_MS_MAX,
    idleTimeoutMillis: IDLE_MS_MAX,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEPALIVE_MS,
    types: { getTypeParser },
    pipeline: options.pipeline ?? false,
    ...(options.statementMsMax === undefined ? {} : limits(options.statementMsMax, options.pipeline)),
    ...(options.idleInTransactionMsMax === undefined
      ? {}
      : { idle_in_transaction_session_timeout: options.idleInTransactionMsMax }),
  });
  const onIdleError = (error: Error): void => options.onIdleError?.(error);
  pool.on('error', onIdleError);
  // A connection that breaks while a library holds it, between two statements, would end the process.
  const connections = new Set<pg.ClientBase>();
  pool.on('connect', (client) => {
    client.on('error', onIdleError);
    connections.add(client);
  });
  pool.on('remove', (client) => connections.delete(client));
  return {
    sql: sqlOn(pool),
    transaction: (work) => transactionOn(pool, 'begin', work),
    snapshot: (work) => transactionOn(pool, 'begin isolation level repeatable read, read only', work),
    ping: () => ping(pool),
    connect: () => pool.connect(),
    pool,
    close: (msMax) => close(pool, connections, msMax),
  };
}

async function close(pool: pg.Pool, connections: ReadonlySet<pg.ClientBase>, msMax?: number): Promise<void> {
  const late = msMax === undefined ? undefined : setTimeout(() => connections.forEach(cut), msMax);
  await pool.end().finally(() => clearTimeout(late));
}

/** Cuts a connection that hangs, without waiting for a polite goodbye that may hang as well. */
export function cut(connection: pg.ClientBase): void {
  const { stream } = (connection as unknown as { connection: { stream: { destroy(): void } } }).connection;
  stream.destroy();
}

// Statements of a pipeline wait for each other, so how long one takes says nothing about the connection.
function limits(ms: number, pipeline = false): { statement_timeout: number; query_timeout?: number } {
  return pipeline ? { statement_timeout: ms } : { statement_timeout: ms, query_timeout: ms + SILENCE_MS_MAX };
}

async function ping(pool: pg.Pool): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('the database did not answer: timeout')), PING_MS_MAX);
  });
  const question = { text: 'select 1', query_timeout: PING_MS_MAX };
  await Promise.race([pool.query(question), late]).finally(() => clearTimeout(timer));
}

/**
 * Ends a transaction with COMMIT. PostgreSQL answers COMMIT with the tag ROLLBACK, and no error, when a
 * statement had failed before; taking that for success would acknowledge what is not stored.
 */
export async function commit(connection: pg.ClientBase): Promise<void> {
  const { command } = await connection.query('commit');
  if (command === 'COMMIT') return;
  throw new QuittanceError({
    code: 'commit_rolled_back',
    message: `PostgreSQL answered COMMIT with ${command}: nothing of this transaction is stored.`,
  });
}

/** Savepoints on one connection. Only for work that runs in turn: savepoints of parallel work would cross. */
export function nestedOn(connection: pg.ClientBase): Nested {
  return async (work) => {
    await connection.query('savepoint nested');
    try {
      const result = await work();
      await connection.query('release savepoint nested');
      return result;
    } catch (error) {
      await connection.query('rollback to savepoint nested');
      throw error;
    }
  };
}

async function transactionOn<T>(
  pool: pg.Pool,
  begin: string,
  work: (sql: Sql, nested: Nested, connection: Connection) => Promise<T>,
): Promise<T> {
  const connection = await pool.connect();
  let broken = false;
  try {
    await connection.query(begin);
    const result = await work(sqlOn(connection), nestedOn(connection), connection);
    await commit(connection);
    return result;
  } catch (error) {
    // A connection that is silent would not answer a rollback, and one that can only read is of no use:
    // dropped, PostgreSQL rolls back by itself.
    broken = isAway(error) || !(await succeeds(connection.query('rollback')));
    throw error;
  } finally {
    connection.release(broken);
  }
}

function succeeds(work: Promise<unknown>): Promise<boolean> {
  return work.then(
    () => true,
    () => false,
  );
}

const INT8_OID = 20;

// int8 arrives as text because it may exceed 2^53; ours (sequence numbers, minor units) never do.
function getTypeParser(oid: number, format?: 'text' | 'binary'): (value: string) => unknown {
  if (oid === INT8_OID && format !== 'binary') return parseSafeInteger;
  return pg.types.getTypeParser(oid, format);
}

function parseSafeInteger(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value)) return value;
  throw new QuittanceError({
    code: 'integer_out_of_range',
    message: `The database holds the integer ${text}, which JavaScript can't represent exactly.`,
  });
}
