import type Stripe from 'stripe';
import type { Read } from '../../http/request.ts';
import type { Sql } from '../../db/sql.ts';
import { ordersOf } from '../rows.ts';
import { CSV_HEAD, csvBalance, csvLine, csvTotal } from './csv.ts';
import { idsIn, lineOf, type Line } from './line.ts';
import type { Month } from './month.ts';
import { Totals } from './totals.ts';
import { openMonth, type Walk } from './walk.ts';

/** Whose statement, and of when. `stripe` speaks for the account; `''` is our own. */
export interface Wanted {
  stripe: Stripe;
  sql: Sql;
  account: string;
  livemode: boolean;
  month: Month;
  /** What heads it as JSON, for example the seller. */
  about: Record<string, unknown>;
}

export type Format = 'csv' | 'json';

const encoder = new TextEncoder();

/**
 * The statement of a month as text, made while it is read: of its lines a page is in memory at a time.
 * When Stripe fails in the middle the stream fails too, so that a part is never taken for the whole.
 */
export async function statementOf(
  wanted: Wanted,
  format: Format,
  ended: (error?: unknown) => void,
): Promise<Read<ReadableStream<Uint8Array>>> {
  const opened = await openMonth(wanted.stripe, wanted.month);
  if ('problem' in opened) return opened;
  const parts = format === 'csv' ? csvParts(wanted, opened.value) : jsonParts(wanted, opened.value);
  return { value: streamOf(parts, ended) };
}

async function* csvParts(wanted: Wanted, { closing, pages }: Walk): AsyncGenerator<string, void> {
  const totals = new Totals();
  yield CSV_HEAD;
  for await (const lines of linesOf(wanted, pages, totals)) yield lines.map(csvLine).join('');
  yield totals.rows().map(csvTotal).join('');
  yield totals.balances(closing).map(csvBalance).join('');
}

async function* jsonParts(wanted: Wanted, { closing, pages }: Walk): AsyncGenerator<string, void> {
  const totals = new Totals();
  const { name, isOver } = wanted.month;
  const head = { ...wanted.about, account: wanted.account || null, month: name, complete: isOver };
  yield `${JSON.stringify(head).slice(0, -1)},"lines":[`;
  let separator = '';
  for await (const lines of linesOf(wanted, pages, totals)) {
    if (lines.length === 0) continue;
    yield separator + lines.map((line) => JSON.stringify(line)).join(',');
    separator = ',';
  }
  const balances = totals.balances(closing);
  yield `],"totals":${JSON.stringify(totals.rows())},"balances":${JSON.stringify(balances)}}`;
}

async function* linesOf(
  { sql, account, livemode }: Wanted,
  pages: Walk['pages'],
  totals: Totals,
): AsyncGenerator<Line[], void> {
  const accounts = [...new Set(['', account])];
  for await (const page of pages) {
    const orders = await ordersOf(sql, { accounts, livemode, ids: page.flatMap(idsIn) });
    const lines = page.map((transaction) => lineOf(transaction, orders));
    for (const line of lines) totals.add(line);
    yield lines;
  }
}

/** `ended` is called when all was read, or the reader has gone, or, with the error, when it failed. */
function streamOf(
  parts: AsyncGenerator<string, void>,
  ended: (error?: unknown) => void,
): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await parts.next();
        if (!done) return controller.enqueue(encoder.encode(value));
        ended();
        controller.close();
      } catch (error) {
        ended(error);
        controller.error(new Error('the statement was cut short'));
      }
    },
    async cancel() {
      ended();
      await parts.return();
    },
  });
}
