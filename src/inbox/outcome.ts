/**
 * What a handler may say of an event, besides nothing (done) and a throw (failed).
 * Its database writes are kept in all of these cases; only a throw undoes them.
 */
export type Outcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'ignored'; readonly why: string }
  | { readonly kind: 'retry'; readonly why: string; readonly afterSeconds: number | null }
  | { readonly kind: 'give_up'; readonly why: string };

/** The event is not for us; it counts as done and the reason is kept. */
export function ignored(why: string): Outcome {
  return { kind: 'ignored', why };
}

/**
 * Try again, after `afterSeconds` or after the usual back-off. Later events of the same object wait.
 * It counts as an attempt, so an event that is put off for about three days ends as a dead letter.
 */
export function retryLater(why: string, afterSeconds: number | null = null): Outcome {
  return { kind: 'retry', why, afterSeconds };
}

/** No later attempt can succeed: a dead letter at once, with the reason. */
export function giveUp(why: string): Outcome {
  return { kind: 'give_up', why };
}

export const done: Outcome = { kind: 'done' };

// Stripe itself forgets an event after 30 days.
const AFTER_SECONDS_MAX = 30 * 24 * 60 * 60;

const WEIGHT = { ignored: 0, done: 1, retry: 2, give_up: 3 } as const;

/** Several handlers of one event: the one that needs most attention decides. */
export function combine(outcomes: readonly Outcome[]): Outcome {
  let heaviest: Outcome | undefined;
  for (const outcome of outcomes) {
    if (!heaviest || WEIGHT[outcome.kind] > WEIGHT[heaviest.kind]) heaviest = outcome;
  }
  return heaviest ?? done;
}

/** Handlers may return anything; only our own values mean something, and only with what can be stored. */
export function asOutcome(returned: unknown): Outcome {
  if (typeof returned !== 'object' || returned === null) return done;
  const { kind, why, afterSeconds } = returned as { kind?: unknown; why?: unknown; afterSeconds?: unknown };
  switch (kind) {
    case 'ignored':
      return ignored(String(why));
    case 'retry':
      return retryLater(String(why), usableSeconds(afterSeconds));
    case 'give_up':
      return giveUp(String(why));
    default:
      return done;
  }
}

/** Null, and so the usual back-off, for what is no length of time. */
export function usableSeconds(seconds: unknown): number | null {
  if (typeof seconds !== 'number' || Number.isNaN(seconds)) return null;
  return Math.min(Math.max(seconds, 0), AFTER_SECONDS_MAX);
}
