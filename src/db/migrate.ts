import { readdir, readFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type pg from 'pg';
import { QuittanceError } from '../errors.ts';
import { commit, type Database } from './database.ts';

const MIGRATIONS = fileURLToPath(new URL('../../migrations/', import.meta.url));
const FILE = /^(\d{4})_([a-z0-9_]+)\.sql$/;
// Any number, the same in every process: who holds it is the one who migrates.
const LOCK_KEY = 7_814_235_001;

interface Migration {
  version: number;
  name: string;
  text: string;
  checksum: string;
}

/** What `migrate` did: the versions it applied now, and the version the schema has. */
export interface MigrationResult {
  applied: string[];
  version: number;
}

/**
 * Brings the schema `quittance` to the version of this code. Safe to call from several processes at
 * once: a session-level advisory lock lets one work while the others wait.
 * `also` runs under the same lock, for libraries that bring a schema of their own.
 * Throws `schema_newer_than_code` when the database was migrated by a later Quittance, and
 * `migration_changed` when a migration that has already run no longer has the text it had.
 */
export async function migrate(
  database: Database,
  also: () => Promise<void> = async () => {},
): Promise<MigrationResult> {
  const known = await readMigrations();
  const connection = await database.connect();
  try {
    await connection.query('select pg_advisory_lock($1)', [LOCK_KEY]);
    try {
      const result = await apply(connection, known);
      await also();
      return result;
    } finally {
      await connection.query('select pg_advisory_unlock($1)', [LOCK_KEY]);
    }
  } finally {
    connection.release();
  }
}

/** The newest version this code brings. */
export async function newestVersion(): Promise<number> {
  return (await readMigrations()).at(-1)?.version ?? 0;
}

async function readMigrations(): Promise<Migration[]> {
  const files = (await readdir(MIGRATIONS)).filter((file) => FILE.test(file)).toSorted();
  return Promise.all(
    files.map(async (file) => {
      const text = await readFile(`${MIGRATIONS}${file}`, 'utf8');
      const [, version, name] = FILE.exec(file) as unknown as [string, string, string];
      const checksum = createHash('sha256').update(text).digest('hex');
      return { version: Number(version), name, text, checksum };
    }),
  );
}

async function apply(connection: pg.ClientBase, known: Migration[]): Promise<MigrationResult> {
  await connection.query(`
    create schema if not exists quittance;
    create table if not exists quittance.migration (
      version integer primary key,
      name text not null,
      checksum text not null,
      applied_at timestamptz not null default now()
    )`);
  const { rows } = await connection.query<{ version: number; checksum: string }>(
    'select version, checksum from quittance.migration order by version',
  );
  refuseForeignSchema(rows, known);
  const pending = known.filter((migration) => !rows.some((row) => row.version === migration.version));
  for (const migration of pending) await applyOne(connection, migration);
  return {
    applied: pending.map((migration) => `${String(migration.version).padStart(4, '0')}_${migration.name}`),
    version: known.at(-1)?.version ?? 0,
  };
}

function refuseForeignSchema(rows: { version: number; checksum: string }[], known: Migration[]): void {
  const newest = rows.at(-1)?.version ?? 0;
  const ours = known.at(-1)?.version ?? 0;
  if (newest > ours) {
    throw new QuittanceError({
      code: 'schema_newer_than_code',
      message:
        `The database has schema version ${newest}, this Quittance knows versions up to ${ours}. ` +
        'Install the Quittance that migrated it, or a later one; schemas only move forward.',
    });
  }
  const changed = known.find((migration) =>
    rows.some((row) => row.version === migration.version && row.checksum !== migration.checksum),
  );
  if (!changed) return;
  throw new QuittanceError({
    code: 'migration_changed',
    message:
      `Migration ${changed.version}_${changed.name} has run in this database with another text. ` +
      'Restore the file; put further changes into a new migration.',
  });
}

async function applyOne(connection: pg.ClientBase, migration: Migration): Promise<void> {
  await connection.query('begin');
  try {
    await connection.query(migration.text);
    await connection.query('insert into quittance.migration (version, name, checksum) values ($1, $2, $3)', [
      migration.version,
      migration.name,
      migration.checksum,
    ]);
    await commit(connection);
  } catch (cause) {
    await connection.query('rollback');
    throw new QuittanceError({
      code: 'migration_failed',
      message: `Migration ${migration.version}_${migration.name} failed and was undone: ${String(cause)}`,
      cause,
    });
  }
}
