import { csvRecord, safeText } from '../../http/csv.ts';
import { minorDigits } from '../../money.ts';
import type { Line } from './line.ts';
import type { OpeningAndClosing, Total } from './totals.ts';

const COLUMNS = [
  'section',
  'time',
  'balance_transaction',
  'type',
  'category',
  'description',
  'order',
  'gross',
  'fee',
  'net',
  'currency',
  'available_on',
] as const;

type Fields = Partial<Record<(typeof COLUMNS)[number], string>>;

/** The first line. RFC 4180: CRLF, every line with the same number of fields. */
export const CSV_HEAD = csvRecord(COLUMNS);

export function csvLine(line: Line): string {
  return record({
    ...line,
    section: 'line',
    description: safeText(line.description),
    order: line.order ?? '',
    gross: decimal(line.gross, line.currency),
    fee: decimal(line.fee, line.currency),
    net: decimal(line.net, line.currency),
  });
}

export function csvTotal({ category, currency, gross, fee, net }: Total): string {
  const amounts = {
    gross: decimal(gross, currency),
    fee: decimal(fee, currency),
    net: decimal(net, currency),
  };
  return record({ section: 'total', category, currency, ...amounts });
}

export function csvBalance({ currency, opening, closing }: OpeningAndClosing): string {
  const one = (category: string, amount: number): string =>
    record({ section: 'balance', category, currency, net: decimal(amount, currency) });
  return one('opening', opening) + one('closing', closing);
}

function record(fields: Fields): string {
  return csvRecord(COLUMNS.map((column) => fields[column] ?? ''));
}

/** An amount in the currency's own decimals, exactly: 1234 is 12.34 in usd, 1234 in jpy, 1.234 in kwd. */
function decimal(amount: number, currency: string): string {
  const digits = minorDigits(currency);
  const text = String(Math.abs(amount)).padStart(digits + 1, '0');
  const sign = amount < 0 ? '-' : '';
  if (digits === 0) return sign + text;
  return `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}
