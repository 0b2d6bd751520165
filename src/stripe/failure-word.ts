import { QuittanceError } from '../errors.ts';
import type { Logger } from '../log.ts';
import { describeStripeError, stripeFailure } from './failures.ts';

type StripeWord = 'stripe_rejected' | 'stripe_unavailable';

export interface FailureTold<Word extends string> {
  /** The words that a page has something to say of. */
  words: Readonly<Record<Word, unknown>>;
  logger: Logger;
  /** What the log says of a call that Stripe did not carry out, and about what. */
  message: string;
  context?: Record<string, unknown>;
}

/** The word for a call that failed. Throws what is neither Stripe's failure nor the set-up's. */
export function failureWord<Word extends string>(
  error: unknown,
  { words, logger, message, context = {} }: FailureTold<Word>,
): Word | StripeWord {
  if (error instanceof QuittanceError && error.code in words) {
    logger.error({ ...context, code: error.code }, error.message);
    return error.code as Word;
  }
  const failure = stripeFailure(error);
  if (failure === null) throw error;
  logger.warn({ ...context, failure, ...describeStripeError(error) }, message);
  return failure === 'rejected' ? 'stripe_rejected' : 'stripe_unavailable';
}
