import { setTimeout as wait } from 'node:timers/promises';
import { QuittanceError } from './errors.ts';

// Whoever stops us waits for 10 s, and then kills.
const STOP_MS_MAX = 9_000;
const LEAVE_MS_MAX = 1_000;

/** Declared, then started once, then stopped: what may be called when. */
export class Lifecycle {
  #starting: Promise<void> | undefined;
  #stopping: Promise<void> | undefined;

  /** Throws `already_started` or `already_stopped`, naming the call that came too late. */
  refuseUnlessNew(call: string): void {
    if (!this.#starting && !this.#stopping) return;
    const [code, why] = this.#stopping
      ? ['already_stopped', 'this Quittance was stopped: make another with createQuittance']
      : ['already_started', 'this Quittance was started: declare everything first, then start it once'];
    throw new QuittanceError({ code, message: `${call} comes too late, ${why}.` });
  }

  /** A start that failed is not repeated either: some of its parts may run. */
  async start(work: () => Promise<void>): Promise<void> {
    this.refuseUnlessNew('start()');
    this.#starting = work();
    await this.#starting;
  }

  /** Every call has the same promise. `work` can ask how many milliseconds are left to it. */
  stop(work: (msLeft: () => number) => Promise<void>): Promise<void> {
    const end = performance.now() + STOP_MS_MAX;
    this.#stopping ??= work(() => Math.max(end - performance.now(), 0));
    return this.#stopping;
  }

  /** Resolves when a start that runs has ended, well or badly: it would go on with what a stop closes. */
  async settled(): Promise<void> {
    await this.#starting?.catch(() => {});
  }
}

/** Waits for what would be good to have been said, but not for long. */
export async function briefly(works: readonly Promise<unknown>[]): Promise<void> {
  await Promise.race([Promise.all(works), wait(LEAVE_MS_MAX, undefined, { ref: false })]);
}
