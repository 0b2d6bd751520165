import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { Limiter } from '../../src/operators/limiter.ts';
import { freshDatabase } from '../support/database.ts';
import { cookieOf, linkToken, personOf, post, somebody } from '../support/operator.ts';
import { API_KEY, SECRET, runQuittance, type Running } from '../support/quittance.ts';

const PASSWORD = 'correct horse battery staple';
const MINUTE = 60_000;

let place: { url: string; database: Database };
let shop: Running;
let limiter: Limiter;
let ahead = 0;
const started = Date.now();
// Stands still but for `ahead`: a slow machine ends no lock-out.
const clock = { now: () => started + ahead };

beforeAll(async () => {
  const { url, database } = await freshDatabase();
  shop = await runQuittance(url, { clock, adminPassword: PASSWORD, trustedProxies: 1 }, { work: false });
  place = { url: shop.url, database };
  limiter = new Limiter({ sql: database.sql, clock, secret: SECRET });
});

const signInToken = (name: string) => linkToken(place, name, clock);

const from = (address: string): Record<string, string> => ({ 'x-forwarded-for': address });

function signIn(name: string, password: string, headers: Record<string, string> = {}): Promise<Response> {
  return post(`${shop.url}/api/session`, { name, password }, headers);
}

const codeOf = async (answer: Response | Promise<Response>): Promise<string> =>
  ((await (await answer).json()) as { code: string }).code;

describe('signing in', () => {
  it('S1: gives a cookie that no script, no other host and no other site has', async () => {
    const answer = await signIn('Admin', PASSWORD);
    expect(answer.status).toBe(201);
    expect(await answer.json()).toMatchObject({ operator: { name: 'admin' }, role: 'admin' });
    expect(answer.headers.getSetCookie()).toEqual([
      expect.stringMatching(
        /^__Host-quittance_session=[\w-]{43}; Max-Age=43200; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
      ),
      expect.stringMatching(
        /^__Host-quittance_browser=[\w-]{43}\.[\w-]{43}; .*HttpOnly; Secure; SameSite=Strict$/,
      ),
    ]);
    const cookie = cookieOf(answer);
    const session = await fetch(`${shop.url}/api/session`, { headers: { cookie } });
    expect(await session.json()).toMatchObject({
      operator: { name: 'admin', has_password: true },
      livemode: false,
      stripe: { dashboard: 'https://dashboard.stripe.com' },
      sign_in: { password: true, oidc: null },
    });
    const nobody = await fetch(`${shop.url}/api/session`);
    expect(nobody.status).toBe(401);
    expect(await nobody.json()).toMatchObject({
      code: 'signed_out',
      sign_in: { password: true, oidc: null },
    });
    // What the database has opens nothing.
    const { rows } = await place.database.pool.query('select token_hash from quittance.operator_session');
    const hash = (rows[0] as { token_hash: Buffer }).token_hash.toString('base64url');
    const stolen = await fetch(`${shop.url}/api/session`, {
      headers: { cookie: `__Host-quittance_session=${hash}` },
    });
    expect(stolen.status).toBe(401);
    // Another sign-in in the same browser ends the first session.
    const token = await signInToken('admin');
    expect((await post(`${shop.url}/api/session/link`, { token }, { cookie })).status).toBe(201);
    expect((await fetch(`${shop.url}/api/session`, { headers: { cookie } })).status).toBe(401);
  });

  it('S2: locks a name out after five failures, known or not, with the same answers', async () => {
    const fifthAndSixth = async (name: string): Promise<unknown[]> => {
      for (let failure = 1; failure < 5; failure += 1) await limiter.admit({ name, address: null });
      const answers = [];
      for (let attempt = 5; attempt < 7; attempt += 1) {
        const answer = await signIn(name, `${PASSWORD}!`, from('192.0.2.1'));
        const text = await answer.text();
        answers.push([answer.status, text, answer.headers.has('retry-after')]);
      }
      return answers;
    };
    const [, own = ''] = (await signIn('admin', PASSWORD)).headers.getSetCookie();
    const known = await fifthAndSixth('admin');
    expect(await fifthAndSixth('nobody@example.com')).toEqual(known);
    expect(known).toMatchObject([
      [401, expect.stringContaining('wrong_credentials'), false],
      [429, expect.stringContaining('too_many_attempts'), true],
    ]);
    // Also the right password waits, wherever it comes from; each lock is longer, and success ends it.
    expect(await codeOf(signIn('admin', PASSWORD, from('192.0.2.3')))).toBe('too_many_attempts');
    // But where one has signed in before, nobody elsewhere locks one out; nor is it a way in for others.
    const ownBrowser = { cookie: own.split(';')[0] ?? '', ...from('192.0.2.3') };
    expect((await signIn('admin', PASSWORD, ownBrowser)).status).toBe(201);
    expect(await codeOf(signIn('nobody@example.com', PASSWORD, ownBrowser))).toBe('too_many_attempts');
    const guess = () => limiter.admit({ name: 'admin', address: null, browser: 'own' });
    for (let failure = 1; failure < 6; failure += 1) expect((await guess()).allowed).toBe(true);
    expect((await guess()).allowed).toBe(false);
    ahead += 31_000;
    expect((await signIn('admin', 'wrong again', from('192.0.2.3'))).status).toBe(401);
    const locked = await signIn('admin', PASSWORD, from('192.0.2.3'));
    expect(locked.headers.get('retry-after')).toBe('60');
    ahead += 61_000;
    expect((await signIn('admin', PASSWORD, from('192.0.2.3'))).status).toBe(201);
    for (let failure = 1; failure < 5; failure += 1) {
      expect(await limiter.admit({ name: 'admin', address: null })).toMatchObject({ locks: false });
    }
    await limiter.succeed({ name: 'admin', address: null });
  });

  it('S2: counts addresses too, a network for one, however many ask at once', async () => {
    const admissions = await Promise.all(
      Array.from({ length: 24 }, (_, number) =>
        limiter.admit({ name: `n${number}@example.com`, address: `2001:db8::${number + 1}` }),
      ),
    );
    expect(admissions.filter(({ allowed }) => allowed)).toHaveLength(20);
    expect(await codeOf(signIn('n1@example.com', PASSWORD, from('2001:db8::ffff')))).toBe(
      'too_many_attempts',
    );
    // What the caller writes before what our proxy adds is nothing; and another network may try.
    const said = { 'x-forwarded-for': '2001:db8:0:1::1, 2001:db8::1' };
    expect(await codeOf(signIn('n2@example.com', PASSWORD, said))).toBe('too_many_attempts');
    const other = await limiter.admit({ name: 'n3@example.com', address: '2001:db8:0:1::1' });
    expect(other.allowed).toBe(true);
    ahead += 16 * MINUTE;
    const later = await limiter.admit({ name: 'n4@example.com', address: '2001:db8::1' });
    expect(later).toEqual({ allowed: true, locks: false });
  });
});

