import { existsSync } from 'node:fs';
import path from 'node:path';
import { openDatabase, type Database } from '../db/database.ts';
import { startEmbedded } from '../db/embedded/start.ts';
import { newestVersion } from '../db/migrate.ts';
import { describeError, QuittanceError } from '../errors.ts';
import { readRuntime } from './data-dir.ts';
import type { Environment } from './environment.ts';
import { schemaVersion } from './rows.ts';

/**
 * Runs `work` with a database: `DATABASE_URL`, or that of a `dev` running on this data directory, or the
 * embedded one, started for as long as it takes.
 */
export async function withDatabase<T>(
  environment: Environment,
  work: (database: Database, url: string) => Promise<T>,
): Promise<T> {
  const { env, dataDir, databasePort } = environment;
  refuseEmbeddedInProduction(environment);
  const known = env.DATABASE_URL || readRuntime(dataDir)?.databaseUrl;
  if (known) return withUrl(known, work);
  const embedded = await startEmbedded({ dataDir, port: databasePort });
  try {
    return await withUrl(embedded.url, work);
  } finally {
    await embedded.stop();
  }
}

/** The same to look into what is stored: creates nothing, and is null when nothing was ever stored. */
export async function withStored<T>(
  environment: Environment,
  work: (database: Database) => Promise<T>,
): Promise<T | null> {
  const { env, dataDir } = environment;
  refuseEmbeddedInProduction(environment);
  const cluster = path.join(dataDir, 'postgres', 'PG_VERSION');
  if (!env.DATABASE_URL && !readRuntime(dataDir) && !existsSync(cluster)) return null;
  return withDatabase(environment, async (database) => {
    const [version, newest] = [await schemaVersion(database.sql), await newestVersion()];
    if (version === 0) return null;
    if (version === newest) return work(database);
    throw new QuittanceError({
      code: version < newest ? 'schema_older_than_code' : 'schema_newer_than_code',
      message:
        `The database has schema version ${version}, this Quittance needs version ${newest}. ` +
        (version < newest ? 'Run "quittance migrate" first.' : 'Install the Quittance that migrated it.'),
    });
  });
}

/** Throws `database_url_required` where payments would lie in a database that nobody backs up. */
export function refuseEmbeddedInProduction({ env, production }: Environment): void {
  if (env.DATABASE_URL || !production) return;
  throw new QuittanceError({
    code: 'database_url_required',
    message:
      'With NODE_ENV=production set DATABASE_URL to a PostgreSQL server that is backed up: the embedded ' +
      'one lives on this machine alone, and payments would be lost with it.',
  });
}

async function withUrl<T>(url: string, work: (database: Database, url: string) => Promise<T>): Promise<T> {
  const database = openDatabase({ url, connectionsMax: 2, applicationName: 'quittance cli' });
  try {
    await database.ping().catch((cause: unknown) => {
      const message = `The database can't be reached: ${describeError(cause)}. Check DATABASE_URL.`;
      throw new QuittanceError({ code: 'database_unreachable', message, cause });
    });
    return await work(database, url);
  } finally {
    await database.close();
  }
}
