import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { removeInstall, sweepRemovals } from '../../src/apps/installs/removal.ts';
import type { RemoveData } from '../../src/apps/context.ts';
import type { Database } from '../../src/db/database.ts';
import { startSimulator, type Simulator } from '../../src/simulator/index.ts';
import { atEnd } from '../support/at-end.ts';
import { postConnect } from '../support/connect-events.ts';
import { freshDatabase } from '../support/database.ts';
import { eventOf, untilStatus } from '../support/effects.ts';
import { installApp, runAppServer, uninstallApp, type AppServer } from '../support/installs.ts';
import { knownSeller } from '../support/marketplace.ts';
import { until } from '../support/quittance.ts';

let database: Database;
let simulator: Simulator;
let app: AppServer;
let removeData: RemoveData;

const removeNotes: RemoveData = async ({ account }, { sql }) => {
  const gone = await sql`delete from public.note where account = ${account} returning account`;
  return { notes: gone.length };
};

beforeAll(async () => {
  const place = await freshDatabase();
  database = place.database;
  await database.sql`create table public.note (account text not null)`;
  simulator = await startSimulator({ port: 0, redirectWaitMs: 1_000 });
  atEnd(() => simulator.close());
  const removing: RemoveData = (install, context) => removeData(install, context);
  app = await runAppServer(place, { simulator, app: { removeData: removing } });
});

beforeEach(() => {
  removeData = removeNotes;
});

interface Full {
  id: string;
  account: string;
  event: ReturnType<typeof eventOf>;
}

/** An install with something of every kind that is kept for it. */
async function filled(): Promise<Full> {
  const account = await installApp(simulator);
  const { id } = await app.installIn(account, 'installed');
  const event = eventOf('cus_kept', { account });
  await postConnect(app, event);
  await untilStatus(database, event, 'done');
  for (const kind of ['secret', 'connection']) {
    await database.sql`
      insert into quittance.vault (owner, kind, name, key_id, sealed) values (${id}, ${kind}, 'a', 'k', '')`;
  }
  await database.sql`insert into public.note (account) values (${account}), (${account})`;
  await database.sql`
    select graphile_worker.add_job('quittance.app_job.sync', run_at => now() + interval '1 day',
      payload => json_build_object('payload', json_build_object('install', ${id}::text), 'key', 'k'))`;
  await database.sql`
    insert into quittance.sink_delivery (id, sink, seq, type)
    select 'msg_' || ${id}, 'crm', seq, type from quittance.event where id = ${event.id}`;
  return { id, account, event };
}

/** Uninstalls the app there, and puts the end of the grace period into the past. */
async function overdue({ id, account }: Full): Promise<void> {
  await uninstallApp(simulator, account);
  await app.installIn(account, 'uninstalled');
  await app.toldOf('onUninstall', id);
  await simulator.deliveriesSettled();
  await database.sql`update quittance.install set remove_at = now() where id = ${id}`;
}

/** How much of each kind there is of an install. */
async function kept({ id, account }: Full): Promise<Record<string, number>> {
  const [row] = await database.sql<Record<string, number>>`
    select (select count(*) from quittance.vault where owner = ${id})::integer as vault,
      (select count(*) from public.note where account = ${account})::integer as notes,
      (select count(*) from graphile_worker._private_jobs
       where payload -> 'payload' ->> 'install' = ${id} and max_attempts > attempts)::integer as jobs,
      (select count(*) from quittance.sink_delivery where id = 'msg_' || ${id})::integer as deliveries,
      (select count(*) from quittance.event
       where account = ${account} and length(body) > 0)::integer as bodies,
      (select count(*) from quittance.event where account = ${account})::integer as events`;
  return row ?? {};
}

