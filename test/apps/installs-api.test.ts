import { Hono } from 'hono';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Install } from '../../src/apps/install.ts';
import { GET_INSTALL } from '../../src/apps/installs/operations.ts';
import type { InstallParts } from '../../src/apps/installs/parts.ts';
import type { Database } from '../../src/db/database.ts';
import { startSimulator, type Simulator } from '../../src/simulator/index.ts';
import { control } from '../simulator/support/simulator.ts';
import { atEnd } from '../support/at-end.ts';
import { freshDatabase } from '../support/database.ts';
import { APP_ID, installApp, makeParts } from '../support/installs.ts';
import { operatorApi } from '../support/operator-api.ts';
import { API_KEY } from '../support/quittance.ts';

const DRIVE = { clientId: 'c', issuer: 'https://drive.example', apiHosts: ['drive.example'] };

let database: Database;
let simulator: Simulator;
let parts: InstallParts;
const routes = new Hono();

beforeAll(async () => {
  ({ database } = await freshDatabase());
  simulator = await startSimulator({ port: 0 });
  atEnd(() => simulator.close());
  parts = makeParts(database, { simulator, app: { id: APP_ID, connections: { drive: DRIVE } } });
  parts.addRoutes(operatorApi(routes, database));
});

beforeEach(() => control(simulator, 'DELETE', 'faults'));

interface Answer {
  status: number;
  body: Record<string, unknown> & { data: Install[]; next: string | null };
}

async function api(path: string, method = 'GET', key = API_KEY): Promise<Answer> {
  const headers = { authorization: `Bearer ${key}` };
  const answer = await routes.request(`/api/apps/installs${path}`, { method, headers });
  return { status: answer.status, body: (await answer.json()) as Answer['body'] };
}

async function installed(): Promise<Install> {
  return (await synced(await installApp(simulator))) as Install;
}

/** What an event makes of the app on an account; `installedAt` when it tells of an install. */
function synced(account: string, installedAt: Date | null = null): Promise<Install | null> {
  const told = { stripeInstall: null, installedAt };
  return database.transaction((sql) => parts.installs.sync(sql, { account, livemode: false }, told));
}

describe('the list of installs', () => {
  it('is given by status and account, in pages', async () => {
    const made = [await installed(), await installed(), await installed()];
    const [ended] = made as [Install];
    await api(`/${ended.id}/uninstall`, 'POST');
    const first = await api('?status=installed&limit=1');
    expect(first.body.data).toHaveLength(1);
    expect(first.body.next).toBe(first.body.data[0]?.id);
    const second = await api(`?status=installed&limit=1&after=${first.body.next}`);
    expect(second.body).toMatchObject({ data: [{ status: 'installed' }], next: null });
    const listed = [...first.body.data, ...second.body.data].map(({ id }) => id);
    expect(new Set(listed)).toEqual(new Set([made[1]?.id, made[2]?.id]));
    const one = await api(`?account=${ended.account}`);
    expect(one.body).toMatchObject({ data: [{ id: ended.id, status: 'uninstalled' }], next: null });
  });

  it('is for who has the key, and says what is wrong with a question', async () => {
    expect(await api('', 'GET', 'another_key_of_nobody')).toMatchObject({ status: 401 });
    for (const [query, field] of [
      ['status=gone', 'status'],
      ['account=me', 'account'],
      ['limit=0', 'limit'],
      ['page=2', 'page'],
    ]) {
      expect(await api(`?${query}`)).toMatchObject({
        status: 400,
        body: { code: 'invalid_request', field },
      });
    }
  });
});

