import { Command } from 'commander';
import { startEmbedded, type Embedded } from '../db/embedded/start.ts';
import { devSecrets, removeRuntime, writeRuntime } from './data-dir.ts';
import { refuseEmbeddedInProduction } from './database.ts';
import { checkVariables, readEnvironment, type Environment } from './environment.ts';
import { Supervisor } from './supervise.ts';
import { untilSignal } from './until-signal.ts';

/** A server for real payments: Stripe's keys and the database come from the environment. */
export function startCommand(): Command {
  return new Command('start')
    .description('run the server (production)')
    .addHelpText(
      'after',
      `
Needs DATABASE_URL, STRIPE_SECRET_KEY, STRIPE_WEBHOOK_SECRET and QUITTANCE_SECRET; see README.md for the rest.
Without NODE_ENV=production an embedded PostgreSQL in QUITTANCE_DATA_DIR stands in for DATABASE_URL.`,
    )
    .action(() => runStart(readEnvironment()));
}

async function runStart(environment: Environment): Promise<void> {
  // First thing: what a signal during the start would leave behind is ours to end.
  const signal = untilSignal();
  refuseEmbeddedInProduction(environment);
  checkVariables(environment);
  const database = await databaseFor(environment);
  const env = { ...environment.env, DATABASE_URL: database.url, ...secretFor(environment) };
  const supervisor = new Supervisor({
    env,
    onDeath: (role, reason) =>
      process.stderr.write(`quittance: ${role} process ended (${reason}), restarting\n`),
  });
  try {
    const listening = supervisor.start().then(() => {
      process.stderr.write(`quittance: listening on port ${environment.port}\n`);
    });
    await Promise.race([signal, listening]);
    await signal;
  } finally {
    await supervisor.stop();
    await database.stop();
  }
}

/** `DATABASE_URL`, or an embedded PostgreSQL; callers have refused the latter in production. */
export async function databaseFor(environment: Environment): Promise<Pick<Embedded, 'url' | 'stop'>> {
  const { env, dataDir, databasePort } = environment;
  if (env.DATABASE_URL) return { url: env.DATABASE_URL, stop: async () => {} };
  const embedded = await startEmbedded({
    dataDir,
    port: databasePort,
    onRestart: (reason) => process.stderr.write(`quittance: PostgreSQL ended (${reason}), restarting it\n`),
  });
  writeRuntime(dataDir, { databaseUrl: embedded.url });
  return {
    url: embedded.url,
    stop: async () => {
      removeRuntime(dataDir);
      await embedded.stop();
    },
  };
}

function secretFor({ env, production, dataDir }: Environment): NodeJS.ProcessEnv {
  if (env.QUITTANCE_SECRET || production) return {};
  return { QUITTANCE_SECRET: devSecrets(dataDir).secret };
}
