import { createHash } from 'node:crypto';
import type Stripe from 'stripe';
import { z } from 'zod';
import type { Database } from '../db/database.ts';
import type { Problem } from '../http/problem.ts';
import { badField, type Read } from '../http/request.ts';
import { newId } from '../ids.ts';
import type { RaiseAlarm } from '../inbox/alarms.ts';
import { enqueueOn } from '../jobs/enqueue.ts';
import type { Money } from '../money.ts';
import type { Movement } from '../movements/movement.ts';
import type { Movements } from '../movements/movements.ts';
import { planMovement } from '../movements/plan.ts';
import { movementFor } from '../movements/rows.ts';
import { dashboardOf, type SellerAccount } from './account.ts';
import { readBalance } from './balance.ts';
import { askStripe, refusalProblem } from './refusals.ts';
import { MANAGED_BY_SELLER } from './schedule.ts';
import { syncPayout } from './sync.ts';

const PURPOSE = 'payout';
// Tells whether a repeated key asks for the same; it travels with the payout, so it says nothing in words.
const REQUEST_FIELD = 'quittance_request';
// Stripe's own bound is eight digits in most currencies; it says so itself.
const AMOUNT_MAX = 999_999_999_999;

/** The body of `POST …/payouts`. */
export const payoutRequestSchema = z.strictObject({
  amount: z
    .int({ error: 'must be a whole number of the currency’s smallest unit' })
    .min(1, 'must be at least 1')
    .max(AMOUNT_MAX, 'is more than can be paid out')
    .optional(),
  currency: z
    .string()
    .regex(/^[a-z]{3}$/, 'must be a currency in lower case, such as "usd"')
    .optional(),
  method: z.enum(['standard', 'instant'], { error: 'must be "standard" or "instant"' }).default('standard'),
});

/** What may be asked for. Without `amount`: all that is available. */
export type PayoutRequest = z.output<typeof payoutRequestSchema>;

export interface PayoutParts {
  database: Database;
  movements: Movements;
}

/** What follows from a payout that was asked for: it is kept like any other. */
export function addPayoutPurpose(movements: Movements, { alarm }: { alarm: RaiseAlarm }): void {
  movements.on(PURPOSE, {
    // Stripe has taken the money out of the balance.
    done: ({ account }, object, { sql }) => syncPayout({ sql, alarm, account }, object as Stripe.Payout),
    // Who asked is told by the answer, unless they were told before that it is on its way.
    refused: ({ id, postponed, error }) => {
      if (postponed > 0)
        alarm('payout_refused', id, `A payout that was asked for will not be made: ${error}`);
    },
  });
}

/**
 * Asks for a payout, once for each key of the seller (without one: once for each call). Returns the movement:
 * `done`, or `planned` when Stripe could not be reached and it goes on by itself. Problems:
 * `managed_by_seller`, `seller_not_ready`, `idempotency_key_reused`, and Stripe's (see refusals.ts).
 */
export async function askForPayout(
  target: SellerAccount,
  request: PayoutRequest,
  key: string | null,
  { database, movements }: PayoutParts,
): Promise<Read<Movement>> {
  const { seller, account } = target;
  if (dashboardOf(seller) === 'full') return { problem: MANAGED_BY_SELLER };
  const { livemode } = seller;
  const subject = `${seller.id} ${key ?? newId('req')}`;
  const hash = hashOf(request);
  let movement = await movementFor(database.sql, { livemode, purpose: PURPOSE, subject });
  if (!movement) {
    const amount = await amountFor(target, request);
    if ('problem' in amount) return amount;
    const params = { method: request.method, metadata: { [REQUEST_FIELD]: hash } };
    const wanted = { account, livemode, kind: 'payout' as const, purpose: PURPOSE, subject, params };
    movement = await database.transaction((sql) =>
      planMovement({ sql, enqueue: enqueueOn(sql) }, { ...wanted, orderId: null, amount: amount.value }),
    );
  }
  const { metadata } = movement.params as { metadata: Record<string, string> };
  if (metadata[REQUEST_FIELD] !== hash) return { problem: KEY_REUSED };
  const ran = await movements.run(movement.id);
  if (ran.status !== 'refused') return { value: ran };
  const problem = refusalProblem({ code: ran.error_code, message: ran.error ?? '' });
  // Only Stripe knows for sure, and our row may be older; but why, it is the one to tell.
  const isUnready = !seller.details_submitted && !seller.payouts_enabled && BARRED.has(problem.code);
  return { problem: isUnready ? { ...NOT_READY, extra: problem.extra } : problem };
}

const BARRED = new Set(['payouts_not_enabled', 'no_bank_account']);

function hashOf({ amount, currency, method }: PayoutRequest): string {
  const text = JSON.stringify([amount ?? null, currency ?? null, method]);
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

async function amountFor(
  { seller, stripe }: SellerAccount,
  { amount, currency = seller.default_currency ?? undefined, method }: PayoutRequest,
): Promise<Read<Money>> {
  if (currency === undefined)
    return { problem: badField('currency', 'is needed: the seller has no default') };
  if (amount !== undefined) return { value: { value: amount, currency } };
  const balances = await askStripe(() => readBalance(stripe));
  if ('problem' in balances) return balances;
  const balance = balances.value.find((each) => each.currency === currency);
  const value = (method === 'instant' ? balance?.instant_available : balance?.available) ?? 0;
  if (value > 0) return { value: { value, currency } };
  return { problem: method === 'instant' && (balance?.available ?? 0) > 0 ? NOT_INSTANT : NOTHING };
}

const NOT_READY: Problem = {
  status: 409,
  code: 'seller_not_ready',
  detail: 'The seller has not finished onboarding, so nothing can be paid out. Send the onboarding link.',
};

const KEY_REUSED: Problem = {
  status: 409,
  code: 'idempotency_key_reused',
  detail: 'This Idempotency-Key was used for another payout. Take a new one.',
};

const NOTHING: Problem = {
  status: 409,
  code: 'insufficient_balance',
  detail: 'The seller has nothing available in this currency now.',
};

const NOT_INSTANT: Problem = {
  status: 409,
  code: 'instant_not_eligible',
  detail: 'Nothing of the seller’s balance can be paid out instantly. Ask for method "standard".',
};
