import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { findTokens } from '../../src/apps/access/tokens.ts';
import type { Install } from '../../src/apps/install.ts';
import { openDatabase, type Database } from '../../src/db/database.ts';
import { stripeFailure } from '../../src/stripe/failures.ts';
import { runAppAccess, type AppAccess } from '../support/app-installs.ts';
import { atEnd } from '../support/at-end.ts';
import { freshDatabase } from '../support/database.ts';
import { API_KEY } from '../support/quittance.ts';
import { stripeCalls } from '../support/stripe-log.ts';
import { Visitor } from '../support/visitor.ts';

const HOUR_MS = 3_600_000;

let place: { url: string; database: Database };
let app: AppAccess;

beforeAll(async () => {
  place = await freshDatabase();
  app = await runAppAccess(place.database);
});

beforeEach(() => {
  app.simulator.faults.clear();
  app.alarms.length = 0;
});

/** Installs the app on an account of its own. */
async function install(): Promise<Install> {
  const known = await place.database.sql<Install>`select * from quittance.install`;
  const visitor = new Visitor();
  const { location } = await visitor.get(`${app.url}/apps/install`);
  expect((await visitor.get(await app.decide(location))).status).toBe(303);
  const all = await place.database.sql<Install>`select * from quittance.install`;
  return all.find(({ id }) => !known.some((each) => each.id === id)) as Install;
}

const kept = (of: Install) => findTokens(place.database.sql, app.vault, of.id);
const isOwn = async (of: Install, by = app.access) =>
  (await by.for(of).accounts.retrieveCurrent()).id === of.account;
const renewals = async () =>
  (await stripeCalls(app.simulator, 'POST /v1/oauth/token')).filter(
    ({ params }) => params['grant_type'] === 'refresh_token',
  );

/** What a call failed with: its code, or Stripe's type. */
async function failure(call: Promise<unknown>): Promise<string | undefined> {
  try {
    await call;
  } catch (error) {
    const { code, type } = error as { code?: string; type?: string };
    return code ?? type;
  }
  return undefined;
}

/** Moves Stripe's time and ours, so that every token given before has ended. */
async function hourLater(): Promise<void> {
  await app.simulator.clock.advance(HOUR_MS / 1000);
  app.clock.aheadMs += HOUR_MS;
}

describe('an access token that has ended', () => {
  test('is renewed once, although two processes with twenty calls ask at the same time', async () => {
    const [one, two] = [await install(), await install()];
    const before = await renewals();
    expect(await isOwn(one)).toBe(true);
    expect(await renewals()).toHaveLength(before.length);
    await hourLater();
    const elsewhere = openDatabase({ url: place.url, connectionsMax: 4, applicationName: 'another' });
    atEnd(() => elsewhere.close());
    const processes = [app.access, app.another(elsewhere)];
    const calls = Array.from({ length: 20 }, (_, index) => isOwn(one, processes[index % 2]));
    expect(new Set(await Promise.all(calls))).toEqual(new Set([true]));
    expect(await renewals()).toHaveLength(before.length + 1);
    // The refresh token was replaced, and the other install has nothing to do with it.
    await hourLater();
    expect(await isOwn(one, app.another())).toBe(true);
    expect(await isOwn(two)).toBe(true);
    expect(await renewals()).toHaveLength(before.length + 3);
  });

  test('is the same new one for who comes after a crash between the answer and the commit', async () => {
    const one = await install();
    await hourLater();
    const before = await kept(one);
    const dying: Pick<Database, 'sql' | 'transaction'> = {
      sql: place.database.sql,
      transaction: (work) =>
        place.database.transaction(async (...tools) => {
          await work(...tools);
          throw new Error('killed');
        }),
    };
    await expect(isOwn(one, app.another(dying))).rejects.toThrow('killed');
    expect(await kept(one)).toEqual(before);
    // The answer that never came: cut off on both tries.
    app.simulator.faults.add({ kind: 'reset_after', match: 'oauth/token', times: 2 });
    expect(await failure(isOwn(one))).toBe('StripeConnectionError');
    expect(await kept(one)).toEqual(before);
    expect(await isOwn(one)).toBe(true);
    const mine = (await renewals()).filter(
      ({ idempotency_key: key }, _, all) => key === all.at(-1)?.idempotency_key,
    );
    expect(mine.map(({ replayed, status }) => [replayed, status])).toEqual([
      [false, 200],
      ...mine.slice(1).map(() => [true, 200]),
    ]);
    expect(mine.length).toBeGreaterThan(1);
  });

  test('survives an outage of Stripe, and an error that Stripe repeats', async () => {
    const one = await install();
    await hourLater();
    app.simulator.faults.add({ kind: 'api_error', match: 'oauth/token', status: 503, when: 'before' });
    const error = await isOwn(one).catch((thrown: unknown) => thrown);
    expect(stripeFailure(error)).toBe('server_error');
    app.simulator.faults.clear();
    // In the middle of its work, so that it is kept under the idempotency key and comes again.
    app.simulator.faults.add({ kind: 'api_error', match: 'oauth/token', status: 500, times: 1 });
    expect(stripeFailure(await isOwn(one).catch((thrown: unknown) => thrown))).toBe('server_error');
    const [asked, again] = (await renewals()).slice(-2);
    expect([asked?.replayed, again?.replayed]).toEqual([false, true]);
    expect(await isOwn(one)).toBe(true);
    expect(app.alarms).toEqual([]);
  });

  test('is dropped with an alarm when Stripe takes the refresh token no more', async () => {
    const one = await install();
    const { refresh_token } = (await kept(one))!;
    await hourLater();
    // Somebody has used it, or the app was uninstalled.
    const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token });
    const headers = { authorization: 'Bearer sk_test_x' };
    await fetch(`${app.simulator.url}/v1/oauth/token`, { method: 'POST', body, headers });
    expect(await failure(isOwn(one))).toBe('not_authorized');
    expect(await kept(one)).toBeNull();
    expect(app.alarms).toEqual([['app_token_refused', one.account]]);
    const asked = (await renewals()).length;
    expect(await failure(isOwn(one))).toBe('not_authorized');
    expect(await renewals()).toHaveLength(asked);
  });

  test('is renewed when Stripe calls it expired before we do, and the call is made', async () => {
    const one = await install();
    await app.simulator.clock.advance(HOUR_MS / 1000);
    const before = (await renewals()).length;
    const { id } = await app.access.for(one).customers.create({ name: 'Eve' });
    expect(id).toMatch(/^cus_/);
    expect(await renewals()).toHaveLength(before + 1);
    app.clock.aheadMs += HOUR_MS;
  });
});

