import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import Stripe from 'stripe';
import config from '../../../../examples/stripe-app/backend/quittance.config.ts';
import type { Database } from '../../../../src/db/database.ts';
import { CONNECT_ENDPOINT } from '../../../../src/inbox/known-accounts.ts';
import { startSimulator, type Simulator } from '../../../../src/simulator/index.ts';
import { control } from '../../../simulator/support/simulator.ts';
import { atEnd } from '../../../support/at-end.ts';
import { CONNECT_SECRET } from '../../../support/marketplace.ts';
import { runQuittance, until, type Running } from '../../../support/quittance.ts';
import { registerWebhook, STRIPE_KEY } from '../../../support/shop.ts';
import type { Sign, Visitor } from './dashboard.ts';
import { EXAMPLE } from './manifest.ts';

const FOLDER = path.join(EXAMPLE, 'backend');

/** An account that has the app, in test mode. */
export interface Installed {
  /** Ours: `ins_…`. */
  id: string;
  account: string;
  /** Stripe's client, as the account itself. */
  stripe: Stripe;
  /** What Stripe's Secret Store keeps under this name. */
  secret: (name: string) => Promise<string | null | undefined>;
  /** From now on the app may do only this on the account. */
  permit: (...permissions: string[]) => Promise<void>;
  uninstall: () => Promise<void>;
}

/** A Quittance with the example's configuration, and a Stripe that tells it who has the app. */
export interface Backend extends Running {
  /** Has an account install the app, and waits until the backend has taken it in. */
  install: () => Promise<Installed>;
  /** How Stripe signs for this user. */
  signerFor: (visitor: Visitor) => Promise<Sign>;
}

/** Makes the tables of the example. */
export async function makeTables({ pool }: Database): Promise<void> {
  await pool.query(await readFile(path.join(FOLDER, 'tables.sql'), 'utf8'));
}

/** Makes them as the README says, and gives what it said. */
export async function runTables(databaseUrl: string): Promise<string> {
  const env = { ...process.env, DATABASE_URL: databaseUrl };
  const { stdout } = await promisify(execFile)(process.execPath, ['tables.mjs'], { cwd: FOLDER, env });
  return stdout;
}

export async function runBackend(place: { url: string; database: Database }): Promise<Backend> {
  await makeTables(place.database);
  const simulator = await startSimulator({ port: 0 });
  atEnd(() => simulator.close());
  await control(simulator, 'POST', 'app', { id: config.app?.id });
  const { appSecret } = await control<{ appSecret: string }>(simulator, 'GET', '');
  const running = await runQuittance(place.url, {
    ...config,
    stripeSecretKey: STRIPE_KEY,
    stripeApiBase: simulator.url,
    stripeConnectWebhookSecret: CONNECT_SECRET,
    stripeAppSecret: appSecret,
  });
  await registerWebhook(simulator.url, `${running.url}${CONNECT_ENDPOINT}`, {
    secret: CONNECT_SECRET,
    connect: true,
  });
  return {
    ...running,
    install: () => install(simulator, place.database),
    signerFor: (visitor) => signerFor(simulator, visitor),
  };
}

async function install(simulator: Simulator, { sql }: Database): Promise<Installed> {
  const call = <T>(path: string, body: object): Promise<T> => control<T>(simulator, 'POST', path, body);
  const made = await call<{ account: string; data: { id: string }[] }>('apps/installs', {});
  const { account } = made;
  const { host, port } = simulator;
  const stripe = new Stripe(STRIPE_KEY, {
    host,
    port,
    protocol: 'http',
    telemetry: false,
    stripeAccount: account,
  });
  // The hook has run: the example wrote the account down.
  const id = await until(async () => {
    const [row] = await sql<{ install: string }>`
      select install from payment_note_user where account = ${account}`;
    return row?.install;
  }, 'the install');
  return {
    id,
    account,
    stripe,
    secret: async (name) => {
      const find = { name, scope: { type: 'account' as const }, expand: ['payload'] };
      return (await stripe.apps.secrets.find(find)).payload;
    },
    permit: async (...granted) =>
      void (await call(`apps/installs/${made.data[0]?.id}/permissions`, { granted })),
    uninstall: async () => {
      await call('apps/installs/uninstall', { account });
      await until(async () => {
        const left = await sql`
          select from payment_note_user where install = ${id} and left_at is not null`;
        return left.length === 1;
      }, 'the end of the install');
    },
  };
}

/** Asks Stripe to sign, as the Dashboard does for the user who is signed in. */
async function signerFor(simulator: Simulator, { user, account, roles }: Visitor): Promise<Sign> {
  const who = { user, account, roles };
  const { key } = await control<{ key: string }>(simulator, 'POST', 'apps/sessions', who);
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
