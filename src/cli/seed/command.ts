import { Command } from 'commander';
import { migrate } from '../../db/migrate.ts';
import { withDatabase } from '../database.ts';
import { readEnvironment } from '../environment.ts';
import { positive, wholeNumber } from '../values.ts';
import { seedStore, type Wanted } from './seed.ts';

const HELP = `
Everything is in test mode, and its ids begin with "seed": evt_seed…, ord_seed…, acct_seed…. Nothing of it
exists at Stripe: a server with a key will ask for the open orders and be told so. A million events with
200,000 orders take two to three minutes and 3 GB. A database that holds anything in live mode is refused.`;

export function seedCommand(): Command {
  return new Command('seed')
    .description('fill a database with a made-up store, to look at and to measure with')
    .option('--events <n>', 'events in the log', positive, 20_000)
    .option('--orders <n>', 'orders', positive, 4_000)
    .option('--sellers <n>', 'connected accounts', wholeNumber, 50)
    .option('--days <n>', 'over how many days, until now', positive, 120)
    .option('--seed <n>', 'the same number gives the same store', wholeNumber, 1)
    .option('--into-existing', 'also when there is something already, behind the newest event')
    .addHelpText('after', HELP)
    .action(async ({ intoExisting = false, ...wanted }: Wanted & { intoExisting?: boolean }) => {
      const { Jobs } = await import('../../jobs/jobs.ts'); // large: only for who wants it
      const note = (progress: string): void => void process.stderr.write(`${progress}\n`);
      await withDatabase(readEnvironment(), async (database) => {
        await migrate(database, () => Jobs.migrate(database));
        const began = performance.now();
        await seedStore(database, wanted, { intoExisting, note });
        const seconds = ((performance.now() - began) / 1000).toFixed(1);
        const made = `${wanted.events} events and ${wanted.orders} orders`;
        process.stdout.write(`${made} are there, after ${seconds} s.\n`);
      });
    });
}
