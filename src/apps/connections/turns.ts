import { Turnstile } from '../../movements/turnstile.ts';

// Each holds a connection to the database while the service answers, and pages need some too.
const AT_ONCE = 3;
// A service that is down leaves a place to the others.
const OF_ONE_SERVICE_AT_ONCE = 2;
const WAIT_MS_MAX = 15_000;

/** Lets so many at a time ask services for tokens; the others wait in line, but not for long. */
export class Turns {
  readonly #all = new Turnstile(AT_ONCE);
  readonly #ofService = new Map<string, Turnstile>();
  readonly #waitMsMax: number;

  constructor(waitMsMax = WAIT_MS_MAX) {
    this.#waitMsMax = waitMsMax;
  }

  /** `late` in place of `work` for who has waited too long: behind it everybody else does, too. */
  take<T>(service: string, work: () => Promise<T>, late: () => Promise<T>): Promise<T> {
    const asked = performance.now();
    const isLate = (): boolean => performance.now() - asked > this.#waitMsMax;
    return this.#of(service).pass(() => this.#all.pass(() => (isLate() ? late() : work())));
  }

  #of(service: string): Turnstile {
    const known = this.#ofService.get(service) ?? new Turnstile(OF_ONE_SERVICE_AT_ONCE);
    this.#ofService.set(service, known);
    return known;
  }
}
