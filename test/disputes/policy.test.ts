import { beforeAll, expect, it } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { freshDatabase } from '../support/database.ts';
import {
  booksOf,
  decide,
  disputeOrder,
  disputeUntil,
  moved,
  paidOrder,
  runDisputedPlatform,
  untilQuiet,
} from '../support/dispute.ts';

let url: string;
let database: Database;

beforeAll(async () => {
  ({ url, database } = await freshDatabase());
});

it.each([
  ['reverse_on_loss', 0],
  ['keep', 9_000],
] as const)('by the policy %s nothing is taken until the bank has decided', async (disputes, kept) => {
  const shop = await runDisputedPlatform({ url, sql: database.sql }, { connect: { disputes } });
  const books = await booksOf(shop);
  const order = await paidOrder(shop, { items: [{ id: 'cabin' }] });
  const id = await disputeOrder(shop, order);
  await shop.orderIn(order.order, 'disputed');
  await untilQuiet(shop);
  expect((await disputeUntil(shop, id, () => true)).movements).toEqual([]);
  await decide(shop, id, 'losing_evidence');
  await disputeUntil(shop, id, ({ status }) => status === 'lost');
  if (kept === 0) await disputeUntil(shop, id, moved('dispute_reversal'));
  await untilQuiet(shop);
  expect(await books()).toMatchObject({ ann: kept });
});
