import { Command } from 'commander';
import { createQuittance, type Quittance } from '../quittance.ts';
import { devSecrets } from './data-dir.ts';
import { withDatabase } from './database.ts';
import { readEnvironment } from './environment.ts';
import { readOptions } from './serve.ts';

export function reconcileCommand(): Command {
  return new Command('reconcile')
    .description("compare with Stripe's own list of events and with the state of open orders, and repair")
    .addHelpText('after', '\nNeeds STRIPE_SECRET_KEY. A running server does the same every five minutes.')
    .action(async () => {
      const environment = readEnvironment();
      await withDatabase(environment, async (_database, url) => {
        const env = {
          QUITTANCE_SECRET: devSecrets(environment.dataDir).secret,
          ...environment.env,
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
  const { busy, listed, since, pages, stored } = await quittance.reconcile('cli');
  const read = `Read ${listed} events since ${since} in ${pages} pages; ${stored} were missing, now stored.`;
  process.stdout.write(`${busy ? 'Another process is reading events at this moment.' : read}\n`);
  const moved = await quittance.sweepOrders();
  for (const order of moved) process.stdout.write(`Order ${order.id} is ${order.status} now.\n`);
  process.stdout.write(`${moved.length} orders repaired.\n`);
}
