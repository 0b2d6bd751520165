import { setTimeout as wait } from 'node:timers/promises';

const PAUSE_MS_AFTER_429 = 1_000;
// What was not used lately may be used at once. A quarter of a second's worth: on top of four fifths of the
// limit it makes the whole of it, in whatever second Stripe counts.
const BURST_MS = 250;

/**
 * A token bucket for calls to Stripe: at most `perSecond` a second, and a pause after Stripe has said 429.
 * Limits: docs.stripe.com/rate-limits, 100 a second in live mode, 25 in a sandbox.
 */
export class RateBudget {
  readonly #perSecond: number;
  readonly #now: () => number;
  #freeAt = 0;

  /** `now` in milliseconds; by default a clock that nobody sets: one put back would stop every call. */
  constructor(perSecond: number, now = (): number => performance.now()) {
    this.#perSecond = perSecond;
    this.#now = now;
  }

  /** Resolves when the next call may be made. */
  async take(): Promise<void> {
    const now = this.#now();
    const at = Math.max(this.#freeAt, now - BURST_MS);
    this.#freeAt = at + 1_000 / this.#perSecond;
    if (at > now) await wait(at - now);
  }

  /** How many calls could be made at once, and how long one beyond would wait. */
  get left(): { calls: number; waitSeconds: number } {
    const now = this.#now();
    const at = Math.max(this.#freeAt, now - BURST_MS);
    const calls = Math.max(0, Math.floor(((now - at) * this.#perSecond) / 1_000) + 1);
    return at > now ? { calls: 0, waitSeconds: (at - now) / 1_000 } : { calls, waitSeconds: 0 };
  }

  /** Stripe said 429: everybody waits. */
  pause(): void {
    this.#freeAt = Math.max(this.#freeAt, this.#now() + PAUSE_MS_AFTER_429);
  }
}
