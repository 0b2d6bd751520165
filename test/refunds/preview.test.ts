import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import type { RefundPreview } from '../../src/refunds/operations.ts';
import { orderOf, type Ordered } from '../support/cart.ts';
import { freshDatabase } from '../support/database.ts';
import { booksOf, paidOrder, runDisputedPlatform, type DisputedPlatform } from '../support/dispute.ts';
import { until } from '../support/quittance.ts';
import { askRefund, movedFor } from '../support/refund.ts';

type Preview = RefundPreview & { http: number; code?: string; field?: string };

let place: { url: string; sql: Database['sql'] };
let shop: DisputedPlatform;

beforeAll(async () => {
  const { url, database } = await freshDatabase();
  place = { url, sql: database.sql };
  shop = await runDisputedPlatform(place);
});

async function preview({ order }: Ordered, body?: unknown): Promise<Preview> {
  const init = body === undefined ? {} : { body: JSON.stringify(body) };
  const answer = await shop.api(`/api/orders/${order}/refunds/preview`, { method: 'POST', ...init });
  return { ...((await answer.json()) as Preview), http: answer.status };
}

/** Who gives how much, as the preview says it. */
function told({ platform, shares }: Preview): { platform: number; ann: number; bob: number } {
  const of = (name: string): number => 0 - (shares.find(({ seller }) => seller === name)?.amount ?? 0);
  return { platform: 0 - platform, ann: of('ann'), bob: of('bob') };
}

const cart = [{ id: 'cabin' }, { id: 'boat' }, { id: 'coffee' }];

/** What is bought, and the refunds one after the other; null is all that is left. */
const SALES: [what: string, items: { id: string; quantity?: number }[], refunds: object[]][] = [
  ['our own', [{ id: 'coffee', quantity: 2 }], [{ amount: 1 }, { amount: 333 }, {}]],
  ['of a destination charge', [{ id: 'cabin' }], [{ amount: 1 }, { amount: 3_333 }, { amount: 15 }, {}]],
  [
    'of a destination charge, the platform paying the last part alone',
    [{ id: 'boat' }],
    [
      { amount: 777 },
      { amount: 99, refund_application_fee: false },
      { amount: 1_000, reverse_transfer: false },
    ],
  ],
  [
    'of a direct charge',
    [{ id: 'tent' }],
    [{ amount: 7 }, { amount: 993, refund_application_fee: false }, {}],
  ],
  ['of a cart', cart, [{ amount: 1 }, { amount: 3_334 }, { amount: 3_335 }, {}]],
  [
    'of a cart, once by the platform alone',
    cart,
    [{ amount: 4_999 }, { amount: 500, reverse_transfer: false }, {}],
  ],
];

describe('what is previewed is what happens', () => {
  it.each(SALES)('%s', async (_what, items, refunds) => {
    const order = await paidOrder(shop, { items });
    if (items.length > 1) await movedFor(shop, order, { purpose: 'split', times: 2 });
    let given = 0;
    for (const body of refunds) {
      const before = await booksOf(shop);
      const thought = await preview(order, body);
      expect(thought).toMatchObject({ http: 200 });
      const made = await askRefund(shop, order, body);
      const { amount, reverse_transfer, refund_application_fee } = thought;
      expect(made).toMatchObject({ http: 201, amount, reverse_transfer, refund_application_fee });
      given += amount.value;
      const { value: whole } = (await shop.order(order.order)).amount;
      expect(thought.left.value).toBe(whole - given);
      // The reversals of a cart follow the refund.
      await until(async () => JSON.stringify(await before()) === JSON.stringify(told(thought)), 'the same');
      expect(await before()).toEqual(told(thought));
    }
  });

  it('nothing is written by it, and what may not be refunded is not previewed', async () => {
    const order = await orderOf(shop, { items: cart });
    expect(await preview(order)).toMatchObject({ http: 409, code: 'order_not_paid' });
    const paid = await paidOrder(shop, { items: [{ id: 'coffee' }] });
    const [before] = await place.sql`select version from quittance.orders where id = ${paid.order}`;
    expect(await preview(paid)).toMatchObject({ http: 200, platform: 350, shares: [], fee_returned: 0 });
    expect(await preview(paid, { amount: 351 })).toMatchObject({ http: 409, code: 'refund_exceeds_payment' });
    expect(await preview(paid, { reverse_transfer: true })).toMatchObject({
      http: 400,
      field: 'reverse_transfer',
    });
    const [after] = await place.sql`select version from quittance.orders where id = ${paid.order}`;
    expect(after).toEqual(before);
    expect(await place.sql`select from quittance.refund where order_id = ${paid.order}`).toEqual([]);
  });
});
