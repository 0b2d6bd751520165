import type Stripe from 'stripe';
import type { Clock } from '../../clock.ts';
import { stripeFailure, unlessMissing } from '../../stripe/failures.ts';
import type { AppSecrets, SecretScope } from '../context.ts';
import { checkPlace, checkSecret, SECRETS_PER_SCOPE_MAX, secretsFull } from './check.ts';

const LIST_LIMIT = 100;

export interface StripeSecretsOptions {
  /** The client for the install's account and mode. Throws `not_installed` once it has ended. */
  stripe: () => Stripe;
  clock: Clock;
}

/** Secrets in Stripe's Secret Store (docs.stripe.com/stripe-apps/store-secrets). Throws Stripe's errors. */
export class StripeSecrets implements AppSecrets {
  readonly #options: StripeSecretsOptions;

  constructor(options: StripeSecretsOptions) {
    this.#options = options;
  }

  async get(name: string, scope: SecretScope = {}): Promise<string | null> {
    checkPlace(name, scope);
    const { stripe, clock } = this.#options;
    const found = await unlessMissing(
      stripe().apps.secrets.find({ name, scope: scopeOf(scope), expand: ['payload'] }),
    );
    if (!found) return null;
    // Stripe deletes what has expired, but does not say how soon.
    const hasExpired = found.expires_at !== null && found.expires_at * 1000 <= clock.now();
    return hasExpired ? null : (found.payload ?? null);
  }

  async set(
    name: string,
    payload: string,
    options: SecretScope & { expiresAt?: number } = {},
  ): Promise<void> {
    const { expiresAt } = options;
    checkPlace(name, options);
    checkSecret({ payload, expiresAt }, this.#options.clock);
    const { secrets } = this.#options.stripe().apps;
    const expiry = expiresAt === undefined ? {} : { expires_at: expiresAt };
    try {
      await secrets.create({ name, payload, scope: scopeOf(options), ...expiry });
    } catch (error) {
      const isRefused = stripeFailure(error) === 'rejected';
      if (isRefused && (await this.#isFull(name, options))) throw secretsFull(options);
      throw error;
    }
  }

  async delete(name: string, scope: SecretScope = {}): Promise<boolean> {
    checkPlace(name, scope);
    const { secrets } = this.#options.stripe().apps;
    const deleted = await unlessMissing(secrets.deleteWhere({ name, scope: scopeOf(scope) }));
    return deleted !== null;
  }

  // Stripe gives the limit no code of its own, and its words may change; the list can't.
  async #isFull(name: string, scope: SecretScope): Promise<boolean> {
    const { secrets } = this.#options.stripe().apps;
    const listed = await secrets.list({ scope: scopeOf(scope), limit: LIST_LIMIT }).catch(() => null);
    if (!listed || listed.data.length < SECRETS_PER_SCOPE_MAX) return false;
    return listed.data.every((secret) => secret.name !== name);
  }
}

function scopeOf({ user }: SecretScope): Stripe.Apps.SecretCreateParams.Scope {
  return user === undefined ? { type: 'account' } : { type: 'user', user };
}
