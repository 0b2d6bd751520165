import { beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { freshDatabase } from '../support/database.ts';
import { CONNECT_CLIENT_ID, runMarketplace, type Marketplace } from '../support/marketplace.ts';
import { API_KEY } from '../support/quittance.ts';
import { addSeller, postApi } from '../support/sellers.ts';
import { stripeCalls } from '../support/stripe-log.ts';
import { hrefOf, Visitor, type Visit } from '../support/visitor.ts';

let place: { url: string; sql: Database['sql'] };

beforeAll(async () => {
  const { url, database } = await freshDatabase();
  place = { url, sql: database.sql };
});

/** Presses a button of Stripe's page and returns the address it leads back to. */
async function decide(url: string | null, outcome = 'skip', account = ''): Promise<string> {
  const body = new URLSearchParams({ outcome, account });
  const answer = await fetch(url ?? '', { method: 'POST', body, redirect: 'manual' });
  return answer.headers.get('location') ?? '';
}

/** Begins for a new seller and returns Stripe's page. */
async function begin(shop: Marketplace, visitor: Visitor, reference: string) {
  const { seller, url } = await addSeller(shop, reference, { mode: 'oauth', name: 'Ann & Sons' });
  return { seller, url, stripe: (await visitor.get(url)).location };
}

const exchanges = (shop: Marketplace) => stripeCalls(shop.simulator, 'POST /oauth/token');
const sellerOf = async (shop: Marketplace, id: string) =>
  (await (await shop.api(`/api/connect/sellers/${id}`)).json()) as { status: string; account: string | null };

function changed(url: string, changes: Record<string, string | null>): string {
  const next = new URL(url);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) next.searchParams.delete(name);
    else next.searchParams.set(name, value);
  }
  return next.toString();
}

