import { BaseSequencer, type TestSpecification } from 'vitest/node';

// Files that start whole servers, or wait for time-outs to be over. Begun late, one of them would run alone
// while the other workers have nothing left to do.
const LONGEST = [
  'test/journeys/console',
  'test/faults/',
  'test/cli/',
  'test/db/embedded',
  'test/events/database-away',
  'test/events/export',
  'test/http/metrics',
  'test/orders/lives',
  'test/connect/money-walk',
  'test/docs/marketplace',
  'test/http/memory',
  'test/http/slow-sockets',
  'test/db/unfit',
  'test/events/slow-database',
  'test/journeys/',
];

/** Runs the longest test files first. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // oxlint-disable-next-line unicorn/no-array-sort -- the sequencer's own method, not an array's
    const usual = await super.sort(files);
    return usual.toSorted((a, b) => rankOf(a) - rankOf(b));
  }
}

function rankOf({ moduleId }: TestSpecification): number {
  const rank = LONGEST.findIndex((part) => moduleId.includes(part));
  return rank < 0 ? LONGEST.length : rank;
}
