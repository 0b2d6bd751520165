import { z } from 'zod';

const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'] as const;
const DELAY_DAYS_MAX = 31;

const weekday = z.enum(WEEKDAYS, {
  error: 'must be days from "monday" to "friday": banks rest at the weekend',
});
const day = z
  .int({ error: 'must be days of a month, 1 to 31' })
  .min(1, 'must be days of a month, 1 to 31')
  .max(31, 'must be days of a month, 1 to 31');
const delay = {
  delay_days: z
    .union([z.literal('minimum'), z.int().min(0).max(DELAY_DAYS_MAX)], {
      error: `must be "minimum" or whole days up to ${DELAY_DAYS_MAX}`,
    })
    .optional(),
};
const distinct = <T>(days: readonly T[]): boolean => new Set(days).size === days.length;

/** The body of `PUT …/schedule`. */
export const scheduleSchema = z.discriminatedUnion(
  'interval',
  [
    z.strictObject({ interval: z.literal('daily'), ...delay }),
    z.strictObject({ interval: z.literal('manual'), ...delay }),
    z.strictObject({
      interval: z.literal('weekly'),
      weekly_payout_days: z
        .array(weekday, { error: 'is needed: the days of a weekly schedule, such as ["monday","thursday"]' })
        .min(1, 'must name at least one day')
        .refine(distinct, 'must name each day once'),
      ...delay,
    }),
    z.strictObject({
      interval: z.literal('monthly'),
      monthly_payout_days: z
        .array(day, { error: 'is needed: the days of a monthly schedule, such as [1,15]' })
        .min(1, 'must name at least one day')
        .refine(distinct, 'must name each day once'),
      ...delay,
    }),
  ],
  { error: 'must be "daily", "weekly", "monthly" or "manual"' },
);

/** What a schedule is changed to. `minimum` as `delay_days` is the shortest that Stripe allows. */
export type ScheduleChange = z.output<typeof scheduleSchema>;
