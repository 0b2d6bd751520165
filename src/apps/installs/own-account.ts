import type Stripe from 'stripe';

/** Our own account's id, which no key shows: asked for once. */
export class OwnAccount {
  readonly #own: () => Stripe;
  #asked: Promise<string> | undefined;

  constructor(own: () => Stripe) {
    this.#own = own;
  }

  /** Throws without a key, and when Stripe does not answer; then the next call asks again. */
  id(): Promise<string> {
    this.#asked ??= this.#ask().catch((error: unknown) => {
      this.#asked = undefined;
      throw error;
    });
    return this.#asked;
  }

  async #ask(): Promise<string> {
    return (await this.#own().accounts.retrieveCurrent()).id;
  }
}
