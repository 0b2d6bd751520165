import type Stripe from 'stripe';
import { StripeClients } from '../../../stripe/clients.ts';
import type { Stage } from '../stage.ts';

/** What an account has of one currency, in minor units. */
export interface Held {
  available: number;
  pending: number;
}

/** The simulator's side: its ledger through Stripe's API, its clock, and what is to go wrong there. */
export class Books {
  readonly #stage: Stage;
  #clients: StripeClients | undefined;

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  /** Stripe's client for an account; without one for the platform. */
  stripe(account = ''): Stripe {
    const { env, url } = this.#stage.stripe;
    this.#clients ??= new StripeClients({ secretKey: env.STRIPE_SECRET_KEY, apiBase: url });
    return account === '' ? this.#clients.own() : this.#clients.for(account);
  }

  /** What an account has in dollars. */
  async held(account = ''): Promise<Held> {
    const { available, pending } = await this.stripe(account).balance.retrieve();
    const sum = (parts: readonly { amount: number; currency: string }[]): number =>
      parts.filter(({ currency }) => currency === 'usd').reduce((all, { amount }) => all + amount, 0);
    return { available: sum(available), pending: sum(pending) };
  }

  /** Every line of an account's ledger, oldest first. */
  async ledger(account = ''): Promise<Stripe.BalanceTransaction[]> {
    const pages = this.stripe(account).balanceTransactions.list({ limit: 100 });
    return (await pages.autoPagingToArray({ limit: 10_000 })).toReversed();
  }

  /** Moves Stripe's clock and waits until every webhook that was due on the way is answered. */
  async pass(seconds: number): Promise<void> {
    await this.control('POST', 'clock', { advance_seconds: seconds });
    await this.control('POST', 'settle');
  }

  /** The simulator's control API. */
  control(method: string, path: string, body?: unknown): Promise<unknown> {
    return this.#stage.control(method, path, body);
  }

  close(): void {
    this.#clients?.close();
  }
}

/** Minor units as dollars: 8400 is `84.00`. */
export function dollars(amount: number): string {
  return (amount / 100).toFixed(2);
}