it('one install tells what is kept sealed and queued for it by name, and no value', async () => {
  const { id, account } = await installed();
  await database.sql`
    insert into quittance.vault (owner, kind, name, key_id, sealed)
    values (${id}, 'secret', 'account/crm_key', 'k', 'sealed-value'),
      (${id}, 'connection', 'old_drive', 'k', 'sealed-value')`;
  await database.sql`
    select graphile_worker.add_job('quittance.app_job.sync', queue_name => ${id}::text,
      run_at => now() + interval '1 day', payload => '{"payload":{"hidden":"in-payload"}}')`;
  const { body } = await api(`/${id}`);
  expect(body).toMatchObject({
    account,
    removal: null,
    connections: [
      { name: 'drive', tokens_since: null },
      { name: 'old_drive', tokens_since: expect.any(String) as string },
    ],
    secret_store: 'stripe',
    secrets: [{ kind: 'secret', name: 'account/crm_key', expires_at: null }],
    jobs: [{ task: 'quittance.app_job.sync', state: 'waiting', attempts: 0, last_error: null }],
  });
  expect(JSON.stringify(body)).not.toMatch(/sealed-value|in-payload/);
  expect(GET_INSTALL.answer.safeParse(body).error).toBeUndefined();
  await api(`/${id}/uninstall`, 'POST');
  const removed = await api(`/${id}/data`, 'DELETE');
  expect(removed.body).toMatchObject({
    status: 'removed',
    removal: { what: { 'quittance.secret': 1, 'quittance.connection': 1 } },
    secrets: [],
  });
  const exported = await routes.request(`/api/exports/installs?account=${account}`, {
    headers: { authorization: `Bearer ${API_KEY}` },
  });
  const [head, line, end] = (await exported.text()).split('\r\n');
  expect(head).toMatch(/^id,account,livemode,status,/);
  expect(line).toMatch(new RegExp(`^${id},${account},false,removed,`));
  expect(end).toBe('');
});

describe('an install of the other mode', () => {
  it('is none that could be looked at, ended or removed', async () => {
    await database.sql`
      insert into quittance.install (id, account, livemode, access)
      values ('ins_live', 'acct_live', true, 'platform')`;
    for (const [path, method] of [
      ['', 'GET'],
      ['/uninstall', 'POST'],
      ['/data', 'DELETE'],
    ] as const) {
      const answer = await api(`/ins_live${path}`, method);
      expect(answer).toMatchObject({ status: 404, body: { code: 'install_not_found' } });
    }
  });
});

describe('an install that is to end', () => {
  it('goes on while Stripe does not answer', async () => {
    const { id } = await installed();
    await control(simulator, 'POST', 'faults', { kind: 'api_error', when: 'before', match: '/uninstall' });
    expect(await api(`/${id}/uninstall`, 'POST')).toMatchObject({
      status: 502,
      body: { code: 'stripe_unavailable' },
    });
    expect((await api(`/${id}`)).body).toMatchObject({ status: 'installed', removal: null });
  });

  it('ends here when Stripe refuses to end it, in Stripe’s words', async () => {
    const { id, account } = await installed();
    await control(simulator, 'POST', 'faults', {
      kind: 'api_error',
      when: 'before',
      status: 403,
      match: '/uninstall',
    });
    const { status, body } = await api(`/${id}/uninstall`, 'POST');
    expect([status, body]).toMatchObject([200, { status: 'uninstalled', stripe: { outcome: 'refused' } }]);
    expect((body.stripe as { message: string }).message).toBeTruthy();
    expect(await parts.active(account, false)).toBeNull();
    await control(simulator, 'DELETE', 'faults');
    // Stripe still has it: only news of an install that is made later begins it again.
    const [old, late] = [new Date(Date.now() - 60_000), new Date(Date.now() + 60_000)];
    for (const installedAt of [null, old]) {
      expect(await synced(account, installedAt)).toMatchObject({ id, reason: 'ended_by_api' });
    }
    expect(await synced(account, late)).toMatchObject({ id, status: 'installed' });
  });

  it('has ended when Stripe has none of it any more', async () => {
    const { id, stripe_install } = await installed();
    await control(simulator, 'POST', `apps/installs/${stripe_install}/uninstall`);
    expect(await api(`/${id}/uninstall`, 'POST')).toMatchObject({
      status: 200,
      body: { status: 'uninstalled', stripe: { outcome: 'not_installed' } },
    });
  });
});
