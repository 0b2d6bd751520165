import { Command } from 'commander';
import { createQuittance } from '../quittance.ts';
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
          const report = await quittance.reconcile('cli');
          if (report.busy)
            return void process.stdout.write('Another process is reconciling; nothing was done.\n');
          process.stdout.write(
            `Read ${report.listed} events since ${report.since} in ${report.pages} pages; ${report.stored} were missing and are stored now.\n`,
          );
          const moved = await quittance.sweepOrders();
          for (const order of moved) process.stdout.write(`order ${order.id} is ${order.status} now\n`);
          process.stdout.write(`${moved.length} orders repaired.\n`);
        } finally {
          await quittance.stop();
        }
      });
    });
}
