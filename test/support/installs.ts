import type Stripe from 'stripe';
import type { Hono } from 'hono';
import type { AppEnv, InstallContext } from '../../src/apps/context.ts';
import type { Install } from '../../src/apps/install.ts';
import { InstallParts } from '../../src/apps/installs/parts.ts';
import { appSchema, type AppOptions } from '../../src/apps/settings.ts';
import type { Database } from '../../src/db/database.ts';
import type { Simulator } from '../../src/simulator/index.ts';
import { StripeClients } from '../../src/stripe/clients.ts';
import { APP_SECRET, headerFor, strictFields } from '../apps/support/signed.ts';
import { control } from '../simulator/support/simulator.ts';
import { atEnd } from './at-end.ts';
import { recordedLog } from './log.ts';
import { CONNECT_SECRET } from './marketplace.ts';
import { runQuittance, until, type Running } from './quittance.ts';
import { registerWebhook } from './shop.ts';

/** The app that the simulator has unless told otherwise. */
export const APP_ID = 'com.example.app';

/** A call of a hook, or of `removeData`, in the order in which they were made. */
interface HookTold {
  hook: string;
  install: Install;
  key: string | null;
  more: Record<string, unknown>;
}

/** A server of an app, and what its hooks were told. */
export interface AppServer extends Omit<Running, 'api'> {
  told: HookTold[];
  /** The install that the app's extension is let in for, or null: asked with a signed request. */
  active: (account: string, livemode: boolean) => Promise<Install | null>;
  /** The operator's API of the server. */
  operator: Running['api'];
  /** The API of installs. */
  api: (path: string, method?: string) => Promise<{ status: number; body: Record<string, never> }>;
  /** What is kept of an account, the newest first. */
  installs: (account: string) => Promise<Install[]>;
  /** Resolves with the newest install of an account when it is as asked. */
  installIn: (account: string, status: Install['status']) => Promise<Install>;
  /** The calls of one hook for an install, once there are so many. */
  toldOf: (hook: string, install: string, count?: number) => Promise<HookTold[]>;
}

export interface AppServerOptions {
  simulator: Simulator;
  livemode?: boolean;
  app?: AppOptions;
  stripeAppClientId?: string;
}

/** The key that an account handed in, or its token. */
type KeyOf = (install: Install) => string | undefined;

/** What makes installs, without a server around it. */
export function makeParts(
  database: Database,
  { simulator, livemode = false, app = {}, keyOf }: AppServerOptions & { keyOf?: KeyOf },
): InstallParts {
  const clients = new StripeClients({ secretKey: keyFor(livemode), apiBase: simulator.url });
  atEnd(() => clients.close());
  const clientOf = (install: Install): Stripe => {
    const key = keyOf?.(install);
    if (key === undefined) return clients.for(install.account);
    return new StripeClients({ secretKey: key, apiBase: simulator.url }).own();
  };
  return new InstallParts({
    databases: { requests: database, jobs: database },
    clients,
    handlers: { on: () => {} },
    logger: recordedLog().logger,
    livemode,
    settings: { app: appSchema.parse(app) },
    clientOf,
    revoke: async (sql, { id }) => {
      await sql`delete from quittance.vault where owner = ${id} and kind = 'stripe_token'`;
    },
    contextFor: (install) => ({ install, stripe: clientOf(install) }) as unknown as InstallContext,
    enqueueFor: () => async () => {},
  });
}

