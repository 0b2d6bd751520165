import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { beforeAll, describe, expect, test } from 'vitest';
import { findTokens } from '../../src/apps/access/tokens.ts';
import type { Install } from '../../src/apps/install.ts';
import type { Database } from '../../src/db/database.ts';
import { APP_CLIENT_ID, runAppAccess, type AppAccess } from '../support/app-installs.ts';
import { freshDatabase } from '../support/database.ts';
import { stripeCalls } from '../support/stripe-log.ts';
import { hrefOf, Visitor, type Visit } from '../support/visitor.ts';

let database: Database;
let app: AppAccess;

beforeAll(async () => {
  ({ database } = await freshDatabase());
  app = await runAppAccess(database);
});

const exchanges = () => stripeCalls(app.simulator, 'POST /v1/oauth/token');
const installs = () => database.sql<Install>`select * from quittance.install order by installed_at`;

async function begin(visitor: Visitor): Promise<string> {
  return (await visitor.get(`${app.url}/apps/install`)).location ?? '';
}

function changed(url: string, changes: Record<string, string | null>): string {
  const next = new URL(url);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) next.searchParams.delete(name);
    else next.searchParams.set(name, value);
  }
  return next.toString();
}

/** Every row of every table of ours; bytes as hex. */
async function dump(): Promise<string> {
  const tables = await database.sql<{ name: string }>`
    select format('%I.%I', schemaname, tablename) as name from pg_tables
    where schemaname in ('quittance', 'graphile_worker')`;
  let text = '';
  for (const { name } of tables) {
    const { rows } = await database.pool.query(`select t::text as row from ${name} t`);
    text += (rows as { row: string }[]).map(({ row }) => row).join('\n');
  }
  return text;
}

