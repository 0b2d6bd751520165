import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import config from '../../../../examples/stripe-app/backend/quittance.config.ts';
import type { AppContext, AppEnv } from '../../../../src/apps/context.ts';
import { checkAppRoutes } from '../../../../src/apps/signed/check-routes.ts';
import { signedBy } from '../../../../src/apps/signed/middleware.ts';
import { AppVerifier } from '../../../../src/apps/signed/verifier.ts';
import { systemClock } from '../../../../src/clock.ts';
import type { Database } from '../../../../src/db/database.ts';
import { atEnd } from '../../../support/at-end.ts';
import type { Installed } from './stripe.ts';

const FOLDER = path.resolve(import.meta.dirname, '../../../../examples/stripe-app/backend');

/** The example's backend on a port. */
export interface Backend {
  url: string;
  /** Lets the users of this account in. */
  admit: (installed: Installed) => void;
  dismiss: (account: string) => void;
  /** The jobs that were queued, in order. */
  queued: { name: string; payload: unknown }[];
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

/** The example's routes behind `signed()`, below /apps, with the secret of this app. */
export async function runBackend(database: Database, appSecret: string): Promise<Backend> {
  const installs = new Map<string, Omit<AppContext, 'verified'>>();
  const queued: Backend['queued'] = [];
  const verifier = new AppVerifier({
    database,
    clock: systemClock,
    secrets: [appSecret],
    webhookSecrets: [],
    signing: 'strict',
    livemode: false,
  });
  const signed = signedBy({
    verifier,
    contextFor: async (verified) => {
      const known = installs.get(verified.accountId);
      return known ? { ...known, verified } : NOT_INSTALLED;
    },
  });
  const app = new Hono<AppEnv>().basePath('/apps');
  app.use('*', signed());
  config.app?.routes?.(app);
  app.onError(() => new Response(null, { status: 500 })); // Hono's own would write it to the screen
  await checkAppRoutes(app as unknown as Hono);
  return {
    url: await listen(app),
    queued,
    admit: (installed) => {
      const enqueue: AppContext['enqueue'] = async (name, payload) => void queued.push({ name, payload });
      installs.set(installed.install.account, { ...installed, sql: database.sql, enqueue });
    },
    dismiss: (account) => void installs.delete(account),
  };
}

const NOT_INSTALLED = { status: 403, code: 'not_installed', detail: 'The app is not installed here.' };

async function listen(app: Hono<AppEnv>): Promise<string> {
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
  atEnd(() => server.close());
  if (!server.listening) await new Promise((resolve) => server.once('listening', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
