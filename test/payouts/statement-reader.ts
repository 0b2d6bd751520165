import { minorDigits } from '../../src/money.ts';
import type { TestSeller } from '../support/marketplace.ts';
import { API_KEY } from '../support/quittance.ts';
import type { TimedMarketplace } from './support.ts';

interface Amounts {
  gross: number;
  fee: number;
  net: number;
}

/** A statement as JSON tells it. */
export interface Statement {
  month: string;
  complete: boolean;
  account: string | null;
  lines: (Amounts & {
    time: string;
    balance_transaction: string;
    type: string;
    category: string;
    description: string;
    order: string | null;
    currency: string;
    available_on: string;
  })[];
  totals: (Amounts & { category: string; currency: string; lines: number })[];
  balances: { currency: string; opening: number; closing: number }[];
}

/** The same from CSV, read strictly by RFC 4180: CRLF after each record, as many fields in each. */
export function readCsv(text: string): {
  lines: unknown[];
  totals: unknown[];
  balances: unknown[];
} {
  const [head = [], ...records] = recordsOf(text);
  const rows = records.map((fields) => {
    if (fields.length !== head.length) throw new Error(`${fields.length} fields: ${fields.join('|')}`);
    return Object.fromEntries(head.map((name, at) => [name, fields[at] ?? '']));
  });
  const of = (section: string): Record<string, string>[] => rows.filter((row) => row['section'] === section);
  const lines = of('line').map(({ section: _section, ...row }) => ({
    ...row,
    ...amountsOf(row),
    order: row['order'] || null,
  }));
  const totals = of('total').map(({ category, currency, ...row }) => ({
    category,
    currency,
    ...amountsOf({ currency: currency ?? '', ...row }),
  }));
  const balances = of('balance');
  const at = (which: string, currency: string | undefined): number => {
    const row = balances.find((each) => each['category'] === which && each['currency'] === currency);
    return minor(row?.['net'] ?? '', currency ?? '');
  };
  const currencies = [...new Set(balances.map(({ currency }) => currency))];
  return {
    lines,
    totals,
    balances: currencies.map((currency) => ({
      currency,
      opening: at('opening', currency),
      closing: at('closing', currency),
    })),
  };
}

function recordsOf(text: string): string[][] {
  if (text !== '' && !text.endsWith('\r\n')) throw new Error('the last record does not end');
  const records: string[][] = [];
  let fields: string[] = [];
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/y;
  while (field.lastIndex < text.length) {
    const match = field.exec(text);
    if (!match) throw new Error('no CSV');
    fields.push(match[1] === undefined ? (match[2] ?? '') : match[1].replaceAll('""', '"'));
    if (match[3] === ',') continue;
    records.push(fields);
    fields = [];
  }
  return records;
}

function amountsOf(row: Record<string, string>): Amounts {
  const of = (name: string): number => minor(row[name] ?? '', row['currency'] ?? '');
  return { gross: of('gross'), fee: of('fee'), net: of('net') };
}

/** A decimal of exactly the currency's digits, in its smallest unit. */
function minor(text: string, currency: string): number {
  const digits = minorDigits(currency);
  const form = digits === 0 ? /^-?\d+$/ : new RegExp(`^-?\\d+\\.\\d{${digits}}$`);
  if (!form.test(text)) throw new Error(`"${text}" is no amount in ${currency}`);
  return Number(text.replace('.', ''));
}

/** The month that it is at Stripe. */
export const month = (shop: TimedMarketplace): string =>
  new Date(shop.simulator.clock.now()).toISOString().slice(0, 7);

/** As the API key's holder, through a real port. */
export function download(shop: TimedMarketplace, whose: string, query: string): Promise<Response> {
  return fetch(`${shop.url}/api/connect/${whose}statement?${query}`, {
    headers: { authorization: `Bearer ${API_KEY}` },
  });
}

/** The same as JSON. */
export async function statementOf(
  shop: TimedMarketplace,
  seller: TestSeller | null,
  name: string,
): Promise<Statement> {
  const whose = seller ? `sellers/${seller.id}/` : '';
  const answer = await download(shop, whose, `month=${name}&format=json`);
  if (answer.status !== 200) throw new Error(`no statement: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as Statement;
}
