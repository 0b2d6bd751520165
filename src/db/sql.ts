import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';

/** What runs a statement: a pool, or one connection inside a transaction. */
export interface Queryable {
  query(config: { name: string; text: string; values: unknown[] }): Promise<{ rows: unknown[] }>;
}

/**
 * A tagged template that runs one SQL statement with its values as parameters and returns the rows:
 * ``await sql<{ id: string }>`select id from quittance.orders where id = ${id}` ``.
 * Values never become part of the text, so nothing in them can be read as SQL.
 */
export type Sql = <Row = Record<string, unknown>>(
  strings: TemplateStringsArray,
  ...values: unknown[]
) => Promise<Row[]>;

/**
 * Like `sqlOn`, but planned anew each time: for statements with optional filters, whose best plan depends on
 * which of them are set.
 */
export function sqlPlannedEachTime(target: {
  query(config: { text: string; values: unknown[] }): Promise<{ rows: unknown[] }>;
}): Sql {
  return async <Row>(strings: TemplateStringsArray, ...values: unknown[]) => {
    const { rows } = await target.query({ text: statementOf(strings).text, values });
    return rows as Row[];
  };
}

/** Binds the template to a pool or a connection. */
export function sqlOn(target: Queryable): Sql {
  return async <Row>(strings: TemplateStringsArray, ...values: unknown[]) => {
    const { name, text } = statementOf(strings);
    const { rows } = await target.query({ name, text, values });
    return rows as Row[];
  };
}

/**
 * Holds back what a pipelined connection writes until the end of this turn of the event loop: a system call
 * for each statement costs more than the statement.
 */
export function inOneWrite(connection: Queryable): Queryable {
  const { stream } = (connection as unknown as { connection: { stream: Socket } }).connection;
  let corked = false;
  return {
    query(config) {
      if (!corked) {
        corked = true;
        stream.cork();
        setImmediate(() => {
          corked = false;
          stream.uncork();
        });
      }
      return connection.query(config);
    },
  };
}

// Named statements are parsed and planned once a connection: without it the drain spends a third of
// PostgreSQL's time planning the same upsert. A template literal is one object for the life of the
// program, so the text and its name are worked out once.
const statements = new WeakMap<TemplateStringsArray, { name: string; text: string }>();

function statementOf(strings: TemplateStringsArray): { name: string; text: string } {
  let known = statements.get(strings);
  if (!known) {
    const text = strings.reduce((sum, part, index) => `${sum}$${index}${part}`);
    known = { name: `q_${createHash('sha256').update(text).digest('hex').slice(0, 24)}`, text };
    statements.set(strings, known);
  }
  return known;
}
