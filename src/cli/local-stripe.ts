import { fork, type ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { QuittanceError } from '../errors.ts';
import { StripeClients } from '../stripe/clients.ts';
import { CONNECT_ENDPOINT } from '../inbox/known-accounts.ts';
import { ensureDestination, ensureEndpoint } from '../stripe/endpoint.ts';
import { devSecrets, writeSecrets, type DevSecrets } from './data-dir.ts';

const BIN = fileURLToPath(new URL('../../bin/quittance.js', import.meta.url));
const SECRET_KEY = 'sk_test_quittance_local_development';
const PUBLISHABLE_KEY = 'pk_test_quittance_local_development';
const CLIENT_ID = 'ca_QuittanceLocalDevelopment';
// The application that the simulator's events are about.
const APP_CLIENT_ID = 'ca_QuittanceSimulator00000000000000';

/** A simulator in a process of its own, and the variables that make a server use it. */
export interface LocalStripe {
  url: string;
  env: NodeJS.ProcessEnv;
  stop(): Promise<void>;
}

export interface LocalStripeOptions {
  dataDir: string;
  /** The preferred port; another one is taken when it is in use. */
  port: number;
  /** Where the server will be. */
  serverUrl: string;
  /** The id of the server's Stripe App, if it is the backend of one. */
  app?: string | undefined;
}

/** Starts a simulator with its state in `dataDir` and registers our webhooks with it. */
export async function startLocalStripe({
  dataDir,
  port,
  serverUrl,
  app,
}: LocalStripeOptions): Promise<LocalStripe> {
  const child = fork(
    BIN,
    [
      'simulator',
      '--strict',
      '--port',
      String((await isFree(port)) ? port : 0),
      '--data',
      path.join(dataDir, 'simulator'),
    ],
    { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] },
  );
  const url = await addressOf(child);
  if (app !== undefined) await nameApp(url, app);
  const { endpoint, connectEndpoint, thinDestination } = await register(url, serverUrl, dataDir);
  return {
    url,
    env: {
      STRIPE_SECRET_KEY: SECRET_KEY,
      STRIPE_PUBLISHABLE_KEY: PUBLISHABLE_KEY,
      STRIPE_WEBHOOK_SECRET: endpoint.secret,
      STRIPE_THIN_WEBHOOK_SECRET: thinDestination.secret,
      STRIPE_CONNECT_WEBHOOK_SECRET: connectEndpoint.secret,
      STRIPE_CONNECT_CLIENT_ID: CLIENT_ID,
      STRIPE_APP_CLIENT_ID: APP_CLIENT_ID,
      STRIPE_APP_SECRET: await appSecretOf(url),
      STRIPE_API_BASE: url,
    },
    stop: () => stop(child),
  };
}

/** Our own account's events and thin ones about others to one address, others' events to the other. */
async function register(
  simulator: string,
  serverUrl: string,
  dataDir: string,
): Promise<Required<Pick<DevSecrets, 'endpoint' | 'connectEndpoint' | 'thinDestination'>>> {
  const clients = new StripeClients({ secretKey: SECRET_KEY, apiBase: simulator });
  const stripe = clients.own();
  const known = devSecrets(dataDir);
  const own = `${serverUrl}/api/webhook`;
  const registered = {
    endpoint: await ensureEndpoint(stripe, own, { known: known.endpoint }),
    connectEndpoint: await ensureEndpoint(stripe, `${serverUrl}${CONNECT_ENDPOINT}`, {
      known: known.connectEndpoint,
      connect: true,
    }),
    thinDestination: await ensureDestination(stripe, own, { known: known.thinDestination }),
  };
  clients.close();
  writeSecrets(dataDir, { ...known, ...registered });
  return registered;
}

/** Tells the simulator which app is installed on accounts there. */
async function nameApp(simulator: string, id: string): Promise<void> {
  const body = JSON.stringify({ id });
  const headers = { 'content-type': 'application/json' };
  await fetch(`${simulator}/_sim/api/app`, { method: 'POST', headers, body });
}

/** What the simulator signs the requests of an app's extension with. */
async function appSecretOf(simulator: string): Promise<string> {
  const settings = (await (await fetch(`${simulator}/_sim/api`)).json()) as { appSecret: string };
  return settings.appSecret;
}

function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once('message', ({ url }: { url: string }) => resolve(url));
    child.once('exit', () => {
      const message = 'The simulator did not start; its message stands above.';
      reject(new QuittanceError({ code: 'simulator_failed', message }));
    });
  });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await gone;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}