test('an install that has ended is not called for, and its tokens are forgotten', async () => {
  const one = await install();
  const stripe = app.access.for(one);
  expect((await stripe.accounts.retrieveCurrent()).id).toBe(one.account);
  await place.database.transaction((sql) => app.access.revoke(sql, one));
  expect(await kept(one)).toBeNull();
  // A client from before opens nothing any more, and says so at once.
  expect(await failure(stripe.accounts.retrieveCurrent())).toBe('not_authorized');
  expect(await failure(stripe.rawRequest('GET', '/v1/account'))).toBe('not_authorized');
  expect(() => app.access.for({ ...one, status: 'uninstalled' })).toThrow(/is not installed on/);
  expect(() => app.access.for({ ...one, livemode: true })).toThrow(/of live mode/);
});

describe('a restricted key', () => {
  const put = async (target: AppAccess, body: unknown, key = API_KEY) => {
    const answer = await fetch(`${target.url}/api/apps/installs/restricted-key`, {
      method: 'PUT',
      body: JSON.stringify(body),
      headers: { authorization: `Bearer ${key}` },
    });
    return { status: answer.status, body: (await answer.json()) as { code?: string } & Install };
  };

  test('is kept when Stripe says whose it is, and makes the install', async () => {
    const shop = await runAppAccess(place.database, { access: 'restricted_api_key' }, app.simulator);
    const { account } = shop.simulator;
    const key = 'rk_test_KeyOfTheAccountItself';
    const made = await put(shop, { account, key });
    expect(made).toMatchObject({ status: 200, body: { account, access: 'restricted_api_key' } });
    const stripe = shop.access.for(made.body);
    expect((await stripe.accounts.retrieveCurrent()).id).toBe(account);
    // Another key takes its place.
    expect((await put(shop, { account, key: `${key}2` })).body.id).toBe(made.body.id);
    await place.database.transaction((sql) => shop.access.revoke(sql, made.body));
    expect(await failure(stripe.balance.retrieve())).toBe('not_authorized');
    expect(shop.log.text()).not.toContain('KeyOfTheAccountItself');
    expect(shop.log.text()).toContain(made.body.id);
  });

  test('is refused, each way with its own word', async () => {
    const shop = await runAppAccess(place.database, { access: 'restricted_api_key' }, app.simulator);
    const { account } = shop.simulator;
    const key = 'rk_test_KeyOfTheAccountItself';
    const refused = async (body: unknown, apiKey?: string) => {
      const { status, body: problem } = await put(shop, body, apiKey);
      return `${status} ${problem.code}`;
    };
    expect(await refused({ account, key }, 'wrong')).toBe('401 unauthorized');
    expect(await refused({ account })).toBe('400 invalid_request');
    expect(await refused({ account: 'me', key })).toBe('400 invalid_request');
    expect(await refused({ account, key: 'sk_test_1' })).toBe('400 invalid_request');
    expect(await refused({ account, key: 'rk_live_1' })).toBe('409 other_mode');
    expect(await refused({ account: 'acct_other', key })).toBe('409 key_of_other_account');
    shop.simulator.faults.add({ kind: 'api_error', match: 'GET /v1/account', status: 401, when: 'before' });
    expect(await refused({ account, key })).toBe('400 key_refused');
    shop.simulator.faults.clear();
    shop.simulator.faults.add({ kind: 'api_error', match: 'GET /v1/account', status: 403, when: 'before' });
    expect(await refused({ account, key })).toBe('409 key_not_verifiable');
    shop.simulator.faults.clear();
    shop.simulator.faults.add({ kind: 'api_error', match: 'GET /v1/account', status: 503, when: 'before' });
    expect(await refused({ account, key })).toBe('502 stripe_unavailable');
    shop.simulator.faults.clear();
    expect((await put(app, { account, key })).body.code).toBe('restricted_keys_off');
    // The control: it would have been taken.
    expect((await put(shop, { account, key })).status).toBe(200);
  });
});
