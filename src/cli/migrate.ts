import { Command } from 'commander';
import { refuseForgetfulDatabase } from '../db/durability.ts';
import { migrate } from '../db/migrate.ts';
import { withDatabase } from './database.ts';
import { readEnvironment } from './environment.ts';

export function migrateCommand(): Command {
  return new Command('migrate')
    .description('bring the database schema to the version of this Quittance')
    .addHelpText(
      'after',
      '\nUses DATABASE_URL, or the embedded PostgreSQL in QUITTANCE_DATA_DIR (.quittance).',
    )
    .action(async () => {
      const { Jobs } = await import('../jobs/jobs.ts'); // large: only for who wants it
      await withDatabase(readEnvironment(), async (database) => {
        await refuseForgetfulDatabase(database.sql);
        const { applied, version } = await migrate(database, () => Jobs.migrate(database));
        for (const name of applied) process.stdout.write(`applied ${name}\n`);
        process.stdout.write(`The schema is at version ${version}.\n`);
      });
    });
}
