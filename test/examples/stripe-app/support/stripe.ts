import Stripe from 'stripe';
import type { AppSecrets, InstallContext, SecretScope } from '../../../../src/apps/context.ts';
import { newId } from '../../../../src/ids.ts';
import { startSimulator, type Simulator } from '../../../../src/simulator/index.ts';
import { control } from '../../../simulator/support/simulator.ts';
import { atEnd } from '../../../support/at-end.ts';
import { STRIPE_KEY } from '../../../support/shop.ts';
import type { Sign, Visitor } from './dashboard.ts';

/** An account that has the app, in test mode. */
export interface Installed extends InstallContext {
  /** From now on the app may do only this on the account. */
  permit: (...permissions: string[]) => Promise<void>;
}

/** Stripe with the app: accounts install it, and their users sign what they send. */
export interface StripeWithApp {
  appSecret: string;
  install: () => Promise<Installed>;
  signerFor: (visitor: Visitor) => Promise<Sign>;
}

export async function runStripe(): Promise<StripeWithApp> {
  const simulator = await startSimulator({ port: 0 });
  atEnd(() => simulator.close());
  const { appSecret } = await control<{ appSecret: string }>(simulator, 'GET', '');
  return {
    appSecret,
    install: () => install(simulator),
    signerFor: (visitor) => signerFor(simulator, visitor),
  };
}

async function install(simulator: Simulator): Promise<Installed> {
  const made = await control<{ account: string; data: { id: string }[] }>(
    simulator,
    'POST',
    'apps/installs',
    {},
  );
  const { host, port } = simulator;
  const stripe = new Stripe(STRIPE_KEY, {
    host,
    port,
    protocol: 'http',
    telemetry: false,
    stripeAccount: made.account,
  });
  const [id] = made.data.map((row) => row.id);
  return {
    install: {
      id: newId('ins'),
      account: made.account,
      livemode: false,
      sandbox: false,
      status: 'installed',
      access: 'platform',
      stripe_install: id ?? null,
      permissions_granted: [],
      permissions_pending: [],
      approval_required: false,
      reason: null,
      installed_at: new Date().toISOString(),
      uninstalled_at: null,
      remove_at: null,
      removed_at: null,
    },
    stripe,
    secrets: secretsAt(stripe),
    connections: {} as InstallContext['connections'],
    permit: async (...granted) =>
      void (await control(simulator, 'POST', `apps/installs/${id}/permissions`, { granted })),
  };
}

/** Stripe's Secret Store. */
function secretsAt({ apps: { secrets } }: Stripe): AppSecrets {
  const scopeOf = ({ user }: SecretScope = {}): Stripe.Apps.SecretFindParams.Scope =>
    user ? { type: 'user', user } : { type: 'account' };
  return {
    get: async (name, scope) => {
      const { data } = await secrets.list({ scope: scopeOf(scope) });
      if (!data.some((secret) => secret.name === name)) return null;
      return (await secrets.find({ name, scope: scopeOf(scope), expand: ['payload'] })).payload ?? null;
    },
    set: async (name, payload, scope) =>
      void (await secrets.create({ name, payload, scope: scopeOf(scope) })),
    delete: async (name, scope) =>
      (await secrets.deleteWhere({ name, scope: scopeOf(scope) })).deleted === true,
  };
}

/** Asks Stripe to sign, as the Dashboard does for the user who is signed in. */
async function signerFor(simulator: Simulator, { user, account, roles }: Visitor): Promise<Sign> {
  const { key } = await control<{ key: string }>(simulator, 'POST', 'apps/sessions', {
    user,
    account,
    roles,
  });
  return async (payload) => {
    const query = new URLSearchParams({ payload: JSON.stringify(payload), 'include_only[]': 'signature' });
    const answer = await fetch(`${simulator.url}/v1/apps/app_embedded_backend_signature?${query}`, {
      headers: { authorization: `Bearer ${key}` },
    });
    const { signature } = (await answer.json()) as { signature?: string };
    if (signature === undefined) throw new Error('Stripe did not sign');
    return signature;
  };
}
