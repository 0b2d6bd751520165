import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import { openDatabase, type Database } from '../../src/db/database.ts';
import { atEnd } from './at-end.ts';

/** A database of this file's own, or this test's, cloned from the migrated template, dropped at its end. */
export async function freshDatabase(): Promise<{ url: string; database: Database }> {
  const name = `t_${randomBytes(6).toString('hex')}`;
  const serverUrl = inject('serverUrl');
  const admin = openDatabase({ url: serverUrl, connectionsMax: 1, applicationName: 'test admin' });
  await admin.pool.query(`create database ${name} template quittance_template strategy file_copy`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  const database = openDatabase({ url: url.href, connectionsMax: 4, applicationName: 'test' });
  atEnd(async () => {
    await database.close();
    await admin.pool.query(`drop database ${name} with (force)`);
    await admin.close();
  });
  return { url: url.href, database };
}

/**
 * A database without a schema, whose owner is an ordinary role with at most so many connections: what a
 * hosted PostgreSQL gives. `database` is the administrator's way in, which has no limit.
 */
export async function emptyDatabase(connectionsMax: number): Promise<{
  url: string;
  database: Database;
  limitConnections: (connectionsMax: number) => Promise<void>;
}> {
  const name = `t_${randomBytes(6).toString('hex')}`;
  const admin = openDatabase({ url: inject('serverUrl'), connectionsMax: 1, applicationName: 'test admin' });
  const limitConnections = async (limit: number): Promise<void> =>
    void (await admin.pool.query(`alter role ${name} connection limit ${limit}`));
  await admin.pool.query(`create role ${name} login password '${name}'`);
  await limitConnections(connectionsMax);
  await admin.pool.query(`create database ${name} owner ${name}`);
  const url = new URL(inject('serverUrl'));
  url.pathname = `/${name}`;
  const database = openDatabase({ url: url.href, connectionsMax: 2, applicationName: 'test' });
  url.username = name;
  url.password = name;
  atEnd(async () => {
    await database.close();
    await admin.pool.query(`drop database ${name} with (force)`);
    await admin.pool.query(`drop role ${name}`);
    await admin.close();
  });
  return { url: url.href, database, limitConnections };
}
