import { readFile } from 'node:fs/promises';
import { CONNECT_ENDPOINT } from '../../../inbox/known-accounts.ts';
import type { Cast } from '../play.ts';
import { createTables } from '../rows.ts';
import type { ServerProcess } from '../server.ts';
import type { AppCast, Mode } from './cast.ts';
import { APP_ID, BACKEND_CONFIG, BACKEND_TABLES, Dashboard } from './dashboard.ts';
import { LocalApp } from './local-app.ts';

// The data of who uninstalls go after three seconds here, in place of thirty days.
const GRACE_DAYS = 3 / (24 * 60 * 60);

/** The example's configuration, with a night each minute and a short memory. */
const CONFIG = `import config from ${JSON.stringify(BACKEND_CONFIG)};
export default {
  ...config,
  app: { ...config.app, graceDays: ${GRACE_DAYS}, cron: { '* * * * *': 'count-notes' } },
};
`;

const MODES: readonly Mode[] = ['live', 'test'];

/** A local Stripe and two servers of the example's backend, one for each mode. */
export async function setTheStage(cast: Cast): Promise<AppCast> {
  const { screen, stage } = cast;
  screen.heading('From nothing');
  await screen.step('a database is created and started', () => stage.openDatabase());
  const app = new LocalApp(stage);
  await screen.step('a local Stripe runs, and knows the example’s app', async () => {
    const seen = await stage.startStripe();
    await app.control('app', { id: APP_ID });
    return seen;
  });
  const servers = {} as Record<Mode, ServerProcess>;
  await screen.step(
    'the example’s backend runs twice, for live and for test mode, each with its own database and endpoint',
    async () => {
      for (const mode of MODES) servers[mode] = await startServer(cast, app, mode);
      return MODES.map((mode) => `${mode} at ${servers[mode].url}`).join(', ');
    },
  );
  const dashboard = new Dashboard(stage, app, { live: servers.live.url, test: servers.test.url });
  return { ...cast, app, servers, dashboard, live: '', test: '', both: '', notes: new Map() };
}

async function startServer({ stage }: Cast, app: LocalApp, mode: Mode): Promise<ServerProcess> {
  const secret = `whsec_demo_of_the_${mode}_endpoint`;
  const { STRIPE_APP_SECRET, STRIPE_API_BASE } = stage.stripe.env;
  const server = await stage.addServer(`notes_${mode}`, CONFIG, {
    STRIPE_APP_SECRET,
    STRIPE_API_BASE,
    STRIPE_SECRET_KEY: `sk_${mode}_quittance_demo_of_an_app`,
    STRIPE_CONNECT_WEBHOOK_SECRET: secret,
  });
  await createTables(stage.databaseUrl(`notes_${mode}`), await readFile(BACKEND_TABLES, 'utf8'));
  await server.start();
  await app.control('webhook_endpoints', {
    url: `${server.url}${CONNECT_ENDPOINT}`,
    secret,
    connect: true,
    livemode: mode === 'live',
  });
  return server;
}
