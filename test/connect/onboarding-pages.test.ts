import { request } from 'node:http';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { signToken, TOKEN_SECONDS, type TokenPurpose } from '../../src/connect/token.ts';
import { control } from '../simulator/support/simulator.ts';
import { freshDatabase } from '../support/database.ts';
import { knownSeller, runMarketplace, type Marketplace } from '../support/marketplace.ts';
import { SECRET } from '../support/quittance.ts';
import { addSeller } from '../support/sellers.ts';
import { stripeCalls } from '../support/stripe-log.ts';
import { hrefOf, Visitor } from '../support/visitor.ts';

let place: { url: string; sql: Database['sql'] };
const visitor = new Visitor();

beforeAll(async () => {
  const { url, database } = await freshDatabase();
  place = { url, sql: database.sql };
});

interface Back {
  return_url: string;
  refresh_url: string;
}

/** Where Stripe was told to lead back to, each time it was asked for a link. */
async function waysBack(shop: Marketplace): Promise<Back[]> {
  const calls = await stripeCalls(shop.simulator, 'POST /v2/core/account_links');
  return calls.map(({ params }) => (params['use_case'] as { account_onboarding: Back }).account_onboarding);
}

/** An address as the server signs it, at another time or for another purpose if wanted. */
function signedUrl(shop: Marketplace, path: string, purpose: TokenPurpose, seller: string, now = Date.now()) {
  const { token } = signToken(SECRET, { purpose, subject: seller }, { now: () => now });
  const url = new URL(path, shop.url);
  url.searchParams.set('token', token);
  return url.toString();
}

const returnUrl = (shop: Marketplace, seller: string) =>
  signedUrl(shop, `/connect/return?seller=${seller}`, 'return', seller);

describe('onboarding', () => {
  test('leads to a link that is made when it is asked for, and stands nowhere', async () => {
    const shop = await runMarketplace(place);
    const { seller, url } = await addSeller(shop, 'ann');
    expect(await waysBack(shop)).toEqual([]);
    const sent = await visitor.get(url);
    expect(sent.status).toBe(303);
    expect(sent.location).toContain(`${shop.simulator.url}/setup/e/${seller.account}/`);
    expect(sent.headers.get('referrer-policy')).toBe('no-referrer');
    expect(sent.headers.get('cache-control')).toBe('no-store');
    const [back] = await waysBack(shop);
    expect(back?.return_url).toContain(`${shop.url}/connect/return?seller=${seller.id}&token=`);
    // By the address that Stripe leads to when a link is used up, a new one.
    const again = await visitor.get(back?.refresh_url ?? '');
    expect(again.location).toContain('/setup/e/');
    expect(again.location).not.toBe(sent.location);
    // The platform's own server asks with its key.
    const byKey = await shop.api(`/connect/onboard/${seller.id}`);
    expect(byKey.url).toContain('/setup/');
    const written = JSON.stringify(await place.sql`select * from quittance.seller`) + shop.log.text();
    expect(written).toContain('ann@example.com');
    for (const part of [sent.location?.split('/').at(-1), url.split('token=')[1]]) {
      expect(written).not.toContain(part);
    }

    // An older account has the older API.
    const v1 = await addSeller(shop, 'ben', { api: 'v1' });
    expect((await visitor.get(v1.url)).location).toContain(`/setup/e/${v1.seller.account}/`);
    expect(await stripeCalls(shop.simulator, 'POST /v1/account_links')).toHaveLength(1);
  });

  test('opens for nobody with a forged, foreign or old token (S11), and asks Stripe nothing', async () => {
    const shop = await runMarketplace(place);
    const { seller, url } = await addSeller(shop, 'cat');
    const { seller: other } = await addSeller(shop, 'dan');
    const path = `/connect/onboard/${seller.id}`;
    const longAgo = Date.now() - (TOKEN_SECONDS.onboard + 5) * 1000;
    const tries: [number, string][] = [
      [403, shop.url + path],
      [403, `${shop.url}${path}?token=x`],
      [403, url.replace(seller.id, other.id)],
      [403, signedUrl(shop, path, 'onboard', other.id)],
      [403, signedUrl(shop, path, 'return', seller.id)],
      [403, signedUrl(shop, `/connect/refresh?seller=${seller.id}`, 'return', seller.id)],
      [403, signedUrl(shop, `/connect/return?seller=${seller.id}`, 'refresh', seller.id)],
      [403, signedUrl(shop, `/connect/return?seller=${other.id}`, 'return', seller.id)],
      [410, signedUrl(shop, path, 'onboard', seller.id, longAgo)],
      [404, signedUrl(shop, '/connect/onboard/sel_none', 'onboard', 'sel_none')],
    ];
    const before = (await stripeCalls(shop.simulator, 'POST')).length;
    const got = await Promise.all(tries.map(async ([, each]) => (await visitor.get(each)).status));
    expect(got).toEqual(tries.map(([status]) => status));
    expect((await fetch(shop.url + path, { headers: { authorization: 'Bearer x' } })).status).toBe(401);
    expect((await stripeCalls(shop.simulator, 'POST')).length).toBe(before);
    const expired = await visitor.get(signedUrl(shop, path, 'onboard', seller.id, longAgo));
    expect(expired.text).toContain('This link has expired');
    // A program is told by a word.
    const problem = await fetch(`${shop.url}${path}?token=x`);
    expect(await problem.json()).toMatchObject({ code: 'link_forged' });
    expect((await visitor.get(url)).status).toBe(303);
  });

  test('leads back to our own address, whatever a request says of its host (S5)', async () => {
    const shop = await runMarketplace(place);
    const { url } = await addSeller(shop, 'eve');
    await new Promise((resolve, reject) => {
      const headers = {
        host: 'evil.example',
        'x-forwarded-host': 'evil.example',
        'x-forwarded-proto': 'https',
      };
      request(url, { headers }, resolve).on('error', reject).end();
    });
    const [back] = await waysBack(shop);
    expect(back?.return_url).toContain(`${shop.url}/connect/return?`);
    expect(JSON.stringify(back)).not.toContain('evil');
    const away = await visitor.get(`${back?.return_url}&next=https://evil.example&return_url=//evil.example`);
    expect(away.text).not.toContain('evil');
  });

  test('says so when Stripe is away, with a way to try again', async () => {
    const shop = await runMarketplace(place);
    const { url } = await addSeller(shop, 'fay');
    shop.simulator.faults.add({ kind: 'api_error', match: 'account', status: 503 });
    const sent = await visitor.get(url);
    expect([sent.status, sent.location]).toEqual([502, null]);
    expect(shop.url + hrefOf(sent.text, 'Try again')).toBe(url);
    shop.simulator.faults.clear();
    expect((await visitor.get(url)).status).toBe(303);
  });

  test('in live mode needs an https address, and says so before Stripe does', async () => {
    const shop = await runMarketplace(place, {
      stripeSecretKey: 'sk_live_quittance_suite_key',
      stripePublishableKey: 'pk_live_quittance_suite_key',
    });
    const { seller, url } = await addSeller(shop, 'gus');
    const refused = await visitor.get(url);
    expect(refused.status).toBe(503);
    expect(refused.text).toContain('PUBLIC_URL');
    expect(await waysBack(shop)).toEqual([]);
    // One of test mode is none of this server's.
    const { id } = await knownSeller(place.sql, { reference: 'test', account: 'acct_1Test' });
    expect((await visitor.get(returnUrl(shop, id))).text).toContain('belongs to the other mode');
    expect((await visitor.get(returnUrl(shop, seller.id))).status).toBe(200);
  });
});

