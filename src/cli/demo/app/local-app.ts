import type Stripe from 'stripe';
import { StripeClients } from '../../../stripe/clients.ts';
import type { Stage } from '../stage.ts';
import type { Mode } from './cast.ts';

/** An install as the simulator shows it. */
interface InstallAtStripe {
  id: string;
  account: string;
  livemode: boolean;
}

/** The app at Stripe: who installs it, what it may do, and what its requests are signed with. */
export class LocalApp {
  readonly #stage: Stage;
  readonly #clients = new Map<string, StripeClients>();

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  /** An account installs the app in these modes. Gives the account. */
  async install(modes: readonly Mode[]): Promise<string> {
    return (await this.control<{ account: string }>('apps/installs', { modes })).account;
  }

  async installAgain(account: string, mode: Mode): Promise<void> {
    await this.control('apps/installs', { account, modes: [mode] });
  }

  async uninstall(account: string, mode: Mode): Promise<void> {
    await this.control('apps/installs/uninstall', { account, modes: [mode] });
  }

  /** From now on the account lets the app do this and nothing else. */
  async grant(account: string, mode: Mode, permissions: readonly string[]): Promise<void> {
    const { data } = await this.control<{ data: InstallAtStripe[] }>('apps/installs');
    const found = data.find((each) => each.account === account && each.livemode === (mode === 'live'));
    await this.control(`apps/installs/${found?.id}/permissions`, { granted: permissions });
  }

  /** A new signing secret; the old one signs beside it for so many seconds. */
  rollSecret(seconds: number): Promise<{ secret: string; previous: string }> {
    return this.control('app_secret/roll', { expires_in_seconds: seconds });
  }

  /** Somebody at an account makes a customer there. Gives its id. */
  async makeCustomer(account: string, mode: Mode, name: string): Promise<string> {
    return (await this.stripe(account, mode).customers.create({ name })).id;
  }

  stripe(account: string, mode: Mode): Stripe {
    const secretKey = `sk_${mode}_quittance_demo_of_an_app`;
    const known = this.#clients.get(mode);
    const clients = known ?? new StripeClients({ secretKey, apiBase: this.#stage.stripe.url });
    this.#clients.set(mode, clients);
    return clients.for(account);
  }

  /** The simulator's control API: GET without a body, else POST. */
  control<T>(path: string, body?: unknown): Promise<T> {
    return this.#stage.control<T>(body === undefined ? 'GET' : 'POST', path, body);
  }

  close(): void {
    for (const clients of this.#clients.values()) clients.close();
  }
}
