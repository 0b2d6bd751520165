import Stripe from 'stripe';

/** Choices that a seed decides, so that a walk can be walked again. */
export interface Choices {
  one: <T>(of: readonly T[]) => T;
  /** A whole number from 1 to this one. */
  upTo: (most: number) => number;
  /** True about every fourth time. */
  sometimes: () => boolean;
}

/** A choice among nothing: the step can't be done now. */
class NothingToChoose extends Error {}

export function seededChoices(seed: number): Choices {
  // Park and Miller's generator: small, and the same everywhere.
  let state = (seed * 48_271) % 2_147_483_647;
  const next = (): number => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
  return {
    one: (of) => {
      if (of.length === 0) throw new NothingToChoose();
      return of[Math.floor(next() * of.length)] as (typeof of)[number];
    },
    upTo: (most) => 1 + Math.floor(next() * most),
    sometimes: () => next() < 0.25,
  };
}

/** Takes a step that Stripe may refuse, or that can't be done now; everything else is a failure. */
export async function tryStep(step: () => Promise<unknown>): Promise<void> {
  try {
    await step();
  } catch (thrown) {
    const refused = thrown instanceof Stripe.errors.StripeError && thrown.statusCode !== undefined;
    if (!refused && !(thrown instanceof NothingToChoose)) throw thrown;
  }
}
