import { setTimeout as wait } from 'node:timers/promises';
import type { Clock } from '../../clock.ts';
import { QuittanceError } from '../../errors.ts';
import type { Outbound } from '../../outbound/outbound.ts';
import { RetryBudget } from './retry-budget.ts';

const RETRIES_MAX = 2;
const FIRST_WAIT_MS_MAX = 250;
const TOO_MANY_REQUESTS = 429;
// May be sent again whatever became of it (RFC 9110, 9.2.2).
const IDEMPOTENT: readonly string[] = ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'];

export interface CallsOptions {
  clock: Clock;
  /** 0 to 1. */
  random: () => number;
  /** What one attempt may take, and after how long none is begun. */
  timeoutMs: number;
}

/** Calls to other services, tried again where that can do no harm, within a budget. */
export class Calls {
  readonly #options: CallsOptions;
  readonly #budget = new RetryBudget();

  constructor(options: CallsOptions) {
    this.#options = options;
  }

  /** Any answer of the service is returned as it is. Throws the errors of `outbound`, `init.signal`'s too. */
  async send(outbound: Outbound, url: string, init: RequestInit): Promise<Response> {
    const isIdempotent = IDEMPOTENT.includes((init.method ?? 'GET').toUpperCase());
    const end = performance.now() + this.#options.timeoutMs;
    this.#budget.earn();
    for (let retries = 0; ; retries += 1) {
      const outcome = await this.#try(outbound, url, init);
      if (!isIdempotent || retries === RETRIES_MAX || !isPassing(outcome)) return answerOf(outcome);
      const waitMs = this.#waitMs(retries, outcome);
      if (performance.now() + waitMs >= end || !this.#budget.spend()) return answerOf(outcome);
      await wait(waitMs, undefined, init.signal ? { signal: init.signal } : {});
    }
  }

  async #try(outbound: Outbound, url: string, init: RequestInit): Promise<Response | QuittanceError> {
    try {
      return await outbound.fetch(url, init);
    } catch (error) {
      if (error instanceof QuittanceError && error.code === 'outbound_unreachable') return error;
      throw error;
    }
  }

  // With jitter over the whole range: those who failed together don't come back together.
  #waitMs(retries: number, outcome: Response | QuittanceError): number {
    const { clock, random } = this.#options;
    const own = random() * FIRST_WAIT_MS_MAX * 2 ** retries;
    if (outcome instanceof QuittanceError) return own;
    return Math.max(own, retryAfterMs(outcome.headers.get('retry-after'), clock));
  }
}

// A time-out is no reason: the time of the call is over with it.
function isPassing(outcome: Response | QuittanceError): boolean {
  if (outcome instanceof QuittanceError) return true;
  return outcome.status === TOO_MANY_REQUESTS || outcome.status >= 500;
}

function answerOf(outcome: Response | QuittanceError): Response {
  if (outcome instanceof QuittanceError) throw outcome;
  return outcome;
}

/** RFC 9110, 10.2.3: seconds or a date; 0 for anything else. */
function retryAfterMs(text: string | null, clock: Clock): number {
  if (text === null) return 0;
  const ms = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - clock.now();
  return ms > 0 ? ms : 0;
}