describe('an install by OAuth', () => {
  test('asks at Stripe, keeps the tokens sealed, and calls Stripe as the account', async () => {
    const visitor = new Visitor();
    const sent = await visitor.get(`${app.url}/apps/install`);
    expect(sent.status).toBe(303);
    expect(sent.cookies[0]).toMatch(
      /^__Host-quittance_app=[\w-]{43}; Max-Age=600; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
    );
    const stripe = new URL(sent.location ?? '');
    expect(stripe.origin + stripe.pathname).toBe(`${app.simulator.url}/oauth/v2/authorize`);
    const state = stripe.searchParams.get('state') ?? '';
    expect(Buffer.from(state, 'base64url')).toHaveLength(32);
    expect(Object.fromEntries(stripe.searchParams)).toEqual({
      client_id: APP_CLIENT_ID,
      redirect_uri: `${app.url}/apps/oauth`,
      state,
    });
    const address = await app.decide(sent.location);
    const back = await visitor.get(address);
    expect([back.status, back.location]).toEqual([303, `${app.url}/apps/installed`]);
    expect((await visitor.get(back.location ?? '')).text).toContain('The app is installed');

    const [install] = await installs();
    expect(install).toMatchObject({ access: 'oauth', livemode: false, status: 'installed' });
    const own = await app.access.for(install!).accounts.retrieveCurrent();
    expect(own.id).toBe(install!.account);
    expect(own.id).not.toBe(app.simulator.account);

    // S9: nothing that opens an account stands in the database or the log. The controls: the account does.
    const tokens = await findTokens(database.sql, app.vault, install!.id);
    const code = new URL(address).searchParams.get('code') ?? '';
    const stored = await dump();
    for (const secret of [tokens!.access_token, tokens!.refresh_token, code, state]) {
      expect(secret).toMatch(/^.{30,}$/);
      expect(stored).not.toContain(secret);
      expect(stored).not.toContain(Buffer.from(secret).toString('hex'));
      expect(app.log.text()).not.toContain(secret);
    }
    expect(stored).toContain(own.id);
    expect(app.log.text()).toContain(own.id);
  });

  test('takes a state once, in the browser that began, for ten minutes (S4)', async () => {
    const [visitor, stranger] = [new Visitor(), new Visitor()];
    const stripe = await begin(visitor);
    await begin(stranger);
    const back = await app.decide(stripe);
    const before = [(await exchanges()).length, (await installs()).length];
    const refused: Visit[] = [
      await visitor.get(changed(back, { state: null })),
      await visitor.get(changed(back, { state: '' })),
      await visitor.get(changed(back, { state: 'x'.repeat(43) })),
      await visitor.get(changed(back, { code: null, state: null, error: 'access_denied' })),
      await stranger.get(back),
      await new Visitor().get(back),
    ];
    app.clock.aheadMs = 601_000;
    refused.push(await visitor.get(back));
    app.clock.aheadMs = 0;
    expect(refused.map(({ status }) => status)).toEqual(refused.map(() => 403));
    expect([(await exchanges()).length, (await installs()).length]).toEqual(before);
    // The control: nothing of that has used it up. Of two at once, one gets it.
    const both = await Promise.all([visitor.get(back), visitor.get(back)]);
    expect(both.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([303, 403]);
    expect((await visitor.get(back)).status).toBe(403);
    expect((await installs()).length).toBe((before[1] ?? 0) + 1);
    // A code that was used, under a good state.
    const code = new URL(back).searchParams.get('code');
    const reused = await visitor.get(changed(await app.decide(await begin(visitor)), { code }));
    expect(reused.status).toBe(400);
    expect((await installs()).length).toBe((before[1] ?? 0) + 1);
  });

  test('says what Stripe says of a refusal, as text, and leads to the beginning', async () => {
    const visitor = new Visitor();
    const denied = await visitor.get(await app.decide(await begin(visitor), 'deny'));
    expect([denied.status, denied.text]).toEqual([400, expect.stringContaining('The user denied your')]);
    expect(hrefOf(denied.text, 'Begin again')).toBe(`${app.url}/apps/install`);
    const nasty = { code: null, error: 'x', error_description: '<script>alert(1)</script>' };
    const shown = await visitor.get(changed(await app.decide(await begin(visitor)), nasty));
    expect(shown.text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(shown.text).not.toContain('<script>');
    for (const code of ['ac_unknown', '', '../../x']) {
      const bad = await visitor.get(changed(await app.decide(await begin(visitor)), { code }));
      expect([code, bad.status]).toEqual([code, 400]);
    }
  });

  test('asks Stripe once for a code when Stripe is away, and keeps nothing', async () => {
    const visitor = new Visitor();
    const before = (await installs()).length;
    const back = await app.decide(await begin(visitor));
    const asked = (await exchanges()).length;
    app.simulator.faults.add({ kind: 'api_error', match: 'oauth/token', status: 500, when: 'before' });
    const away = await visitor.get(back);
    app.simulator.faults.clear();
    expect(away.status).toBe(502);
    expect((await exchanges()).length).toBe(asked + 1);
    expect((await installs()).length).toBe(before);
    expect(hrefOf(away.text, 'Begin again')).toBe(`${app.url}/apps/install`);
  });

  test('is looked at without being begun', async () => {
    const head = await fetch(`${app.url}/apps/install`, { method: 'HEAD', redirect: 'manual' });
    expect([head.status, head.headers.get('set-cookie')]).toEqual([204, null]);
  });
});

test('an account of the other mode is not taken', async () => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    const tokens = {
      access_token: 'sk_live_1',
      refresh_token: 'rt_1',
      stripe_user_id: 'acct_1',
      livemode: true,
    };
    response.setHeader('content-type', 'application/json').end(JSON.stringify(tokens));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const apiBase = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const other = await runAppAccess(database, { apiBase }, app.simulator);
  const visitor = new Visitor();
  const sent = await visitor.get(`${other.url}/apps/install`);
  const state = new URL(sent.location ?? '').searchParams.get('state');
  const back = await visitor.get(`${other.url}/apps/oauth?code=ac_1&state=${state}`);
  server.closeAllConnections();
  server.close();
  expect(asked).toEqual(['POST /v1/oauth/token']);
  expect([back.status, back.text]).toEqual([409, expect.stringContaining('the other way round')]);
  expect((await installs()).map(({ account }) => account)).not.toContain('acct_1');
});

test('leads on to an address of the app, and is off without a client id', async () => {
  const installedUrl = 'https://notes.example/welcome';
  const leading = await runAppAccess(database, { installedUrl }, app.simulator);
  const visitor = new Visitor();
  const { location } = await visitor.get(`${leading.url}/apps/install`);
  expect((await visitor.get(await leading.decide(location))).location).toBe(installedUrl);

  for (const off of [{ clientId: '' }, { access: 'platform' as const }]) {
    const { url } = await runAppAccess(database, off, app.simulator);
    for (const path of ['/apps/install', '/apps/oauth?code=x&state=y']) {
      const answer = await fetch(url + path);
      expect([answer.status, await answer.json()]).toMatchObject([404, { code: 'oauth_off' }]);
    }
  }
});
