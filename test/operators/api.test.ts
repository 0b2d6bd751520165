import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { AuditLine } from '../../src/audit/list-rows.ts';
import { operatorsCommand } from '../../src/cli/operators.ts';
import type { Database } from '../../src/db/database.ts';
import { ROLES, isAllowed } from '../../src/http/caller.ts';
import { OPERATIONS } from '../../src/operations.ts';
import { createQuittance } from '../../src/quittance.ts';
import { atEnd } from '../support/at-end.ts';
import { freshDatabase } from '../support/database.ts';
import { cookieOf, personOf, post, somebody, type Person } from '../support/operator.ts';
import { API_KEY, SECRET, runQuittance, type Running } from '../support/quittance.ts';

let place: { url: string; database: Database };
let databaseUrl: string;
let shop: Running;
let admin: Person;
let operator: Person;
let viewer: Person;

beforeAll(async () => {
  const { url, database } = await freshDatabase();
  databaseUrl = url;
  // With an app, so that all there is is served.
  shop = await runQuittance(url, { app: { id: 'com.example.app' } }, { work: false });
  place = { url: shop.url, database };
  const people = await Promise.all(ROLES.map((role) => somebody(place, role)));
  [viewer, operator, admin] = people as [Person, Person, Person];
});

afterEach(() => vi.unstubAllEnvs());

const codeOf = async (answer: Response): Promise<string> => ((await answer.json()) as { code: string }).code;

async function linesOf(filter: string): Promise<AuditLine[]> {
  const answer = await operator.ask(`/api/audit?${filter}`);
  return ((await answer.json()) as { data: AuditLine[] }).data;
}

const query = (sql: string) => place.database.pool.query(sql);

describe('every operation', () => {
  const addressOf = (path: string): string => path.replaceAll(/\{\w+\}/g, 'none');
  it('that changes something, asked with a session, needs its token and our own page (S3)', async () => {
    const changing = OPERATIONS.filter(({ method, role }) => method !== 'GET' && role !== null);
    expect(changing.length).toBeGreaterThanOrEqual(8);
    for (const { method, path, id } of changing) {
      for (const [name, value] of [
        ['x-csrf-token', ''],
        ['x-csrf-token', viewer.csrfToken],
        ['origin', 'https://evil.example'],
        ['sec-fetch-site', 'same-site'],
      ] as const) {
        const answer = await admin.ask(addressOf(path), { method, headers: { [name]: value } });
        expect([id, answer.status, await codeOf(answer)]).toEqual([id, 403, 'csrf']);
      }
    }
    // Control: the very same session is there, and may.
    const own = await admin.ask('/api/operators/none/sessions', { method: 'DELETE' });
    expect(await codeOf(own)).toBe('operator_not_found');
  });

  it('that signs in takes only what a page of ours sends, or a program', async () => {
    for (const [headers, code] of [
      [{ origin: 'https://evil.example' }, 'csrf'],
      [{ 'sec-fetch-site': 'cross-site' }, 'csrf'],
      [{ 'sec-fetch-site': 'same-origin', origin: shop.url }, 'link_refused'],
    ] as const) {
      expect(await codeOf(await post(`${shop.url}/api/session/link`, { token: '-' }, headers))).toBe(code);
    }
    // Text that no database takes is wrong, and no error of ours.
    const answer = await post(`${shop.url}/api/session`, { name: 'ann\0@example.com', password: '-' });
    expect(await answer.json()).toMatchObject({ code: 'invalid_request', field: 'name' });
  });

  it('is refused to a role below its own, and to nobody at all', async () => {
    for (const { method, path, id, role } of OPERATIONS.filter((operation) => operation.role !== null)) {
      const nobody = await fetch(`${shop.url}${addressOf(path)}`, { method });
      expect([id, nobody.status, await codeOf(nobody)]).toEqual([id, 401, 'unauthorized']);
      for (const [index, has] of ROLES.entries()) {
        if (isAllowed(has, role)) continue;
        const answer = await ([viewer, operator, admin][index] as Person).ask(addressOf(path), { method });
        expect([id, answer.status]).toEqual([id, 403]);
        expect(await answer.json()).toMatchObject({ code: 'forbidden', needs: role });
      }
    }
    // Control: reading is open to the least of them.
    expect((await viewer.ask('/api/movements')).status).toBe(200);
  });
});

