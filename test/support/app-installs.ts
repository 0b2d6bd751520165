import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { afterAll } from 'vitest';
import { StripeAccess } from '../../src/apps/access/access.ts';
import { RestrictedKeys, type MarkInstalled } from '../../src/apps/access/restricted-keys.ts';
import { restrictedKeyRoutes } from '../../src/apps/access/routes.ts';
import type { Install, InstallAccess } from '../../src/apps/install.ts';
import { installRoutes } from '../../src/apps/oauth/routes.tsx';
import type { Database } from '../../src/db/database.ts';
import { newId } from '../../src/ids.ts';
import { startSimulator, type Simulator } from '../../src/simulator/index.ts';
import { StripeClients } from '../../src/stripe/clients.ts';
import { Vault } from '../../src/vault/vault.ts';
import { atEnd } from './at-end.ts';
import { recordedLog } from './log.ts';
import { operatorApi } from './operator-api.ts';
import { SECRET } from './quittance.ts';
import { STRIPE_KEY } from './shop.ts';

export const APP_CLIENT_ID = 'ca_QuittanceApp';

/** The parts of an app that let it into accounts, on a database and a simulator, with a clock to be moved. */
export interface AppAccess {
  simulator: Simulator;
  url: string;
  access: StripeAccess;
  keys: RestrictedKeys;
  vault: Vault;
  log: ReturnType<typeof recordedLog>;
  alarms: [code: string, subject: string][];
  clock: { now: () => number; aheadMs: number };
  /** Another process on the same database. */
  another: (database?: Pick<Database, 'sql' | 'transaction'>) => StripeAccess;
  /** Presses a button of Stripe's page and returns the address it leads back to. */
  decide: (url: string | null, outcome?: string, account?: string) => Promise<string>;
}

export interface AppAccessOptions {
  access?: InstallAccess;
  clientId?: string | undefined;
  installedUrl?: string;
  apiBase?: string;
  publicUrl?: string;
}

export async function runAppAccess(
  database: Database,
  { access: how = 'oauth', clientId = APP_CLIENT_ID, installedUrl, ...more }: AppAccessOptions = {},
  given?: Simulator,
): Promise<AppAccess> {
  const simulator = given ?? (await startSimulator({ port: 0 }));
  if (!given) afterAll(() => simulator.close());
  const stripeApiBase = more.apiBase ?? simulator.url;
  const clients = new StripeClients({ secretKey: STRIPE_KEY, apiBase: stripeApiBase });
  const log = recordedLog();
  const alarms: AppAccess['alarms'] = [];
  const clock = { aheadMs: 0, now: (): number => Date.now() + clock.aheadMs };
  const vault = new Vault({ secret: SECRET, previousSecrets: [] });
  const installed = markInstalled;
  const base = { clients, database, vault, clock, logger: log.logger, livemode: false, installed };
  const settings = { app: { access: how, distribution: 'public' as const, installedUrl } };
  const alarm = (code: string, subject: string): void => void alarms.push([code, subject]);
  const another = (on: Pick<Database, 'sql' | 'transaction'> = database): StripeAccess =>
    new StripeAccess({ ...base, database: on, settings, alarm });
  const keys = new RestrictedKeys({ ...base, access: how });
  const app = new Hono();
  const { url, close } = await serve(app);
  installRoutes(app, {
    ...base,
    settings: {
      ...settings,
      publicUrl: more.publicUrl ?? url,
      stripeAppClientId: clientId === '' ? undefined : clientId,
      stripeApiBase,
    },
    page: { shopName: 'Notes', sources: { stripeJs: null, formTargets: [], strictTransport: false } },
  });
  restrictedKeyRoutes(operatorApi(app, database), keys);
  atEnd(() => {
    close();
    clients.close();
  });
  return { simulator, url, access: another(), keys, vault, log, alarms, clock, another, decide };
}

async function serve(app: Hono): Promise<{ url: string; close: () => void }> {
  const listen = getRequestListener(app.fetch, { overrideGlobalObjects: false });
  const server = createServer((incoming, outgoing) => void listen(incoming, outgoing));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = (): void => {
    server.closeAllConnections();
    server.close();
  };
  return { url, close };
}

/** The row alone: what else an install brings about has tests of its own. */
const markInstalled: MarkInstalled = async (sql, { account, livemode, access }) => {
  const [row] = await sql<Install>`
    insert into quittance.install (id, account, livemode, access)
    values (${newId('ins')}, ${account}, ${livemode}, ${access})
    on conflict (account, livemode) where status <> 'removed' do update set status = 'installed'
    returning *`;
  return row as Install;
};

async function decide(url: string | null, outcome = 'skip', account = ''): Promise<string> {
  const body = new URLSearchParams({ outcome, account });
  const answer = await fetch(url ?? '', { method: 'POST', body, redirect: 'manual' });
  return answer.headers.get('location') ?? '';
}