describe('a session', () => {
  it('ends when nobody uses it for half an hour, and after twelve hours however busy it is', async () => {
    const { ask } = await somebody(place, 'viewer', clock);
    const idle = await somebody(place, 'viewer', clock);
    for (let minutes = 0; minutes < 12 * 60 - 20; minutes += 20) {
      expect((await ask('/api/movements')).status).toBe(200);
      ahead += 20 * MINUTE;
    }
    expect(await codeOf(idle.ask('/api/movements'))).toBe('signed_out');
    expect((await ask('/api/movements')).status).toBe(200);
    ahead += 21 * MINUTE;
    expect(await codeOf(ask('/api/movements'))).toBe('signed_out');
    // A page that only watches does not keep it alive.
    const watching = await somebody(place, 'viewer', clock);
    const headers = { accept: 'text/event-stream' };
    ahead += 20 * MINUTE;
    expect((await watching.ask('/api/movements', { headers })).status).toBe(200);
    ahead += 11 * MINUTE;
    expect(await codeOf(watching.ask('/api/movements'))).toBe('signed_out');
  });

  it('is signed out of, here and elsewhere, and ends with its operator’s right to sign in', async () => {
    const admin = await somebody(place, 'admin', clock);
    const made = await admin.ask('/api/operators', {
      method: 'POST',
      body: { name: 'Ann@Example.com', role: 'viewer' },
    });
    const { operator, link } = (await made.json()) as { operator: { id: string }; link: { url: string } };
    const token = new URL(link.url).searchParams.get('token');
    const set = (password: string) => post(`${shop.url}/api/session/set-password`, { token, password });
    expect(await (await set('too short')).json()).toMatchObject({
      code: 'invalid_request',
      field: 'password',
    });
    expect((await set('ann@example.com')).status).toBe(400);
    const ann = await personOf(shop.url, { ...operator, name: '', cookie: cookieOf(await set(PASSWORD)) });
    expect(await codeOf(set(PASSWORD))).toBe('link_refused');
    // The same letters in another form are the same password.
    const change = { current: PASSWORD, password: 'éléphant électrique' };
    const token2 = await signInToken('ann@example.com');
    const elsewhere = cookieOf(await post(`${shop.url}/api/session/link`, { token: token2 }));
    const wrong = await ann.ask('/api/session/password', {
      method: 'POST',
      body: { ...change, current: 'not that one' },
    });
    expect([wrong.status, await codeOf(wrong)]).toEqual([403, 'wrong_password']);
    const found = await admin.ask(`/api/operators/${operator.id}/link`, { method: 'POST' });
    const changed = await ann.ask('/api/session/password', { method: 'POST', body: change });
    expect(await changed.json()).toEqual({ ended: 1 });
    // A link that somebody has found sets no other password now.
    const foundToken = new URL(((await found.json()) as { url: string }).url).searchParams.get('token');
    const later = { token: foundToken, password: `${PASSWORD}!` };
    expect(await codeOf(post(`${shop.url}/api/session/set-password`, later))).toBe('link_refused');
    expect((await fetch(`${shop.url}/api/session`, { headers: { cookie: elsewhere } })).status).toBe(401);
    ahead += 1; // or neither of the two sessions is the newer one
    expect((await signIn('ann@example.com', 'e\u0301le\u0301phant e\u0301lectrique')).status).toBe(201);
    const all = (await (await ann.ask('/api/session/all')).json()) as {
      data: { id: string; current: boolean }[];
    };
    expect(all.data.map(({ current }) => current)).toEqual([false, true]);
    const other = await ann.ask(`/api/session/all/${all.data[0]?.id}`, { method: 'DELETE' });
    expect(await other.json()).toEqual({ ended: 1 });
    await admin.ask(`/api/operators/${operator.id}`, { method: 'PATCH', body: { disabled: true } });
    expect(await codeOf(ann.ask('/api/movements'))).toBe('signed_out');
    expect(await codeOf(signIn('ann@example.com', 'éléphant électrique'))).toBe('wrong_credentials');
    const out = await admin.ask('/api/session', { method: 'DELETE' });
    expect(out.headers.getSetCookie()[0]).toMatch(/^__Host-quittance_session=; Max-Age=0/);
    expect(await codeOf(admin.ask('/api/movements'))).toBe('signed_out');
  });

  it('by a link is begun once, by one of two at once, within a quarter of an hour', async () => {
    const { name } = await somebody(place, 'operator', clock);
    const use = (token: string) => post(`${shop.url}/api/session/link`, { token });
    const token = await signInToken(name);
    const both = await Promise.all([use(token), use(token)]);
    expect(both.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 410]);
    const [older, newer] = [await signInToken(name), await signInToken(name)];
    expect(await codeOf(use(older))).toBe('link_refused');
    const other = await post(`${shop.url}/api/session/set-password`, { token: newer, password: PASSWORD });
    expect(await codeOf(other)).toBe('link_refused');
    ahead += 16 * MINUTE;
    expect(await codeOf(use(newer))).toBe('link_refused');
  });
});