/** A Quittance that is the backend of an app, to which the simulator posts in the server's mode. */
export async function runAppServer(
  { url: databaseUrl, database }: { url: string; database: Database },
  options: AppServerOptions,
): Promise<AppServer> {
  const { simulator, livemode = false, stripeAppClientId } = options;
  const told: HookTold[] = [];
  const running = await runQuittance(databaseUrl, {
    stripeSecretKey: keyFor(livemode),
    stripeApiBase: simulator.url,
    stripeConnectWebhookSecret: CONNECT_SECRET,
    stripeAppSecret: APP_SECRET,
    ...(stripeAppClientId === undefined ? {} : { stripeAppClientId }),
    app: { ...recorded({ id: APP_ID, ...options.app }, told), routes },
  });
  const connect = { secret: CONNECT_SECRET, livemode, connect: true };
  await registerWebhook(simulator.url, `${running.url}/api/webhook/connect`, connect);
  await registerWebhook(simulator.url, `${running.url}/api/webhook`, { livemode });
  const active: AppServer['active'] = (account, live) => activeAt(running.url, account, live);
  return { ...running, told, active, operator: running.api, ...views(database, running, told) };
}

function routes(app: Hono<AppEnv>): void {
  app.post('/who', (context) => context.json(context.var.app.install));
}

async function activeAt(url: string, account: string, livemode: boolean): Promise<Install | null> {
  const path = '/apps/who';
  const fields = { path, mode: livemode ? 'live' : 'test', account_id: account };
  const body = JSON.stringify(strictFields(fields));
  const headers = { 'stripe-signature': headerFor(body, APP_SECRET, Math.floor(Date.now() / 1000)) };
  const answer = await fetch(`${url}${path}`, { method: 'POST', body, headers });
  const said = (await answer.json()) as Install & { code: string };
  if (answer.ok) return said;
  if (said.code !== 'not_installed' && said.code !== 'other_mode') throw new Error(said.code);
  return null;
}

function keyFor(livemode: boolean): string {
  return livemode ? 'sk_live_quittance_suite_key' : 'sk_test_quittance_suite_key';
}

function views(
  database: Database,
  running: Running,
  told: readonly HookTold[],
): Pick<AppServer, 'api' | 'installs' | 'installIn' | 'toldOf'> {
  const api: AppServer['api'] = async (path, method = 'GET') => {
    const answer = await running.api(path, { method });
    return { status: answer.status, body: (await answer.json()) as Record<string, never> };
  };
  const installs = async (account: string): Promise<Install[]> =>
    database.sql<Install>`
      select id, account, livemode, sandbox, access, status, stripe_install, permissions_granted,
        permissions_pending, reason
      from quittance.install where account = ${account} order by installed_at desc`;
  return {
    api,
    installs,
    installIn: (account, status) =>
      until(async () => {
        const [newest] = await installs(account);
        return newest?.status === status && newest;
      }, `the install of ${account} to be ${status}`),
    toldOf: (hook, install, count = 1) =>
      until(async () => {
        const calls = told.filter((call) => call.hook === hook && call.install.id === install);
        return calls.length >= count && calls;
      }, `${hook} to be called ${count} times`),
  };
}

// Writes down what each hook was given, then calls the test's own.
function recorded(app: AppOptions, told: HookTold[]): AppOptions {
  const hooks = ['onInstall', 'onPermissionsChanged', 'onUninstall', 'removeData'] as const;
  const recording = hooks.map((hook) => [
    hook,
    (install: Install, context: Record<string, unknown>) => {
      const { restored, added, removed, pending, idempotencyKey } = context;
      const key = (idempotencyKey as string | undefined) ?? null;
      told.push({ hook, install, key, more: { restored, added, removed, pending } });
      return app[hook]?.(install, context as never);
    },
  ]);
  return { ...app, ...Object.fromEntries(recording) };
}

/** Installs the app on an account, as its owner does in the Dashboard; gives the account. */
export async function installApp(
  simulator: Simulator,
  more: { account?: string; modes?: string[]; permissions?: string[]; app?: string } = {},
): Promise<string> {
  return (await control<{ account: string }>(simulator, 'POST', 'apps/installs', more)).account;
}

/** Uninstalls it, in all modes or in one. */
export async function uninstallApp(simulator: Simulator, account: string, mode?: string): Promise<void> {
  const modes = mode === undefined ? {} : { modes: [mode] };
  await control(simulator, 'POST', 'apps/installs/uninstall', { account, ...modes });
}
