import { openDatabase, type Database } from '../db/database.ts';
import { startEmbedded } from '../db/embedded/start.ts';
import { readRuntime } from './data-dir.ts';
import type { Environment } from './environment.ts';

/**
 * Runs `work` with a database: `DATABASE_URL`, or that of a `dev` running on this data directory, or the
 * embedded one, started for as long as it takes.
 */
export async function withDatabase<T>(
  { env, dataDir, databasePort }: Environment,
  work: (database: Database, url: string) => Promise<T>,
): Promise<T> {
  const known = env.DATABASE_URL || readRuntime(dataDir)?.databaseUrl;
  if (known) return withUrl(known, work);
  const embedded = await startEmbedded({ dataDir, port: databasePort });
  try {
    return await withUrl(embedded.url, work);
  } finally {
    await embedded.stop();
  }
}

async function withUrl<T>(url: string, work: (database: Database, url: string) => Promise<T>): Promise<T> {
  const database = openDatabase({ url, connectionsMax: 2, applicationName: 'quittance cli' });
  try {
    return await work(database, url);
  } finally {
    await database.close();
  }
}
