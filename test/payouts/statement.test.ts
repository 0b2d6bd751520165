import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { pay as payByForm } from '../support/buyer.ts';
import { CATALOGUE, orderOf, sharesOf } from '../support/cart.ts';
import { freshDatabase } from '../support/database.ts';
import { DAY_SECONDS, readySeller } from '../support/marketplace.ts';
import { API_KEY, until } from '../support/quittance.ts';
import { pay } from '../simulator/support/money.ts';
import { runTimed, type TimedMarketplace } from './support.ts';
import { download, month, readCsv, statementOf, type Statement } from './statement-reader.ts';

let url: string;
let database: Database;

beforeAll(async () => {
  ({ url, database } = await freshDatabase());
});

async function openTown(): Promise<TimedMarketplace> {
  await database.pool.query('truncate quittance.seller cascade');
  return runTimed({ url, sql: database.sql }, { products: CATALOGUE });
}

const byAmount = ([, , a]: unknown[], [, , b]: unknown[]): number => Number(a) - Number(b);

describe('a statement', () => {
  it('names the order behind a line, whichever way the money came, and is safe to open', async () => {
    const shop = await openTown();
    const [ann, bob] = [await readySeller(shop, 'ann'), await readySeller(shop, 'bob')];
    const orders: Record<string, string> = {};
    for (const [way, items] of Object.entries({
      destination: [{ id: 'cabin' }],
      direct: [{ id: 'tent' }],
      separate: [{ id: 'cabin' }, { id: 'boat' }],
    })) {
      const made = await orderOf(shop, { items });
      expect(await payByForm(made)).toBe(true);
      await shop.orderIn(made.order, 'fulfilled');
      orders[way] = made.order;
    }
    await until(async () => {
      const shares = await sharesOf(shop, { order: orders['separate'] ?? '' });
      return shares.length === 2 && shares.every(({ transfer }) => transfer !== null);
    }, 'the transfers of the cart');
    const refund = await shop.api(`/api/orders/${orders['destination']}/refunds`, {
      method: 'POST',
      body: JSON.stringify({ amount: 2_500 }),
    });
    expect(refund.status).toBeLessThan(300);
    const description = '=HYPERLINK("http://evil.example","a, ""b""")\r\nnext';
    await pay(shop, { description, amount: 777 }, ann.account);

    await shop.pass(2); // Stripe books a payment a moment after it was made
    const anns = await statementOf(shop, ann, month(shop));
    const ordersOf = ({ lines }: Statement): unknown[] =>
      lines.map(({ category, order, gross }) => [category, order, gross]).toSorted(byAmount);
    expect(ordersOf(anns)).toEqual([
      ['refunds', orders['destination'], -2_500],
      ['charges', null, 777],
      ['charges', orders['separate'], 9_000],
      ['charges', orders['destination'], 10_000],
    ]);
    expect(ordersOf(await statementOf(shop, bob, month(shop)))).toEqual([
      ['charges', orders['direct'], 2_000],
      ['charges', orders['separate'], 4_850],
    ]);
    const own = await statementOf(shop, null, month(shop));
    const known = own.lines.filter(({ order }) => order !== null);
    const types = (order: string | undefined): string[] =>
      known.flatMap((line) => (line.order === order ? [line.type] : [])).toSorted();
    expect(types(orders['destination'])).toEqual([
      'application_fee',
      'application_fee_refund',
      'charge',
      'refund',
      'transfer',
      'transfer_refund',
    ]);
    expect(types(orders['separate'])).toEqual(['charge', 'transfer', 'transfer']);

    const answer = await download(shop, `sellers/${ann.id}/`, `month=${month(shop)}`);
    expect(answer.headers.get('content-type')).toMatch(/^text\/csv/);
    expect(answer.headers.get('content-disposition')).toMatch(
      /^attachment; filename="statement-sel_\w+-[\d-]+\.csv"$/,
    );
    const text = await answer.text();
    expect(text).toContain(`"'${description.replaceAll('"', '""')}"`);
    expect(readCsv(text).lines[0]).toMatchObject({ description: `'${description}`, gross: 777 });
  });

  it('is refused for a month that is none or still to come, and to whom it is not for', async () => {
    const shop = await openTown();
    const ann = await readySeller(shop, 'ann');
    const next = new Date(shop.simulator.clock.now() + 31 * DAY_SECONDS * 1000).toISOString().slice(0, 7);
    const codes: unknown[] = [];
    for (const query of [
      '',
      'month=2026-13',
      'month=2026-1',
      'month=November',
      `month=${next}`,
      'month=1999-12',
      `month=${month(shop)}&format=pdf`,
      `month=${month(shop)}&day=1`,
    ]) {
      const answer = await download(shop, `sellers/${ann.id}/`, query);
      codes.push([answer.status, ((await answer.json()) as { field: string }).field]);
    }
    expect(codes).toEqual([
      ...Array.from({ length: 6 }, () => [400, 'month']),
      [400, 'format'],
      [400, 'day'],
    ]);
    expect((await download(shop, 'sellers/sel_nobody/', 'month=2026-11')).status).toBe(404);
    expect((await fetch(`${shop.url}/api/connect/statement?month=2026-11`)).status).toBe(401);
    const empty = await statementOf(shop, ann, '2020-02');
    expect(empty).toMatchObject({ lines: [], totals: [], complete: true });
  });

  it('that Stripe cuts short fails, and never looks whole; two are made at a time', async () => {
    const shop = await openTown();
    shop.simulator.faults.add({ kind: 'drop' });
    const ann = await readySeller(shop, 'ann');
    for (let made = 0; made < 205; made += 1) await pay(shop, { amount: 100 }, ann.account);
    const open = (): Promise<Response> =>
      shop.quittance.fetch(
        new Request(`${shop.url}/api/connect/sellers/${ann.id}/statement?month=${month(shop)}`, {
          headers: { authorization: `Bearer ${API_KEY}` },
        }),
      );
    const [cut, waiting, third] = [await open(), await open(), await open()];
    expect([cut.status, waiting.status, third.status]).toEqual([200, 200, 503]);
    const fault = shop.simulator.faults.add({ kind: 'reset_before', match: '/v1/balance_transactions' });
    await expect(cut.text()).rejects.toThrow('cut short');
    expect(shop.log.text()).toContain('a statement was cut short');
    shop.simulator.faults.clear(fault);
    const again = await open();
    expect(again.status).toBe(200);
    expect(readCsv(await again.text()).lines).toHaveLength(205);
    await waiting.body?.cancel();
    const more = [await open(), await open()];
    expect(more.map(({ status }) => status)).toEqual([200, 200]);
    for (const each of more) await each.body?.cancel();
    shop.simulator.faults.add({ kind: 'reset_before', match: '/v1/balance' });
    expect((await open()).status).toBe(502);
  });
});