describe('the audit log', () => {
  it('tells who did what, from where, and what came of it: one line for each', async () => {
    const body = { name: 'cmd@example.com', role: 'viewer' };
    await admin.ask('/api/operators', { method: 'POST', body });
    const again = await admin.ask('/api/operators', { method: 'POST', body });
    expect(again.status).toBe(409);
    await shop.api('/api/movements/mov_none/retry', { method: 'POST' });
    const added = await linesOf(`action=addOperator&actor=${admin.id}`);
    expect(added.map(({ outcome }) => outcome)).toEqual(['operator_exists', 'done']);
    expect(added[0]).toMatchObject({
      actor_kind: 'operator',
      actor_name: admin.name,
      role: 'admin',
      address: '127.0.0.1',
      detail: body,
    });
    expect(await linesOf('outcome=movement_not_found')).toMatchObject([
      { actor_kind: 'api_key', action: 'retryMovement', target: 'mov_none', address: '127.0.0.1' },
    ]);
    // What was begun and never ended, as a process that dies leaves it.
    await query(`insert into quittance.audit (request, actor_kind, actor, actor_name, action)
      values (gen_random_uuid(), 'api_key', 'api_key', 'API key', 'retryMovement')`);
    expect(await linesOf('outcome=open')).toMatchObject([{ outcome: null, ended_at: null }]);
    expect(await linesOf('from=2100-01-01T00:00:00Z')).toEqual([]);
    for (const from of ['0000-01-01T00:00:00Z', '2026-01-01T00:00:00%2B16:00']) {
      expect((await operator.ask(`/api/audit?from=${from}`)).status).toBe(400);
    }
    // No index holds such a name, and the line is there all the same.
    const long = Array.from({ length: 300 }, (_, number) =>
      createHash('sha256').update(String(number)).digest('base64url'),
    ).join('');
    expect((await shop.api(`/api/movements/${long}/retry`, { method: 'POST' })).status).toBe(404);
    expect((await linesOf('outcome=movement_not_found'))[0]?.target).toBe(long.slice(0, 512));
    // Pages, and all of them as a spreadsheet takes them.
    const first = (await (await operator.ask('/api/audit?limit=2')).json()) as {
      data: AuditLine[];
      next: number;
    };
    const [, second] = [first, await linesOf(`limit=2&after=${first.next}`)];
    const seqs = [...first.data, ...second].map(({ seq }) => seq);
    expect(seqs).toEqual(seqs.toSorted((a, b) => b - a));
    const csv = await operator.ask('/api/exports/audit?action=addOperator');
    expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect((await csv.text()).split('\r\n')).toHaveLength(4);
  });

  it('has failed sign-ins, of a name that nobody has without the name', async () => {
    const body = { name: 'my password by mistake', password: 'and the other one' };
    expect((await post(`${shop.url}/api/session`, body)).status).toBe(401);
    const [line] = await linesOf('action=signIn');
    expect(line).toMatchObject({ actor_kind: 'nobody', outcome: 'wrong_credentials', detail: {} });
    expect(line?.target).toMatch(/^unknown:[0-9a-f]{16}$/);
  });

  it('can’t be changed, and a change behind its back is found', async () => {
    for (const change of [
      `update quittance.audit set outcome = 'done'`,
      'delete from quittance.audit',
      'truncate quittance.audit',
    ]) {
      await expect(query(change)).rejects.toThrow('the audit log can only be added to');
    }
    const verify = async () => (await operator.ask('/api/audit/verify')).json() as Promise<unknown>;
    expect(await verify()).toMatchObject({ whole: true, broken_at: null });
    const behindItsBack = async (change: string): Promise<void> => {
      const connection = await place.database.connect();
      await connection.query(`set session_replication_role = replica`);
      await connection.query(change);
      await connection.query(`set session_replication_role = origin`);
      connection.release();
    };
    const { rows } = await query('select seq from quittance.audit order by seq limit 4');
    const [, second, third, fourth] = rows.map(({ seq }: { seq: number }) => seq);
    await behindItsBack(`update quittance.audit set actor_name = 'Nobody' where seq = ${fourth}`);
    expect(await verify()).toMatchObject({ whole: false, broken_at: fourth, lines: 3, last: { seq: third } });
    await behindItsBack(`delete from quittance.audit where seq = ${third}`);
    expect(await verify()).toMatchObject({
      whole: false,
      broken_at: fourth,
      lines: 2,
      last: { seq: second },
    });
  });
});

