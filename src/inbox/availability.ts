import { describeError } from '../errors.ts';

const PROBE_MS = 1_000;
// So long without a failure before it counts as mended: a database that takes every other statement would
// otherwise fill the log with good and bad news.
const QUIET_MS = 2_000;

export interface AvailabilityOptions {
  /** Tries what failed, without effect; throws when it still fails. */
  probe: () => Promise<void>;
  /** Called with the reason when it begins to fail, and with null when it works again. */
  onChange: (failure: string | null) => void;
}

/**
 * Whether something works. While it does not it is tried once a second: were it left to the next request to
 * find out, a load balancer that sends none to a server in trouble would keep it in trouble for ever.
 */
export class Availability {
  readonly #options: AvailabilityOptions;
  #failure: string | null = null;
  #failedAt = 0;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(options: AvailabilityOptions) {
    this.#options = options;
  }

  /** Why it does not work; null when it does. */
  get failure(): string | null {
    return this.#failure;
  }

  failed(reason: string): void {
    const isNew = this.#failure === null;
    this.#failure = reason;
    this.#failedAt = performance.now();
    if (!isNew) return;
    this.#options.onChange(reason);
    this.#probeLater();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #probeLater(): void {
    if (!this.#stopped) this.#timer = setTimeout(() => void this.#probe(), PROBE_MS).unref();
  }

  async #probe(): Promise<void> {
    const failure = await this.#options.probe().then(() => null, describeError);
    if (this.#stopped) return;
    if (failure !== null) this.failed(failure);
    if (performance.now() - this.#failedAt < QUIET_MS) return this.#probeLater();
    this.#failure = null;
    this.#options.onChange(null);
  }
}
