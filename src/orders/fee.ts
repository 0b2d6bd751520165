import { z } from 'zod';

// A percentage is counted in ten-thousandths of a percent, of which the whole has a million.
const UNITS_PER_PERCENT = 10_000;
const UNITS_OF_WHOLE = 1_000_000n;
const PERCENT = /^(?:100(?:\.0{1,4})?|[0-9]{1,2}(?:\.[0-9]{1,4})?)$/;
const FIXED_MAX = 99_999_999;

const percentSchema = z
  .union([z.number(), z.string()])
  // A number is read as it is written: 2.9 means 2.9 and not the binary fraction next to it.
  .transform(String)
  .refine((text) => PERCENT.test(text), {
    message: 'must be from 0 to 100 with at most four decimals, for example 10 or "2.9"',
  });

/** What the platform keeps of a line: a percentage, a sum in minor units, or both. */
export const feeSchema = z.strictObject({
  percent: percentSchema.optional(),
  fixed: z.int('must be a whole number of minor units').min(0).max(FIXED_MAX).optional(),
});

export type Fee = z.output<typeof feeSchema>;

/**
 * The fee of one line, in minor units of its currency. The percentage is rounded half up to the minor unit,
 * the fixed part is added once for the line whatever its quantity, and the sum is never more than the amount.
 */
export function feeOf(amount: number, { percent = '0', fixed = 0 }: Fee): number {
  const [whole = '0', decimals = ''] = percent.split('.');
  const units = Number(whole) * UNITS_PER_PERCENT + Number(decimals.padEnd(4, '0'));
  // Twice the product has its half unit in the last place, so nothing is ever a fraction.
  const rounded = (2n * BigInt(amount) * BigInt(units) + UNITS_OF_WHOLE) / (2n * UNITS_OF_WHOLE);
  return Math.min(amount, Number(rounded) + fixed);
}
