import { setTimeout as wait } from 'node:timers/promises';
import type { Clock } from '../clock.ts';

const PAUSE_MS_AFTER_429 = 1_000;

/**
 * A token bucket for calls to Stripe: at most `perSecond` a second, and a pause after Stripe has said 429.
 * Limits: docs.stripe.com/rate-limits, 100 a second in live mode, 25 in a sandbox.
 */
export class RateBudget {
  readonly #perSecond: number;
  readonly #clock: Clock;
  #freeAt = 0;

  constructor(perSecond: number, clock: Clock) {
    this.#perSecond = perSecond;
    this.#clock = clock;
  }

  /** Resolves when the next call may be made. */
  async take(): Promise<void> {
    const now = this.#clock.now();
    // A bucket of one second: what was not used in the last second may be used at once.
    const at = Math.max(this.#freeAt, now - 1_000);
    this.#freeAt = at + 1_000 / this.#perSecond;
    if (at > now) await wait(at - now);
  }

  /** Stripe said 429: everybody waits. */
  pause(): void {
    this.#freeAt = Math.max(this.#freeAt, this.#clock.now() + PAUSE_MS_AFTER_429);
  }
}