describe('the last admin', () => {
  it('can’t be taken away, and nothing that opens anything is in the log or the database', async () => {
    const key = { authorization: `Bearer ${API_KEY}` };
    const list = await fetch(`${shop.url}/api/operators`, { headers: key });
    const { data } = (await list.json()) as { data: { id: string; name: string; role: string }[] };
    const admins = data.filter(({ role }) => role === 'admin');
    const demote = (id: string) =>
      fetch(`${shop.url}/api/operators/${id}`, {
        method: 'PATCH',
        headers: key,
        body: JSON.stringify({ role: 'viewer' }),
      });
    const answers = await Promise.all(admins.map(({ id }) => demote(id)));
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(1);
    const { rows } = await place.database.pool.query<{ name: string }>(
      `select table_name as name from information_schema.tables where table_schema = 'quittance'`,
    );
    const tables = await Promise.all(
      rows.map(({ name }) => place.database.pool.query(`select t::text from quittance."${name}" t`)),
    );
    const dump = `${JSON.stringify(tables.map((table) => table.rows as unknown[]))}${shop.log.text()}`;
    // Control: what is in there is found.
    expect(dump).toContain('ann@example.com');
    expect(dump).not.toContain(PASSWORD);
    expect(dump).not.toContain('éléphant');
    expect(dump).not.toContain('nobody@example.com');
  });
});
