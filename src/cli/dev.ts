import { Command } from 'commander';
import { CONNECT_ENDPOINT } from '../inbox/known-accounts.ts';
import { devSecrets, removeRuntime, writeRuntime } from './data-dir.ts';
import { refuseEmbeddedInProduction, withDatabase } from './database.ts';
import { checkVariables, configFile, loadConfig, readEnvironment, type Environment } from './environment.ts';
import type { QuittanceConfig } from '../config.ts';
import type { LocalStripe } from './local-stripe.ts';
import { operatorsIn } from './operators.ts';
import { databaseFor } from './start.ts';
import { Supervisor } from './supervise.ts';
import { untilSignal } from './until-signal.ts';

/** Everything on one machine: server, database, and a Stripe to go with them. */
export function devCommand(): Command {
  return new Command('dev')
    .description('run everything for development: server, PostgreSQL, Stripe simulator')
    .addHelpText(
      'after',
      `
Without DATABASE_URL an embedded PostgreSQL keeps its data in QUITTANCE_DATA_DIR (.quittance).
Without STRIPE_SECRET_KEY the simulator stands in for Stripe; try card 4242 4242 4242 4242.
PORT (4000), QUITTANCE_SIMULATOR_PORT (12111) and QUITTANCE_DATABASE_PORT (a free one) choose the ports.`,
    )
    .action(() => runDev(readEnvironment()));
}

async function runDev(environment: Environment): Promise<void> {
  const { env, port, dataDir } = environment;
  refuseEmbeddedInProduction(environment);
  checkVariables(environment);
  // Messages of the first start, before anything listens, go to whoever reads the terminal.
  process.stdout.write('Starting PostgreSQL …\n');
  const stops: (() => Promise<void>)[] = [];
  const signal = untilSignal();
  try {
    const database = await databaseFor(environment);
    stops.push(() => database.stop());
    const publicUrl = env.PUBLIC_URL || env.CLIENT_URL || `http://localhost:${port}`;
    // Only the simulator has to be told of the app; the server reads its configuration itself.
    const { app } = env.STRIPE_SECRET_KEY ? {} : await loadConfig(configFile());
    const stripe = env.STRIPE_SECRET_KEY ? null : await localStripe(environment, app);
    if (stripe) {
      stops.push(() => stripe.stop());
      writeRuntime(dataDir, { databaseUrl: database.url, stripe: stripe.env });
      stops.push(async () => removeRuntime(dataDir));
    }
    const { secret, apiKey } = devSecrets(dataDir);
    const childEnv = {
      QUITTANCE_SECRET: secret,
      QUITTANCE_API_KEY: apiKey,
      PUBLIC_URL: publicUrl,
      LOG_LEVEL: 'warn',
      ...dropEmpty(env),
      ...stripe?.env,
      DATABASE_URL: database.url,
    };
    const supervisor = new Supervisor({
      env: childEnv,
      onDeath: (role, reason) =>
        process.stderr.write(`The ${role} process ended (${reason}); starting it again.\n`),
    });
    stops.push(() => supervisor.stop());
    const ready = supervisor.start().then(async () => {
      const link = await consoleLink({ ...environment, env: childEnv });
      process.stdout.write(
        banner(environment, { publicUrl, link, stripe, childEnv, hasApp: app !== undefined }),
      );
    });
    await Promise.race([signal, ready]);
    await signal;
    process.stdout.write('\nStopping …\n');
  } finally {
    for (const stop of stops.toReversed()) await stop();
  }
}

async function localStripe(
  { dataDir, simulatorPort, port }: Environment,
  app: QuittanceConfig['app'],
): Promise<LocalStripe> {
  const { startLocalStripe } = await import('./local-stripe.ts'); // with Stripe's library
  const serverUrl = `http://127.0.0.1:${port}`;
  return startLocalStripe({ dataDir, port: simulatorPort, serverUrl, app: app?.id });
}

/** Lets whoever started this in as admin. They may ask for another: quittance operators link admin. */
async function consoleLink(environment: Environment): Promise<string> {
  return withDatabase(environment, async (database) => {
    const operators = operatorsIn(database, environment);
    const admin = await operators.byName('admin');
    const made = await (admin
      ? operators.link(admin.id, 'sign_in')
      : operators.add({ name: 'admin', role: 'admin' }, 'sign_in'));
    return 'link' in made ? `${made.link.url}  (once, 15 minutes)` : made.problem.detail;
  });
}

interface Ready {
  publicUrl: string;
  link: string;
  stripe: LocalStripe | null;
  childEnv: NodeJS.ProcessEnv;
  hasApp: boolean;
}

function banner({ env, dataDir }: Environment, { publicUrl, link, stripe, childEnv, hasApp }: Ready): string {
  const lines = [
    ['Shop', publicUrl],
    ['Console', link],
    [
      'Stripe',
      stripe ? `${stripe.url}  (simulator: nothing is charged)` : 'the account of STRIPE_SECRET_KEY',
    ],
    ['Database', env.DATABASE_URL ? 'DATABASE_URL' : `embedded, in ${dataDir}`],
    ['API key', env.QUITTANCE_API_KEY ? 'QUITTANCE_API_KEY' : (childEnv.QUITTANCE_API_KEY ?? '')],
    ...(stripe && hasApp ? [['App', `${stripe.url}/_sim/apps  (install it on an account there)`]] : []),
    ['Config', configFile() ?? 'none: create quittance.config.ts to sell something'],
  ];
  const text = lines.map(([name, value]) => `  ${String(name).padEnd(9)} ${value}`).join('\n');
  const hint = stripe
    ? 'Pay with card 4242 4242 4242 4242, any future date, any CVC.'
    : hintForStripe(childEnv, publicUrl);
  return `\nQuittance is ready.\n\n${text}\n\n${hint}\n${STAFF_HINT}\nCtrl-C stops everything.\n`;
}

const STAFF_HINT =
  'Sellers: POST /api/connect/staff-links with the API key answers with a link to the pages of your staff.';

function hintForStripe(env: NodeJS.ProcessEnv, publicUrl: string): string {
  const connect = `--forward-connect-to ${publicUrl}${CONNECT_ENDPOINT}`;
  if (env.STRIPE_WEBHOOK_SECRET && env.STRIPE_CONNECT_WEBHOOK_SECRET) {
    return 'Webhooks are verified with STRIPE_WEBHOOK_SECRET and STRIPE_CONNECT_WEBHOOK_SECRET.';
  }
  if (env.STRIPE_WEBHOOK_SECRET) {
    return (
      'Webhooks are verified with STRIPE_WEBHOOK_SECRET. To hear of sellers as well: stripe listen\n' +
      `  ${connect}\n` +
      'and STRIPE_CONNECT_WEBHOOK_SECRET.'
    );
  }
  return (
    'No webhook arrives yet: run\n' +
    `  stripe listen --all-snapshot --forward-to ${publicUrl}/api/webhook \\\n` +
    `    ${connect}\n` +
    'and put the whsec_… it prints into STRIPE_WEBHOOK_SECRET and, to hear of sellers,\n' +
    'into STRIPE_CONNECT_WEBHOOK_SECRET.'
  );
}

function dropEmpty(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
}