async function command(...args: string[]): Promise<string> {
  const env = { DATABASE_URL: databaseUrl, PUBLIC_URL: shop.url, QUITTANCE_DATA_DIR: tmpdir() };
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  let out = '';
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text, done) => {
    out += String(text);
    (done as unknown as () => void)();
    return true;
  });
  await operatorsCommand()
    .exitOverride()
    .parseAsync(args, { from: 'user' })
    .finally(() => write.mockRestore());
  return out;
}

describe('quittance operators', () => {
  it('adds people, lets them in, changes them and writes it down', async () => {
    const added = await command('add', 'Eve@example.com', '--role', 'viewer');
    expect(added).toContain('eve@example.com may sign in as viewer.');
    expect(added).toContain(`${shop.url}/admin/set-password?token=`);
    await expect(command('add', 'eve@example.com')).rejects.toMatchObject({ code: 'operator_exists' });
    await expect(command('add', 'Eve')).rejects.toMatchObject({ code: 'invalid_name' });
    const link = await command('link', 'eve@example.com');
    const token = /token=(\S+)/.exec(link)?.[1];
    const cookie = cookieOf(await post(`${shop.url}/api/session/link`, { token }));
    const eve = await personOf(shop.url, { id: '', name: '', cookie });
    expect((await eve.ask('/api/audit')).status).toBe(403);
    await command('role', 'eve@example.com', 'operator');
    expect((await eve.ask('/api/audit')).status).toBe(200);
    expect(await command('sessions', 'end', 'eve@example.com')).toBe('1 ended.\n');
    expect((await eve.ask('/api/audit')).status).toBe(401);
    expect(await command('disable', 'eve@example.com')).toContain('disabled 20');
    await expect(command('link', 'eve@example.com')).rejects.toMatchObject({ code: 'operator_disabled' });
    await command('enable', 'eve@example.com');
    expect(await command('list')).toMatch(/^eve@example.com +operator +has not signed in yet$/m);
    await expect(command('disable', admin.name)).rejects.toMatchObject({ code: 'last_admin' });
    const lines = await linesOf('actor=cli');
    expect(lines[0]).toMatchObject({
      action: 'changeOperator',
      detail: { disabled: false },
      outcome: 'done',
    });
    expect(lines.map(({ action }) => action)).toContain('addOperator');
  });

  it('without an API key the API is for whoever has signed in', async () => {
    const keyless = createQuittance({ databaseUrl, secret: SECRET, logger: shop.log.logger });
    atEnd(() => keyless.stop());
    const asked = await keyless.fetch(new Request('http://shop.example/api/movements'));
    expect([asked.status, await asked.json()]).toEqual([
      401,
      expect.objectContaining({ code: 'signed_out' }),
    ]);
    const headers = { authorization: `Bearer ${API_KEY}x` };
    const wrong = await fetch(`${shop.url}/api/movements`, { headers });
    expect(await wrong.json()).toMatchObject({ code: 'unauthorized' });
  });
});
