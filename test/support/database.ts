import { randomBytes } from 'node:crypto';
import { afterAll, inject } from 'vitest';
import { openDatabase, type Database } from '../../src/db/database.ts';

/** A database of this test file's own, cloned from the migrated template and dropped at its end. */
export async function freshDatabase(): Promise<{ url: string; database: Database }> {
  const name = `t_${randomBytes(6).toString('hex')}`;
  const serverUrl = inject('serverUrl');
  const admin = openDatabase({ url: serverUrl, connectionsMax: 1, applicationName: 'test admin' });
  await admin.pool.query(`create database ${name} template quittance_template`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  const database = openDatabase({ url: url.href, connectionsMax: 4, applicationName: 'test' });
  afterAll(async () => {
    await database.close();
    await admin.pool.query(`drop database ${name} with (force)`);
    await admin.close();
  });
  return { url: url.href, database };
}
