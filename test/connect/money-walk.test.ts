import { expect, it } from 'vitest';
import { pay } from '../support/buyer.ts';
import { orderOf } from '../support/cart.ts';
import { Seeded } from '../support/seeded.ts';
import { moneyProblems, readBooks } from '../support/walk/books.ts';
import { calmDown } from '../support/walk/calm.ts';
import { fairnessProblems } from '../support/walk/fairness.ts';
import { nextMoves, sell } from '../support/walk/moves.ts';
import { recordProblems } from '../support/walk/records.ts';
import { runTown, type Town } from '../support/walk/town.ts';

/**
 * Random days of a marketplace. A walk is walked again by its seed, and hundreds of others on demand:
 *   WALK_SEED=7 npx vitest run test/connect/money-walk.test.ts
 *   WALK_SEED=1000 WALK_COUNT=200 npx vitest run test/connect/money-walk.test.ts
 */
const { WALK_SEED, WALK_COUNT = '1' } = process.env;
const SEEDS = WALK_SEED === undefined ? [1, 2, 3] : seedsFrom(Number(WALK_SEED), Number(WALK_COUNT));
const STEPS = WALK_SEED === undefined ? 24 : 60;
const SALES_FIRST = 4;
const STEPS_TO_CHECK = STEPS / 2;

it.each(SEEDS)('whatever happens, every unit of money is where the records say (seed %i)', async (seed) => {
  const town = await runTown(seed);
  const dice = new Seeded(seed);
  const problems: string[] = [];
  for (let step = 1; step <= STEPS; step += 1) {
    const moves = step <= SALES_FIRST ? [sell] : nextMoves(dice);
    await Promise.all(moves.map((move) => move(town, new Seeded(dice.below(2 ** 31)))));
    if (step % STEPS_TO_CHECK === 0) problems.push(...(await problemsOf(town)));
    if (problems.length > 0) break;
  }
  // The whole story when something is wrong.
  const story = problems.length === 0 ? [] : town.story;
  expect({ seed, story, problems }).toEqual({ seed, story: [], problems: [] });
  // A walk in which nothing was sold would show nothing.
  expect(town.sales.length).toBeGreaterThanOrEqual(SALES_FIRST);
});

it('a false entry and money moved behind our back are found', async () => {
  const town = await runTown(1);
  const made = await orderOf(town, { items: [{ id: 'cabin' }, { id: 'boat' }] });
  const { order } = made;
  expect(await pay(made)).toBe(true);
  town.sales.push({ order, account: null, amount: 15_002 });
  expect(await problemsOf(town)).toEqual([]);

  const { sql, stripe, sellers } = town;
  await sql`update quittance.movement set amount = amount + 1 where order_id = ${order}`;
  expect(await problemsOf(town)).toEqual([
    expect.stringContaining('Stripe moved'),
    expect.stringContaining('Stripe moved'),
  ]);
  await sql`update quittance.movement set amount = amount - 1 where order_id = ${order}`;
  await sql`update quittance.order_share set reversed = 1 where order_id = ${order}`;
  expect(await problemsOf(town)).toHaveLength(2);
  await sql`update quittance.order_share set reversed = 0 where order_id = ${order}`;
  expect(await problemsOf(town)).toEqual([]);

  const destination = sellers[0]?.account ?? '';
  const { id } = await stripe.transfers.create({ amount: 5, currency: 'usd', destination });
  expect(await problemsOf(town)).toEqual([`${id} sent money, and nobody asked for it`]);

  const books = await readBooks(stripe, [destination]);
  const [seller] = books.filter(({ account }) => account === destination);
  const [booked] = seller?.transactions ?? [];
  Object.assign(booked ?? {}, { net: 1 });
  expect(moneyProblems(books)).not.toEqual([]);
});

async function problemsOf(town: Town): Promise<string[]> {
  await calmDown(town);
  const accounts = town.sellers.map(({ account }) => account);
  const books = await readBooks(town.stripe, accounts);
  const records = await recordProblems(town, books);
  return [...moneyProblems(books), ...records, ...(await fairnessProblems(town, books))];
}

function seedsFrom(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}
