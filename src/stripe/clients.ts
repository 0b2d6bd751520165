import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import Stripe from 'stripe';
import { QuittanceError } from '../errors.ts';
import { MeteredHttpClient, type Metering, type StripeCall } from './http-client.ts';
import { KeyedHttpClient, type KeySource } from './keyed-http-client.ts';
import { RateBudget } from './rate.ts';

// Two tries of 8 s and a back-off stay below the 30 s a handler may take.
const TIMEOUT_MS = 8_000;
const RETRIES = 1;
// Four fifths of what Stripe allows, so that others with the same key are not starved.
const LIVE_PER_SECOND = 80;
const TEST_PER_SECOND = 20;
// Another Stripe is a simulator or a proxy: it says itself when it is too much.
const OTHER_PER_SECOND = 1_000;

export interface StripeClientsOptions {
  secretKey: string | undefined;
  /** `https://api.stripe.com` when absent. */
  apiBase: string | undefined;
  /** Called after each call. */
  onCall?: (call: StripeCall) => void;
}

/** Which account and mode a client speaks for. */
export interface Side {
  /** `acct_…`, or `''` for our own. */
  account: string;
  livemode: boolean;
}

/** Is it a key of live mode? Null without a key. */
export function livemodeOf(secretKey: string | undefined): boolean | null {
  return secretKey ? secretKey.split('_')[1] === 'live' : null;
}

/** The one place that makes Stripe clients: each is bound to an account and a mode. */
export class StripeClients {
  readonly livemode: boolean | null;
  readonly #options: StripeClientsOptions;
  readonly #metering: Metering;
  readonly #agents = {
    http: new HttpAgent({ keepAlive: true }),
    https: new HttpsAgent({ keepAlive: true }),
  };

  constructor(options: StripeClientsOptions) {
    this.#options = options;
    const { secretKey, apiBase, onCall = () => {} } = options;
    this.livemode = livemodeOf(secretKey);
    const ours = this.livemode ? LIVE_PER_SECOND : TEST_PER_SECOND;
    this.#metering = { budget: new RateBudget(apiBase ? OTHER_PER_SECOND : ours), onCall };
  }

  /** What is left of the rate that Stripe allows us. */
  get budget(): Pick<RateBudget, 'left'> {
    return this.#metering.budget;
  }

  /** The client of our own account. Throws `stripe_not_configured` without a key. */
  own(): Stripe {
    return this.#make('', null);
  }

  /** The client that speaks for a connected account (`Stripe-Account`), or for ours (`''`), in our mode. */
  for(account: string): Stripe {
    return this.#make(account, null);
  }

  /**
   * Clients for one transaction of the drain. Reads of the same object are made once and shared, until
   * something is written: fifty events of one object cost one read.
   */
  open(): (side: Side) => Stripe {
    const reads = new Map<string, Promise<unknown>>();
    return (side) => {
      if (this.livemode !== null && side.livemode !== this.livemode) {
        throw new QuittanceError({
          code: 'livemode_mismatch',
          message: `The event is of ${side.livemode ? 'live' : 'test'} mode, the configured key is not.`,
        });
      }
      return this.#make(side.account, reads);
    };
  }

  /** A client with another key than ours, for the account that the key belongs to. */
  with(keys: KeySource): Stripe {
    const { httpClient, ...settings } = this.#settings('', null);
    const httpClientWithKey = new KeyedHttpClient(httpClient, keys);
    // The library has a hook for keys, but a call whose hook fails never ends (stripe 23.1.0).
    return new Stripe('', { ...settings, httpClient: httpClientWithKey, authenticator: async () => {} });
  }

  #make(account: string, reads: Map<string, Promise<unknown>> | null): Stripe {
    const { secretKey } = this.#options;
    if (!secretKey) {
      throw new QuittanceError({
        code: 'stripe_not_configured',
        message: 'No Stripe key is configured: set STRIPE_SECRET_KEY to your sk_… or rk_… key.',
      });
    }
    return new Stripe(secretKey, {
      ...this.#settings(account, reads),
      ...(account ? { stripeAccount: account } : {}),
    });
  }

  #settings(account: string, reads: Map<string, Promise<unknown>> | null) {
    const { apiBase } = this.#options;
    const base = apiBase ? new URL(apiBase) : null;
    const agent = base?.protocol === 'http:' ? this.#agents.http : this.#agents.https;
    return {
      httpClient: new MeteredHttpClient(Stripe.createNodeHttpClient(agent), this.#metering, reads, account),
      timeout: TIMEOUT_MS,
      maxNetworkRetries: RETRIES,
      telemetry: false,
      appInfo: { name: 'Quittance' },
      ...(base ? { host: base.hostname, port: base.port || undefined, protocol: protocolOf(base) } : {}),
    };
  }

  close(): void {
    this.#agents.http.destroy();
    this.#agents.https.destroy();
  }
}

function protocolOf(base: URL): 'http' | 'https' {
  return base.protocol === 'http:' ? 'http' : 'https';
}
