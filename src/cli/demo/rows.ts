import type { Database } from '../../db/database.ts';
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
