import { Command } from 'commander';
import { describeError, QuittanceError } from '../errors.ts';
import type { Quittance } from '../quittance.ts';
import { devSecrets, readRuntime } from './data-dir.ts';
import { withDatabase } from './database.ts';
import { readEnvironment } from './environment.ts';

export function reconcileCommand(): Command {
  return new Command('reconcile')
    .description("compare with Stripe's own list of events and with the state of open orders, and repair")
    .addHelpText('after', '\nNeeds STRIPE_SECRET_KEY. A running server does the same every five minutes.')
    .action(async () => {
      const { createQuittance } = await import('../quittance.ts'); // large: only for who wants it
      const { readOptions } = await import('./serving.ts');
      const environment = readEnvironment();
      await withDatabase(environment, async (_database, url) => {
        const runtime = readRuntime(environment.dataDir);
        const beside = runtime?.databaseUrl === url && !environment.env.STRIPE_SECRET_KEY;
        const env = {
          QUITTANCE_SECRET: devSecrets(environment.dataDir).secret,
          ...environment.env,
          ...(beside ? runtime.stripe : {}),
          DATABASE_URL: url,
        };
        const quittance = createQuittance(await readOptions({ ...environment, env }));
        try {
          await quittance.start({ work: false });
          await quittance.whenReady();
          await repair(quittance);
        } finally {
          await quittance.stop();
        }
      });
    });
}

async function repair(quittance: Quittance): Promise<void> {
  const { busy, listed, since, pages, stored } = await quittance.reconcile('cli').catch(explain);
  const read = `Read ${listed} events since ${since} in ${pages} pages; ${stored} were missing, now stored.`;
  process.stdout.write(`${busy ? 'Another process is reading events at this moment.' : read}\n`);
  const moved = await quittance.sweepOrders();
  for (const order of moved) process.stdout.write(`Order ${order.id} is ${order.status} now.\n`);
  process.stdout.write(`${moved.length} orders repaired.\n`);
}

// Errors of the Stripe library; all others speak for themselves.
function explain(error: unknown): never {
  if (!(error instanceof Error) || !error.constructor.name.startsWith('Stripe')) throw error;
  const message =
    `Stripe's list of events could not be read (${describeError(error).split('\n')[0]}). Nothing is lost: ` +
    'check STRIPE_SECRET_KEY, STRIPE_API_BASE and the network, and run it again.';
  throw new QuittanceError({ code: 'stripe_unreachable', message, cause: error });
}