describe('connecting an account one has', () => {
  test('asks Stripe with what is known, and stores the account that comes back', async () => {
    const shop = await runMarketplace(place);
    const visitor = new Visitor();
    const { seller, url } = await addSeller(shop, 'ann', { mode: 'oauth', name: 'Ann & Sons' });
    const sent = await visitor.get(url);
    expect(sent.cookies[0]).toMatch(
      /^__Host-quittance_oauth=[\w-]{43}; Max-Age=600; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
    );
    const stripe = new URL(sent.location ?? '');
    expect(stripe.origin + stripe.pathname).toBe(`${shop.simulator.url}/oauth/authorize`);
    const state = stripe.searchParams.get('state') ?? '';
    expect(Buffer.from(state, 'base64url')).toHaveLength(32);
    expect(Object.fromEntries(stripe.searchParams)).toEqual({
      response_type: 'code',
      client_id: CONNECT_CLIENT_ID,
      scope: 'read_write',
      redirect_uri: `${shop.url}/connect/oauth`,
      state,
      'stripe_user[email]': 'ann@example.com',
      'stripe_user[country]': 'US',
      'stripe_user[business_name]': 'Ann & Sons',
      'stripe_user[business_type]': 'sole_prop',
      'suggested_capabilities[]': 'transfers',
    });
    // The database has hashes only.
    const states = JSON.stringify(
      await place.sql`select *, encode(state_hash, 'escape') from quittance.oauth_state`,
    );
    expect(states).not.toContain(state);

    const back = await visitor.get(await decide(sent.location));
    expect(back.location).toContain(`${shop.url}/connect/return?seller=${seller.id}`);
    expect((await visitor.get(back.location ?? '')).text).toContain('You are ready to be paid');
    const known = await sellerOf(shop, seller.id);
    expect(known).toMatchObject({
      status: 'ready',
      dashboard: 'full',
      account: expect.stringMatching(/^acct_/),
    });
    const admitted = await place.sql`select from quittance.known_account where account = ${known.account}`;
    expect(admitted).toHaveLength(1);
    // Nothing that gives power over the account is kept or told.
    const token = JSON.stringify(await place.sql`select * from quittance.seller`) + shop.log.text();
    expect(token).not.toMatch(/sk_test_\w+|rt_\w+|ac_\w+/);
    // Who begins again is shown how it stands.
    expect((await visitor.get(url)).location).toContain('/connect/return');
  });

  test('takes a state once, in the browser that began, for ten minutes (S4)', async () => {
    let late = 0;
    const shop = await runMarketplace(place, { clock: { now: () => Date.now() + late } });
    const [visitor, stranger] = [new Visitor(), new Visitor()];
    const { seller, url, stripe } = await begin(shop, visitor, 'ben');
    await begin(shop, stranger, 'mallory');
    const back = await decide(stripe);
    const refused: Visit[] = [
      await visitor.get(changed(back, { state: null })),
      await visitor.get(changed(back, { state: '' })),
      await visitor.get(changed(back, { state: 'x'.repeat(43) })),
      await visitor.get(changed(back, { code: null, state: null, error: 'access_denied' })),
      // Another browser, and one without a session.
      await stranger.get(back),
      await new Visitor().get(back),
    ];
    late = 601_000;
    refused.push(await visitor.get(back));
    late = 0;
    expect(refused.map(({ status }) => status)).toEqual(refused.map(() => 403));
    expect(await exchanges(shop)).toEqual([]);
    expect((await sellerOf(shop, seller.id)).account).toBeNull();
    // The control: nothing of that has used it up. Of two at once, one gets it.
    const both = await Promise.all([visitor.get(back), visitor.get(back)]);
    expect(both.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([303, 403]);
    expect(await exchanges(shop)).toHaveLength(1);
    expect((await visitor.get(back)).status).toBe(403);
    expect(await exchanges(shop)).toHaveLength(1);
    expect((await visitor.get(url)).status).toBe(303);
  });

  test('says what Stripe says of a refusal, as text, and of a code that is no good', async () => {
    const shop = await runMarketplace(place);
    const visitor = new Visitor();
    const { url, stripe } = await begin(shop, visitor, 'cat');
    const denied = await visitor.get(await decide(stripe, 'deny'));
    expect(denied.status).toBe(400);
    expect(denied.text).toContain('The user denied your request');
    const again = (await visitor.get(hrefOf(denied.text, 'Begin again'))).location;
    const nasty = { code: null, error: 'x', error_description: '<script>alert(1)</script>' };
    const shown = await visitor.get(changed(await decide(again), nasty));
    expect(shown.text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(shown.text).not.toContain('<script>');
    expect(await exchanges(shop)).toEqual([]);

    for (const code of ['ac_unknown', '', '../../x']) {
      const { location } = await visitor.get(url);
      const bad = await visitor.get(changed(await decide(location), { code }));
      expect([code, bad.status]).toEqual([code, 400]);
    }
    // One of somebody else, used already.
    const used = new Visitor();
    const first = await decide((await begin(shop, used, 'dan')).stripe);
    expect((await used.get(first)).status).toBe(303);
    const code = new URL(first).searchParams.get('code');
    const reused = await visitor.get(changed(await decide((await visitor.get(url)).location), { code }));
    expect(reused.status).toBe(400);
  });

  test('survives Stripe being away: 502, one try, and a way to begin again', async () => {
    const shop = await runMarketplace(place);
    const visitor = new Visitor();
    const { seller, stripe } = await begin(shop, visitor, 'eve');
    const back = await decide(stripe);
    shop.simulator.faults.add({ kind: 'api_error', match: 'oauth/token', status: 500, when: 'before' });
    const away = await visitor.get(back);
    expect(away.status).toBe(502);
    expect(await exchanges(shop)).toHaveLength(1);
    shop.simulator.faults.clear();
    const again = (await visitor.get(hrefOf(away.text, 'Begin again'))).location;
    expect((await visitor.get(await decide(again))).status).toBe(303);
    expect((await sellerOf(shop, seller.id)).status).toBe('ready');
  });

  test('gives an account to one seller only, also of two that come at once', async () => {
    const shop = await runMarketplace(place);
    const visitor = new Visitor();
    // An account that is connected to the platform, and no seller's.
    const code = new URL(await decide((await begin(shop, visitor, 'fay')).stripe)).searchParams.get('code');
    const { stripe_user_id: account = '' } = await shop.stripe.oauth.token({
      grant_type: 'authorization_code',
      code: code ?? '',
    });
    const both = [await begin(shop, visitor, 'gus'), await begin(shop, visitor, 'ida')];
    const backs = await Promise.all(both.map(({ stripe }) => decide(stripe, 'agree', account)));
    const answers = await Promise.all(backs.map((url) => visitor.get(url)));
    expect(answers.map(({ status }) => status).toSorted((x, y) => x - y)).toEqual([303, 409]);
    expect(answers.find(({ status }) => status === 409)?.text).toContain('sells for somebody else');
    const known = await Promise.all(both.map(({ seller }) => sellerOf(shop, seller.id)));
    expect(known.map((each) => each.account).filter(Boolean)).toEqual([account]);
    const third = await visitor.get(
      await decide((await begin(shop, visitor, 'jan')).stripe, 'agree', account),
    );
    expect(third.status).toBe(409);
  });
});

test('ends from our side, also when we died in between, and the account can come back', async () => {
  const shop = await runMarketplace(place);
  const visitor = new Visitor();
  const { seller, url, stripe } = await begin(shop, visitor, 'hal');
  await visitor.get(await decide(stripe));
  const { account } = await sellerOf(shop, seller.id);
  const path = `/api/connect/sellers/${seller.id}/disconnect`;
  shop.simulator.faults.add({ kind: 'api_error', match: 'deauthorize', status: 503, when: 'before' });
  await expect(postApi(shop, path)).rejects.toThrow('stripe_unavailable');
  shop.simulator.faults.clear();
  // Stripe did it, and we never heard.
  shop.simulator.faults.add({ kind: 'drop' });
  await shop.stripe.oauth.deauthorize({ client_id: CONNECT_CLIENT_ID, stripe_user_id: account ?? '' });
  expect((await sellerOf(shop, seller.id)).status).toBe('ready');
  expect(await postApi(shop, path)).toMatchObject({ status: 'disconnected', account });
  expect(await postApi(shop, path)).toMatchObject({ status: 'disconnected' });
  expect(await place.sql`select from quittance.known_account where account = ${account}`).toEqual([]);
  expect((await fetch(shop.url + path, { method: 'POST' })).status).toBe(401);

  const back = await visitor.get(await decide((await visitor.get(url)).location, 'agree', account ?? ''));
  expect(back.status).toBe(303);
  expect(await sellerOf(shop, seller.id)).toMatchObject({ status: 'ready', account });
});

test('is off without a client id, in words', async () => {
  const shop = await runMarketplace(place, { stripeConnectClientId: undefined });
  for (const path of ['/connect/oauth', '/connect/oauth/authorize?seller=x&token=y']) {
    const answer = await fetch(shop.url + path);
    expect([answer.status, await answer.json()]).toMatchObject([404, { code: 'oauth_off' }]);
  }
  expect((await new Visitor().get(`${shop.url}/connect/oauth`)).text).toContain('STRIPE_CONNECT_CLIENT_ID');
  const headers = { authorization: `Bearer ${API_KEY}` };
  const body = JSON.stringify({ reference: 'zoe', mode: 'oauth' });
  const refused = await fetch(`${shop.url}/api/connect/sellers`, { method: 'POST', headers, body });
  expect(refused.status).toBe(409);
});
