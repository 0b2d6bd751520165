import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openDatabase, type Database } from '../../src/db/database.ts';
import { startEmbedded, type Embedded } from '../../src/db/embedded/start.ts';
import { newestVersion } from '../../src/db/migrate.ts';
import { createQuittance } from '../../src/quittance.ts';
import { emptyDatabase, freshDatabase } from '../support/database.ts';
import { makeEvent } from '../support/events.ts';
import { runQuittance, SECRET, until } from '../support/quittance.ts';
import { scratchFolder } from '../support/scratch.ts';
import { startServer } from '../support/server-process.ts';

/** What a start throws; null when it starts. */
async function refusal(databaseUrl: string): Promise<{ code: string; message: string } | null> {
  const quittance = createQuittance({ databaseUrl, secret: SECRET, stripeWebhookSecret: 'whsec_x' });
  try {
    await quittance.start({ work: false });
    return null;
  } catch (error) {
    return error as { code: string; message: string };
  } finally {
    await quittance.stop();
  }
}

async function setInDatabase(database: Database, url: string, setting: string): Promise<void> {
  await database.pool.query(`alter database ${new URL(url).pathname.slice(1)} ${setting}`);
}

/** A PostgreSQL of the test's own, for what concerns a whole server. */
async function ownServer(dataDir: string): Promise<{ server: Embedded; admin: Database }> {
  const server = await startEmbedded({ dataDir });
  const admin = openDatabase({ url: server.url, connectionsMax: 1, applicationName: 'test admin' });
  return { server, admin };
}

describe('case 22: a database that may forget what it confirmed', () => {
  it.each([
    ['off', 'database_not_durable'],
    ['local', 'database_not_durable'],
    ['remote_write', 'database_not_durable'],
    ['on', undefined],
    ['remote_apply', undefined],
  ])('with synchronous_commit = %s: %s', async (value, code) => {
    const { url, database } = await freshDatabase();
    await setInDatabase(database, url, `set synchronous_commit = ${value}`);
    const refused = await refusal(url);
    expect(refused?.code).toBe(code);
    expect(refused?.message ?? 'synchronous_commit').toContain('synchronous_commit');
  });

  it('is refused by the server process too, with a sentence and status 1', async () => {
    const { url, database } = await freshDatabase();
    await setInDatabase(database, url, 'set synchronous_commit = off');
    const server = await startServer({ databaseUrl: url });
    expect(await server.exit).toEqual({ code: 1, signal: null });
    expect(server.log()).toContain('synchronous_commit = off');
  });
});

describe('case 22: a schema that is not ours', () => {
  it('is refused when it is newer than the code', async () => {
    const { url, database } = await freshDatabase();
    const newer = (await newestVersion()) + 1;
    await database.sql`
      insert into quittance.migration (version, name, checksum) values (${newer}, 'later', '')`;
    expect(await refusal(url)).toMatchObject({ code: 'schema_newer_than_code' });
    // Control: it was that row.
    await database.sql`delete from quittance.migration where version = ${newer}`;
    expect(await refusal(url)).toBeNull();
  });

  it('is refused when a migration that has run had another text', async () => {
    const { url, database } = await freshDatabase();
    await database.sql`update quittance.migration set checksum = 'another' where version = 1`;
    expect(await refusal(url)).toMatchObject({ code: 'migration_changed' });
  });

  it('is refused when a migration fails for a reason that stays, and nothing of it is left', async () => {
    const { url, database } = await emptyDatabase(40);
    await database.pool.query('create schema quittance; create table quittance.event (mine integer)');
    await database.pool.query('grant all on schema quittance to public');
    expect(await refusal(url)).toMatchObject({ code: 'migration_failed' });
    const [left] = await database.sql`select count(*) as migrations from quittance.migration`;
    expect(left).toEqual({ migrations: 0 });
  });
});

describe('case 22: an empty database and many processes', () => {
  it('is migrated once, by one of them, and all start', async () => {
    const { url, database } = await emptyDatabase(-1);
    const processes = Promise.all(
      Array.from({ length: 2 }, async () => (await startServer({ databaseUrl: url })).ready),
    );
    const inside = await Promise.all(Array.from({ length: 5 }, () => runQuittance(url, {}, { work: false })));
    await processes;
    const applied = inside.map(
      ({ log }) => log.lines().filter(({ msg }) => msg === 'schema migrated').length,
    );
    expect(applied.reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(1);
    const versions = await database.sql<{ version: number }>`
      select version from quittance.migration order by version`;
    expect(versions.length).toBe(await newestVersion());
    const statuses = await Promise.all(inside.map(async ({ post }) => (await post(makeEvent())).status));
    expect(new Set(statuses)).toEqual(new Set([200]));
  });
});

describe('case 22: a server of its own', () => {
  it('is refused without fsync or full pages, and waited for while it is a standby', async () => {
    const dataDir = scratchFolder('unfit');
    onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
    let { server, admin } = await ownServer(dataDir);
    for (const setting of ['fsync', 'full_page_writes']) {
      await admin.pool.query(`alter system set ${setting} = off`);
      await admin.pool.query('select pg_reload_conf()');
      const refused = await until(async () => refusal(server.url), 'the setting to take effect');
      expect(refused).toMatchObject({ code: 'database_not_durable' });
      expect(refused.message).toContain(`${setting} = off`);
      await admin.pool.query(`alter system reset ${setting}`);
      await admin.pool.query('select pg_reload_conf()');
      await until(async () => (await refusal(server.url)) === null, 'control: it is taken again');
    }
    await admin.close();
    await server.stop();

    writeFileSync(path.join(dataDir, 'postgres', 'standby.signal'), '');
    ({ server, admin } = await ownServer(dataDir));
    onTestFinished(async () => {
      await admin.close();
      await server.stop();
    });
    expect(await admin.sql`select pg_is_in_recovery() as standby`).toEqual([{ standby: true }]);
    const running = await runQuittance(server.url, {}, { work: false });
    expect((await running.post(makeEvent())).status).toBe(503);
    expect((await fetch(`${running.url}/healthz`)).status).toBe(200);
    const ready = await fetch(`${running.url}/readyz`);
    expect(ready.status).toBe(503);
    expect(await ready.text()).toMatch(/read-only|recovery/);
    await admin.sql`select pg_promote()`;
    await running.quittance.whenReady();
    await until(async () => (await fetch(`${running.url}/readyz`)).status === 200, 'the new primary');
    expect((await running.post(makeEvent())).status).toBe(200);
  });
});
