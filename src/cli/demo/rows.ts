import { openDatabase, type Database } from '../../db/database.ts';
import type { Sql } from '../../db/sql.ts';

/** Where the demo's `fulfil` leaves a mark: without a unique key, so that a second one would be seen. */
export async function createFulfilments(sql: Sql): Promise<void> {
  await sql`create table demo_fulfilment (order_id text not null)`;
}

export async function countFulfilments(sql: Sql, order: string): Promise<number> {
  const [row] = await sql<{ count: number }>`
    select count(*)::integer as count from demo_fulfilment where order_id = ${order}`;
  return row?.count ?? 0;
}

/** A database of that name beside the demo's own. */
export async function createDatabase({ pool }: Pick<Database, 'pool'>, name: string): Promise<void> {
  await pool.query(`create database ${name}`);
}

/** Runs a file of statements in the database of this URL. */
export function createTables(url: string, statements: string): Promise<void> {
  return within(url, async ({ pool }) => void (await pool.query(statements)));
}

/** How many notes the example has counted for each install, in the database of this URL. */
export function countsOfNotes(url: string): Promise<{ install: string; notes: number }[]> {
  return within(
    url,
    ({ sql }) => sql<{ install: string; notes: number }>`
      select install, notes from payment_note_count order by install`,
  );
}

async function within<T>(url: string, work: (database: Database) => Promise<T>): Promise<T> {
  const database = openDatabase({ url, connectionsMax: 1, applicationName: 'quittance demo' });
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}
