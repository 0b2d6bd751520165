import type { Random } from '../ids.ts';
import { StripeError } from '../server/errors.ts';

/** Everything that can be made to go wrong. */
export const FAULT_KINDS = [
  'api_error',
  'rate_limit',
  'slow',
  'reset_before',
  'reset_after',
  'decline',
  'drop',
  'duplicate',
  'delay',
  'reorder',
] as const;

export type FaultKind = (typeof FAULT_KINDS)[number];

/** Something that is to go wrong: what, where, how often. */
export interface Fault {
  /**
   * `api_error` answers an API call with a 5xx, `rate_limit` with a 429, `slow` holds it for `ms`;
   * `reset_before` and `reset_after` cut its connection before or after it was carried out. `decline`
   * refuses the next payment. `drop` never delivers an event, `duplicate` delivers it twice, `delay` after
   * `seconds`, `reorder` in another order.
   */
  kind: FaultKind;
  /** How often it still happens; left out: until it is removed. */
  times?: number | undefined;
  /** How likely it is each time, from 0 to 1; 1 when left out. Decided by the seed. */
  probability?: number | undefined;
  /** Only where this text occurs: in `POST /v1/refunds` for calls, in the event's type for deliveries. */
  match?: string | undefined;
  /** For `api_error`: the status, 500 when left out. */
  status?: number | undefined;
  /**
   * For `api_error`: `during` (when left out) fails after the work has begun, so the idempotency key keeps
   * the 500; `before` fails in front of it and a retry works.
   */
  when?: 'before' | 'during' | undefined;
  /** For `slow`: milliseconds. */
  ms?: number | undefined;
  /** For `delay`: seconds on the simulator's clock. */
  seconds?: number | undefined;
  /** For `decline`: Stripe's decline code, `generic_decline` when left out. */
  decline_code?: string | undefined;
}

const REORDER_SECONDS = 2;
const SLOW_MS_DEFAULT = 1_000;
const DELAY_SECONDS_DEFAULT = 60;

/** The faults that are set, and the dice that decide about them. */
export class Faults {
  #random: Random;
  #faults: (Fault & { id: string })[] = [];
  #number = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** From now on these dice decide. */
  reseed(random: Random): void {
    this.#random = random;
  }

  /** Sets a fault and returns the name under which it can be removed. */
  add(fault: Fault): string {
    const id = `fault_${++this.#number}`;
    this.#faults.push({ ...fault, id });
    return id;
  }

  /** Removes one fault, or all. */
  clear(id?: string): void {
    this.#faults = id === undefined ? [] : this.#faults.filter((fault) => fault.id !== id);
  }

  list(): readonly (Fault & { id: string })[] {
    return this.#faults;
  }

  /** What stands between an API call and its execution: a wait, or an error in its place. */
  async beforeRequest(method: string, path: string): Promise<StripeError | undefined> {
    if (this.#faults.length === 0) return undefined;
    const where = `${method} ${path}`;
    const slow = this.#strike('slow', where);
    if (slow) await new Promise((resolve) => setTimeout(resolve, slow.ms ?? SLOW_MS_DEFAULT));
    if (this.#strike('rate_limit', where)) return rateLimited();
    const error = this.#strike('api_error', where, ({ when }) => when === 'before');
    return error && apiError(error.status);
  }

  /** An error in the middle of an API call; everything the call did is undone. */
  duringRequest(method: string, path: string): StripeError | undefined {
    const error = this.#strike('api_error', `${method} ${path}`, ({ when }) => when !== 'before');
    return error && apiError(error.status);
  }

  /** Whether the connection of an API call breaks, and on which side of its execution. */
  connection(method: string, path: string): 'before' | 'after' | undefined {
    if (this.#strike('reset_before', `${method} ${path}`)) return 'before';
    return this.#strike('reset_after', `${method} ${path}`) ? 'after' : undefined;
  }

  /** How often an event is sent and how much later. */
  forDelivery(type: string): { copies: number; delaySeconds: number } {
    if (this.#strike('drop', type)) return { copies: 0, delaySeconds: 0 };
    const copies = this.#strike('duplicate', type) ? 2 : 1;
    const delay = this.#strike('delay', type);
    if (delay) return { copies, delaySeconds: delay.seconds ?? DELAY_SECONDS_DEFAULT };
    const shuffled = this.#strike('reorder', type) ? this.#random.chance() * REORDER_SECONDS : 0;
    return { copies, delaySeconds: shuffled };
  }

  /** The decline code that the next payment is to be refused with. */
  declineNext(): string | undefined {
    const decline = this.#strike('decline', '');
    return decline && (decline.decline_code ?? 'generic_decline');
  }

  #strike(kind: FaultKind, where: string, also?: (fault: Fault) => boolean): Fault | undefined {
    for (const fault of this.#faults) {
      if (fault.kind !== kind || (also && !also(fault))) continue;
      if (fault.match !== undefined && !where.includes(fault.match)) continue;
      if (fault.probability !== undefined && this.#random.chance() >= fault.probability) continue;
      if (fault.times !== undefined) {
        fault.times -= 1;
        if (fault.times <= 0) this.clear(fault.id);
      }
      return fault;
    }
    return undefined;
  }
}

function apiError(status = 500): StripeError {
  const message =
    'Sorry! There was an error while talking to one of our backends. Support has been notified.';
  return new StripeError(message, { status, type: 'api_error' });
}

function rateLimited(): StripeError {
  const message =
    'Request rate limit exceeded. Learn more about rate limits here https://stripe.com/docs/rate-limits.';
  return new StripeError(message, { status: 429, type: 'invalid_request_error', code: 'rate_limit' });
}
