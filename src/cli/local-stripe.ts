import { fork, type ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { QuittanceError } from '../errors.ts';
import { StripeClients } from '../stripe/clients.ts';
import { ensureEndpoint } from '../stripe/endpoint.ts';
import { devSecrets, writeSecrets } from './data-dir.ts';

const BIN = fileURLToPath(new URL('../../bin/quittance.js', import.meta.url));
const SECRET_KEY = 'sk_test_quittance_local_development';
const PUBLISHABLE_KEY = 'pk_test_quittance_local_development';

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
  /** Where the server will take webhooks. */
  webhookUrl: string;
}

/** Starts a simulator with its state in `dataDir` and registers our webhook with it. */
export async function startLocalStripe({
  dataDir,
  port,
  webhookUrl,
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
  const clients = new StripeClients({ secretKey: SECRET_KEY, apiBase: url });
  const secrets = devSecrets(dataDir);
  const endpoint = await ensureEndpoint(clients.own(), webhookUrl, secrets.endpoint);
  clients.close();
  writeSecrets(dataDir, { ...secrets, endpoint });
  return {
    url,
    env: {
      STRIPE_SECRET_KEY: SECRET_KEY,
      STRIPE_PUBLISHABLE_KEY: PUBLISHABLE_KEY,
      STRIPE_WEBHOOK_SECRET: endpoint.secret,
      STRIPE_API_BASE: url,
    },
    stop: () => stop(child),
  };
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
