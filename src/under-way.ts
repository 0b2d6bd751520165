/**
 * Work that is done once for all who ask for it at the same time: whoever asks while it is under way is
 * answered with it. A later call does it again.
 */
export class UnderWay<T> {
  readonly #running = new Map<string, Promise<T>>();

  join(name: string, work: () => Promise<T>): Promise<T> {
    const known = this.#running.get(name);
    if (known) return known;
    const running = work().finally(() => this.#running.delete(name));
    this.#running.set(name, running);
    return running;
  }
}
