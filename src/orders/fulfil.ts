import type { Sql } from '../db/sql.ts';
import type { Enqueue } from '../inbox/handlers.ts';
import type { Order } from './order.ts';

/**
 * What a shop does for a paid order: runs once for each order, inside the transaction that marks it as
 * fulfilled. A throw undoes its writes and is tried again. Everything outside the database (mail, HTTP) goes
 * into a job through `enqueue`. An operator can have it run again: then `order.fulfilled_at` is set already.
 */
export type Fulfil = (order: Order, context: { sql: Sql; enqueue: Enqueue }) => unknown;
