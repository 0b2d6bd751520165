import type { Problem } from '../http/problem.ts';
import { stripeFailure, stripeRefusal } from '../stripe/failures.ts';
import type { Read } from '../http/request.ts';

const RETRY_AFTER_SECONDS = 5;

/** Why Stripe would not do it: its code, or null when it gave none, and its words. */
export interface Refusal {
  code: string | null;
  message: string;
}

const CONFLICT = 409;

// Stripe's codes of what may be wrong with a payout, docs.stripe.com/error-codes.
const SAYINGS: Record<string, Problem> = {
  balance_insufficient: {
    status: CONFLICT,
    code: 'insufficient_balance',
    detail: 'The seller’s balance has less available than that (fees of an instant payout included).',
  },
  insufficient_funds: {
    status: CONFLICT,
    code: 'insufficient_balance',
    detail: 'The seller’s balance has less available than that.',
  },
  payouts_not_allowed: {
    status: CONFLICT,
    code: 'payouts_not_enabled',
    detail: 'Stripe pays nothing out to this seller at present: the seller’s requirements say what is due.',
  },
  payouts_limit_exceeded: {
    status: CONFLICT,
    code: 'payout_limit_exceeded',
    detail: 'This is more than Stripe pays out to this seller at once or in a day.',
  },
  amount_too_small: {
    status: 400,
    code: 'amount_too_small',
    detail: 'The amount is below the least that Stripe pays out in this currency.',
  },
  amount_too_large: {
    status: 400,
    code: 'amount_too_large',
    detail: 'The amount is more than Stripe pays out at once.',
  },
  // What `troubleOf` makes of a refusal that only names the parameter.
  invalid_currency: {
    status: CONFLICT,
    code: 'no_bank_account',
    detail: 'The seller has no bank account or card in use that takes this currency.',
  },
  instant_payouts_unsupported: instantNot('The seller’s bank account or card takes no instant payouts.'),
  instant_payouts_currency_disabled: instantNot('There are no instant payouts in this currency.'),
  instant_payouts_config_disabled: instantNot('Instant payouts are switched off for this seller.'),
  instant_payouts_limit_exceeded: {
    status: CONFLICT,
    code: 'instant_limit_exceeded',
    detail: 'Stripe makes no more instant payouts to this seller today: ask for "standard", or tomorrow.',
  },
  account_invalid: {
    status: CONFLICT,
    code: 'seller_disconnected',
    detail: 'Stripe says that this account is not, or no longer, connected to the platform.',
  },
};

function instantNot(why: string): Problem {
  return { status: CONFLICT, code: 'instant_not_eligible', detail: `${why} Ask for method "standard".` };
}

/** Stripe's refusal in our words, with Stripe's own beside them. */
export function refusalProblem({ code, message }: Refusal): Problem {
  const said = code === null ? undefined : SAYINGS[code];
  const extra = { stripe: { code, message } };
  if (said) return { ...said, extra };
  return { status: 422, code: 'stripe_rejected', detail: `Stripe refused: ${message}`, extra };
}

/** Stripe's answer, or the problem that stands for why there is none. Bugs are thrown on. */
export async function askStripe<T>(call: () => Promise<T>): Promise<Read<T>> {
  try {
    return { value: await call() };
  } catch (error) {
    const failure = stripeFailure(error);
    if (failure === null) throw error;
    if (failure === 'rejected') return { problem: refusalProblem(stripeRefusal(error)) };
    return { problem: STRIPE_AWAY };
  }
}

/** Stripe did not answer, or not now. */
export const STRIPE_AWAY: Problem = {
  status: 502,
  code: 'stripe_unavailable',
  detail: 'Stripe did not answer. Try again.',
  headers: { 'retry-after': String(RETRY_AFTER_SECONDS) },
};
