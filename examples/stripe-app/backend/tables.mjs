import { readFile } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';

try {
  await makeTables(await databaseUrl());
  process.stdout.write('The tables are there.\n');
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}

/** Makes the app's tables in the database at this `postgres://` URL. */
async function makeTables(url) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(await readFile(path.join(import.meta.dirname, 'tables.sql'), 'utf8'));
  } finally {
    await client.end();
  }
}

/** `DATABASE_URL`, or the database of the `quittance dev` that runs in this folder. */
async function databaseUrl() {
  if (process.env.DATABASE_URL) return process.env.DATABASE_URL;
  const folder = process.env.QUITTANCE_DATA_DIR || '.quittance';
  const file = await readFile(path.join(folder, 'runtime.json'), 'utf8').catch(() => {
    throw new Error('Set DATABASE_URL, or let "quittance dev" run in this folder meanwhile.');
  });
  return JSON.parse(file).databaseUrl;
}
