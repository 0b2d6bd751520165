import { QuittanceError } from './errors.ts';

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

  /** Every call has the same promise. */
  stop(work: () => Promise<void>): Promise<void> {
    this.#stopping ??= work();
    return this.#stopping;
  }

  /** Resolves when a start that runs has ended, well or badly: it would go on with what a stop closes. */
  async settled(): Promise<void> {
    await this.#starting?.catch(() => {});
  }
}
