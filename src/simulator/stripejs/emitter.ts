type Handler = (event: never) => unknown;

/** Event handlers as Stripe's elements keep them: several for a name, each removable. */
export class Emitter {
  readonly #handlers = new Map<string, Set<Handler>>();

  on(name: string, handler: Handler): this {
    const handlers = this.#handlers.get(name) ?? new Set();
    this.#handlers.set(name, handlers.add(handler));
    return this;
  }

  once(name: string, handler: Handler): this {
    const first = (event: never): void => {
      this.off(name, first);
      handler(event);
    };
    return this.on(name, first);
  }

  /** Removes one handler, or all of that name. */
  off(name: string, handler?: Handler): this {
    if (handler) this.#handlers.get(name)?.delete(handler);
    else this.#handlers.delete(name);
    return this;
  }

  /** Whether anybody listens. */
  handles(name: string): boolean {
    return (this.#handlers.get(name)?.size ?? 0) > 0;
  }

  emit(name: string, event: unknown): void {
    for (const handler of Array.from(this.#handlers.get(name) ?? [])) handler(event as never);
  }
}