test('coming back proves nothing: the page shows what Stripe says, HTML as text (S6)', async () => {
  const shop = await runMarketplace(place);
  const { seller } = await addSeller(shop, 'hal');
  const url = returnUrl(shop, seller.id);
  const left = await visitor.get(`${url}&status=ready`);
  expect(left.status).toBe(200);
  expect(left.text).toContain('You have not begun yet');
  expect(left.text).toContain('Date of birth');
  expect((await visitor.get(hrefOf(left.text, 'Begin at Stripe'))).location).toContain('/setup/e/');
  const policy = left.headers.get('content-security-policy');
  expect(policy).toContain("default-src 'none'");

  await control(shop.simulator, 'POST', `accounts/${seller.account}/onboard`, {});
  expect((await visitor.get(url)).text).toContain('You are ready to be paid');

  const error = '<script>alert(1)</script>';
  const requirements = [{ field: '<img src=x>.y', due: 'now', by: '2027-01-31T00:00:00.000Z', error }];
  await place.sql`
    update quittance.seller set status = 'restricted', reason = '<b>bold</b>',
      requirements = ${JSON.stringify(requirements)} where id = ${seller.id}`;
  shop.simulator.faults.add({ kind: 'api_error', match: 'account', status: 503 });
  const odd = await visitor.get(url);
  expect(odd.status).toBe(502);
  expect(odd.text).toContain('Stripe does not answer right now');
  expect(odd.text).toContain('&lt;script&gt;alert(1)');
  expect(odd.text).toContain('31 Jan 2027');
  expect(odd.text).not.toMatch(/<script>|<img|<b>bold/);
  shop.simulator.faults.clear();

  await place.sql`update quittance.seller set status = 'disconnected' where id = ${seller.id}`;
  const gone = await visitor.get(signedUrl(shop, `/connect/onboard/${seller.id}`, 'onboard', seller.id));
  expect(gone.status).toBe(409);
  expect(gone.text).toContain('disconnected');
});
