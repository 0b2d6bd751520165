import { beforeAll, expect, it } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { freshDatabase } from '../support/database.ts';
import { Seeded } from '../support/seeded.ts';
import { moneyProblems, readBooks } from '../support/walk/books.ts';
import { calmDown } from '../support/walk/calm.ts';
import { nextMove } from '../support/walk/moves.ts';
import { recordProblems } from '../support/walk/records.ts';
import { runTown, type Town } from '../support/walk/town.ts';

/**
 * Random days of a marketplace. A walk is walked again by its seed, and hundreds of others on demand:
 *   WALK_SEED=7 npx vitest run test/connect/money-walk.test.ts
 *   WALK_SEED=1000 WALK_COUNT=200 npx vitest run test/connect/money-walk.test.ts
 */
const { WALK_SEED, WALK_COUNT = '1' } = process.env;
const SEEDS = WALK_SEED === undefined ? [1, 2, 3] : seedsFrom(Number(WALK_SEED), Number(WALK_COUNT));
const STEPS = 60;
const STEPS_TO_CHECK = 30;

let url: string;
let database: Database;

beforeAll(async () => {
  ({ url, database } = await freshDatabase());
});

it.each(SEEDS)('whatever happens, every unit of money is where the records say (seed %i)', async (seed) => {
  const town = await runTown({ url, sql: database.sql }, seed);
  const dice = new Seeded(seed);
  try {
    for (let step = 1; step <= STEPS; step += 1) {
      const moves = [nextMove(dice), ...(dice.chance(0.3) ? [nextMove(dice)] : [])];
      await Promise.all(moves.map((move) => move(town, new Seeded(dice.below(2 ** 31)))));
      if (step % STEPS_TO_CHECK === 0) expect(await problemsOf(town)).toEqual([]);
    }
  } catch (error) {
    const story = [`seed ${seed}`, ...town.story].join('\n');
    throw Object.assign(error as Error, { message: `${(error as Error).message}\n${story}` });
  }
  // A walk in which nothing was sold would show nothing.
  expect(town.sales.length).toBeGreaterThan(STEPS / 10);
});

async function problemsOf(town: Town): Promise<string[]> {
  await calmDown(town);
  const accounts = town.sellers.map(({ account }) => account);
  const books = await readBooks(town.stripe, accounts);
  return [...moneyProblems(books), ...(await recordProblems(town, books))];
}

function seedsFrom(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}
