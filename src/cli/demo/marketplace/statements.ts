import type Stripe from 'stripe';
import { expect } from '../expect.ts';
import { dollars } from './books.ts';
import type { Market } from './cast.ts';

/** A line of a statement as CSV, by the names of its columns. */
type Line = Record<string, string>;

/** The month's statements of the platform and its sellers, held against Stripe's ledger. */
export async function statements(market: Market): Promise<void> {
  const { screen, ann, ben } = market;
  screen.heading('The month’s statements');
  const accounts = [
    { whose: 'the platform’s', address: '/api/connect/statement', account: '' },
    { whose: 'Ann’s', address: `/api/connect/sellers/${ann.id}/statement`, account: ann.account },
    { whose: 'Ben’s', address: `/api/connect/sellers/${ben.id}/statement`, account: ben.account },
  ];
  for (const each of accounts) {
    await screen.step(`${each.whose} agrees with Stripe’s ledger to the cent`, () => agrees(market, each));
  }
  await screen.step('platform + sellers + Stripe’s fees = what guests paid and did not get back', () =>
    addsUp(market),
  );
}

async function agrees(
  { stage, books }: Market,
  { address, account }: { address: string; account: string },
): Promise<string> {
  const month = new Date().toISOString().slice(0, 7);
  const csv = await stage.api<string>(`${address}?month=${month}&format=csv`);
  const lines = readCsv(csv).filter(({ section }) => section === 'line');
  const ledger = (await books.ledger(account)).filter(({ created }) => monthOf(created) === month);
  const byId = new Map(lines.map((line) => [line.balance_transaction, line]));
  expect(lines.length === ledger.length, `${lines.length} lines, ${ledger.length} in the ledger`);
  for (const { id, net, fee } of ledger) {
    const line = byId.get(id);
    expect(line?.net === dollars(net) && line.fee === dollars(fee), `${id} is ${net}, on paper ${line?.net}`);
  }
  const sum = ledger.reduce((all, { net }) => all + net, 0);
  const total = lines.reduce((all, { net }) => all + cents(net), 0);
  expect(sum === total, `${total} on paper, ${sum} in the ledger`);
  return `${lines.length} lines, ${dollars(total)} in all`;
}

/** Nothing is made and nothing lost: every cent of the guests is at somebody's. */
async function addsUp({ books, ann, ben }: Market): Promise<string> {
  const sum = (of: (line: Stripe.BalanceTransaction) => number, lines: Stripe.BalanceTransaction[]): number =>
    lines.reduce((all, line) => all + of(line), 0);
  const ledgers = await Promise.all(['', ann.account, ben.account].map((account) => books.ledger(account)));
  const all = ledgers.flat();
  // Every charge here is the platform's; what owners' ledgers call payments came from it.
  const guests = sum(({ amount }) => amount, (ledgers[0] ?? []).filter(isOfGuests));
  const stripe = sum(({ fee_details: details }) => stripeFee(details), all);
  const kept = sum(
    ({ net }) => net,
    all.filter(({ type }) => !type.startsWith('payout')),
  );
  expect(guests === kept + stripe, `guests ${guests}, kept ${kept}, Stripe ${stripe}`);
  return `guests ${dollars(guests)} = platform and sellers ${dollars(kept)} + Stripe ${dollars(stripe)}`;
}

/** Between guests and us; what moves between platform and sellers is nobody's gain. */
function isOfGuests({ reporting_category: category }: Stripe.BalanceTransaction): boolean {
  return ['charge', 'refund', 'dispute', 'dispute_reversal'].includes(category);
}

function stripeFee(details: Stripe.BalanceTransaction['fee_details']): number {
  return details
    .filter(({ type }) => type !== 'application_fee')
    .reduce((all, { amount }) => all + amount, 0);
}

function monthOf(created: number): string {
  return new Date(created * 1000).toISOString().slice(0, 7);
}

function cents(text = ''): number {
  return Math.round(Number(text) * 100);
}

/** Reads CSV of RFC 4180. */
function readCsv(text: string): Line[] {
  const [head = '', ...records] = text.trim().split('\r\n');
  const names = head.split(',');
  return records.map((record) => {
    const fields = [...record.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
      ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '',
    );
    return Object.fromEntries(names.map((name, at) => [name, fields[at] ?? '']));
  });
}
