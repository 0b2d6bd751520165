import { describe, expect, it } from 'vitest';
import { feeOf, feeSchema } from '../../src/orders/fee.ts';
import { Seeded } from '../support/seeded.ts';

const fee = (amount: number, given: unknown): number => feeOf(amount, feeSchema.parse(given));

describe('a fee', () => {
  it.each([
    ['a tenth', 10_000, { percent: 10 }, 1_000],
    ['half a unit, rounded up', 5, { percent: 10 }, 1],
    ['less than half a unit, rounded down', 4, { percent: 10 }, 0],
    ['a number that binary fractions miss', 1_000, { percent: 1.45 }, 15],
    ['the same as text', 1_000, { percent: '1.4500' }, 15],
    ['four decimals', 99_999_999, { percent: '33.3333' }, 33_333_300],
    ['a sum', 500, { fixed: 30 }, 30],
    ['both, the percentage rounded first', 5_005, { percent: '2.5', fixed: 30 }, 155],
    ['never more than the amount', 20, { percent: 50, fixed: 30 }, 20],
    ['everything', 77, { percent: 100 }, 77],
    ['nothing', 77, {}, 0],
    ['a currency without a minor unit', 333, { percent: 0.5 }, 2],
  ])('of %s', (_, amount, given, expected) => {
    expect(fee(amount, given)).toBe(expected);
  });

  it('is the exact product rounded half up, for any amount and percentage (seed 41)', () => {
    const random = new Seeded(41);
    for (let round = 0; round < 2_000; round += 1) {
      const amount = 1 + random.below(99_999_999);
      const units = random.below(1_000_001);
      const percent = `${Math.floor(units / 10_000)}.${String(units % 10_000).padStart(4, '0')}`;
      const exact = BigInt(amount) * BigInt(units);
      const twice = 2n * (BigInt(fee(amount, { percent })) * 1_000_000n - exact);
      expect(twice > -1_000_000n && twice <= 1_000_000n, `${percent} of ${amount}`).toBe(true);
    }
  });

  it.each([
    { percent: 101 },
    { percent: -1 },
    { percent: '1.23456' },
    { percent: 1e-7 },
    { percent: Number.NaN },
    { percent: '1e1' },
    { percent: '' },
    { percent: '100.1' },
    { fixed: 0.5 },
    { fixed: -1 },
    { share: 1 },
  ])('%j is none', (given) => {
    expect(feeSchema.safeParse(given).success).toBe(false);
  });
});