describe('an account whose days of grace are over', () => {
  it('is removed with all that was kept for it, nobody else is, and a record says what went', async () => {
    const [gone, other] = [await filled(), await filled()];
    await overdue(gone);
    const [before, untouched] = [await kept(gone), await kept(other)];
    expect(before).toMatchObject({ vault: 2, notes: 2, deliveries: 1, events: 5, bodies: 5 });
    await sweepRemovals(database.sql, false);
    await app.installIn(gone.account, 'removed');
    expect(await kept(gone)).toMatchObject({ vault: 0, notes: 0, deliveries: 0, events: 5, bodies: 0 });
    expect(await kept(other)).toEqual(untouched);
    const { body } = await app.api(`/api/apps/installs/${gone.id}`);
    expect(body).toMatchObject({
      status: 'removed',
      permissions_granted: [],
      removal: {
        what: {
          notes: 2,
          'quittance.secret': 1,
          'quittance.connection': 1,
          'quittance.jobs': 1,
          'quittance.sink_deliveries': 1,
          'quittance.work': 0,
          'quittance.event_bodies': 5,
        },
      },
    });
  });

  it('leaves the ids of its events, which say that they were removed, and is new when it comes', async () => {
    const gone = await filled();
    await overdue(gone);
    const late = eventOf('cus_late', { account: gone.account });
    await postConnect(app, late);
    await removeInstall({ database, app: {} }, gone.id);
    const { event } = gone;
    for (const id of [event.id, late.id]) {
      const shown: unknown = await (await app.operator(`/api/events/${id}`)).json();
      expect(shown).toMatchObject({ id, payload: null, removed: true });
      const force = { method: 'POST', body: '{"force":true}' };
      const replayed = await app.operator(`/api/events/${id}/replay`, force);
      expect([replayed.status, await replayed.json()]).toMatchObject([410, { code: 'event_removed' }]);
    }
    await installApp(simulator, { account: gone.account });
    const fresh = await app.installIn(gone.account, 'installed');
    expect(fresh.id).not.toBe(gone.id);
    expect((await app.toldOf('onInstall', fresh.id))[0]?.more.restored).toBe(false);
    // Sent again, it is the event that it was.
    await postConnect(app, event);
    expect((await kept(gone)).events).toBeGreaterThan(5);
    const rows = await database.sql`select deliveries from quittance.event where id = ${event.id}`;
    expect(rows).toEqual([{ deliveries: 2 }]);
    const [put] = await database.sql<{ status: string }>`
      select o.status from quittance.outcome o join quittance.event e on e.seq = o.seq
      where e.id = ${late.id}`;
    expect(put?.status).toBe('quarantined');
  });

  it('keeps everything when the removal is killed in the middle, and nothing the next time', async () => {
    const gone = await filled();
    await overdue(gone);
    const before = await kept(gone);
    removeData = async (install, { sql }) => {
      await removeNotes(install, { sql });
      removeData = removeNotes;
      await sql`select pg_terminate_backend(pg_backend_pid())`;
    };
    await sweepRemovals(database.sql, false);
    await until(async () => {
      const failed = await database.sql`
        select from graphile_worker.jobs where task_identifier = 'quittance.remove_install'
          and last_error is not null`;
      return failed.length > 0;
    }, 'the removal to fail');
    expect(await kept(gone)).toEqual(before);
    expect(await app.installs(gone.account)).toMatchObject([{ status: 'uninstalled' }]);
    await sweepRemovals(database.sql, false);
    await app.installIn(gone.account, 'removed');
    expect(await kept(gone)).toMatchObject({ vault: 0, notes: 0, bodies: 0, deliveries: 0 });
  });

  it('that is a seller too keeps the events, which are the history of its sales', async () => {
    const gone = await filled();
    await knownSeller(database.sql, { reference: 'both', account: gone.account });
    await overdue(gone);
    await removeInstall({ database, app: { removeData } }, gone.id);
    expect(await kept(gone)).toMatchObject({ vault: 0, notes: 0, deliveries: 1, bodies: 5 });
  });
});

describe('an account that is within its days of grace', () => {
  it('keeps everything, whatever job comes, and so does one that came back', async () => {
    const full = await filled();
    await uninstallApp(simulator, full.account);
    await app.installIn(full.account, 'uninstalled');
    expect(await removeInstall({ database, app: { removeData } }, full.id)).toMatchObject({
      status: 'uninstalled',
    });
    await database.sql`update quittance.install set remove_at = now() where id = ${full.id}`;
    await installApp(simulator, { account: full.account });
    await app.installIn(full.account, 'installed');
    await sweepRemovals(database.sql, false);
    expect(await removeInstall({ database, app: { removeData } }, full.id)).toMatchObject({
      status: 'installed',
    });
    expect(await kept(full)).toMatchObject({ vault: 2, notes: 2, deliveries: 1 });
  });

  it('is removed at once when the API says so, but not while it is installed', async () => {
    const full = await filled();
    const path = `/api/apps/installs/${full.id}/data`;
    expect(await app.api(path, 'DELETE')).toMatchObject({ status: 409, body: { code: 'still_installed' } });
    expect(await kept(full)).toMatchObject({ vault: 2, notes: 2 });
    await uninstallApp(simulator, full.account);
    await app.installIn(full.account, 'uninstalled');
    for (const _ of ['once', 'twice']) {
      const answer = await app.api(path, 'DELETE');
      expect(answer).toMatchObject({
        status: 200,
        body: { status: 'removed', removal: { what: { notes: 2 } } },
      });
    }
    expect(await kept(full)).toMatchObject({ vault: 0, notes: 0 });
    expect(
      app.told.filter(({ hook, install }) => hook === 'removeData' && install.id === full.id),
    ).toHaveLength(1);
  });
});
