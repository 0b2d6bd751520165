import { beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { TOKEN_SECONDS } from '../../src/connect/token.ts';
import { freshDatabase } from '../support/database.ts';
import {
  fundSeller,
  knownSeller,
  readyExpressAccount,
  readySeller,
  runMarketplace,
  type Marketplace,
} from '../support/marketplace.ts';
import { addSeller, postApi } from '../support/sellers.ts';
import { stripeCalls } from '../support/stripe-log.ts';
import { hidden, hrefOf, Visitor } from '../support/visitor.ts';

let place: { url: string; sql: Database['sql'] };

beforeAll(async () => {
  const { url, database } = await freshDatabase();
  place = { url, sql: database.sql };
});

const sameOrigin = { 'sec-fetch-site': 'same-origin' };
const linkFor = async (shop: Marketplace, path: string) => (await postApi<{ url: string }>(shop, path)).url;

/** A browser in which staff, or a seller, is signed in. */
async function signedIn(shop: Marketplace, path = '/api/connect/staff-links'): Promise<Visitor> {
  const visitor = new Visitor();
  const entered = await visitor.get(await linkFor(shop, path));
  if (entered.status !== 303) throw new Error(`not let in: ${entered.status}`);
  return visitor;
}

describe('the pages of staff', () => {
  test('open by a link that is good once, into a session that ends', async () => {
    let late = 0;
    const shop = await runMarketplace(place, { clock: { now: () => Date.now() + late } });
    expect((await fetch(`${shop.url}/api/connect/staff-links`, { method: 'POST' })).status).toBe(401);
    const visitor = new Visitor();
    const url = await linkFor(shop, '/api/connect/staff-links');
    const list = `${shop.url}/connect/staff`;
    expect((await visitor.get(list)).status).toBe(401);
    // A chat program that looks at the link uses nothing up.
    expect((await fetch(url, { method: 'HEAD' })).status).toBe(204);
    const [one, two] = await Promise.all([visitor.get(url), new Visitor().get(url)]);
    expect([one.status, two.status].toSorted((a, b) => a - b)).toEqual([303, 410]);
    expect((await visitor.get(url)).status).toBe(410);
    const entered = one.status === 303 ? one : two;
    expect(entered.location).toBe('/connect/staff');
    expect(entered.cookies[0]).toMatch(
      /^__Host-quittance_staff=[\w~.-]+; Max-Age=28800; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
    );
    expect((await visitor.get(`${url}x`)).status).toBe(403);
    const unused = await linkFor(shop, '/api/connect/staff-links');

    const staff = await signedIn(shop);
    const page = await staff.get(list);
    expect(page.status).toBe(200);
    expect(page.headers.get('cache-control')).toBe('no-store');
    // Eight hours, used or not.
    late = (TOKEN_SECONDS.staff_session + 2) * 1000;
    expect((await staff.get(list)).status).toBe(401);
    expect((await staff.get(unused)).status).toBe(410);
    late = 0;
    // Signed out is signed out, for a copy of the cookie too.
    const copy = new Visitor();
    copy.steal(staff);
    const form_token = hidden(page.text, 'form_token');
    await staff.post(`${list}/sign-out`, { form_token }, sameOrigin);
    expect(staff.cookie).toBe('');
    expect((await copy.get(list)).status).toBe(401);
    // A made-up cookie, and a seller's, open nothing.
    const { seller } = await addSeller(shop, 'mallory');
    const theirs = await signedIn(shop, `/api/connect/sellers/${seller.id}/page-links`);
    expect((await theirs.get(list)).status).toBe(401);
    expect(shop.log.text()).not.toContain(url.split('token=')[1]);
  });

  test('show all sellers of the mode, by state, and what HTML they have as text (S6)', async () => {
    const shop = await runMarketplace(place);
    const nasty = { name: '<script>alert(1)</script>' };
    const { seller } = await addSeller(shop, 'nasty"><img/src=x>', { ...nasty, email: 'n@example.com' });
    const ready = await readySeller(shop, 'ready');
    await knownSeller(place.sql, { reference: 'live', account: 'acct_1Live', livemode: true });
    const staff = await signedIn(shop);
    const all = await staff.get(`${shop.url}/connect/staff`);
    expect(all.text).toContain('&lt;script&gt;alert(1)');
    expect(all.text).toContain('Jenny Rosen');
    expect(all.text).not.toMatch(/<script|<img|acct_1Live/);
    const some = await staff.get(`${shop.url}/connect/staff?status=ready`);
    expect(some.text).toContain(ready.id);
    expect(some.text).not.toContain(seller.id);
    const one = await staff.get(`${shop.url}/connect/staff/sellers/${seller.id}`);
    expect(one.text).toContain('nasty&quot;&gt;&lt;img/src=x&gt;');
    expect(one.text).not.toMatch(/<script|<img/);
    const [live] = await place.sql<{ id: string }>`select id from quittance.seller where livemode`;
    expect((await staff.get(`${shop.url}/connect/staff/sellers/${live?.id}`)).status).toBe(404);
  });

  test('do what staff asks, and only when our own page asks for it (S3)', async () => {
    const shop = await runMarketplace(place);
    const { seller } = await addSeller(shop, 'ann');
    const staff = await signedIn(shop);
    const page = `${shop.url}/connect/staff/sellers/${seller.id}`;
    const form_token = hidden((await staff.get(page)).text, 'form_token');
    const other = hidden((await (await signedIn(shop)).get(page)).text, 'form_token');
    const form = { form_token, sure: 'yes' };
    const foreign: [Record<string, string>, Record<string, string>][] = [
      [form, { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }],
      [form, { 'sec-fetch-site': 'same-site', origin: shop.url }],
      [form, { origin: 'https://evil.example' }],
      [form, {}],
      [{ sure: 'yes' }, sameOrigin],
      [{ ...form, form_token: other }, sameOrigin],
    ];
    for (const [fields, headers] of foreign) {
      for (const action of ['disconnect', 'link', 'refresh']) {
        expect((await staff.post(`${page}/${action}`, fields, headers)).status).toBe(403);
      }
    }
    expect((await new Visitor().post(`${page}/disconnect`, form, sameOrigin)).status).toBe(401);
    expect(await stripeCalls(shop.simulator, 'POST /v2/core/accounts/')).toEqual([]);

    const linked = await staff.post(`${page}/link`, form, { origin: shop.url });
    const link = /value="([^"]*\/connect\/onboard\/[^"]*)"/.exec(linked.text)?.[1] ?? '';
    expect((await staff.get(link)).location).toContain('/setup/e/');
    const unsure = await staff.post(`${page}/disconnect`, { form_token }, sameOrigin);
    expect(unsure.text).toContain('Tick the box');
    const asked = await staff.post(`${page}/refresh`, form, sameOrigin);
    expect(asked.location).toBe(`/connect/staff/sellers/${seller.id}?done=refreshed`);
    const closed = await staff.post(`${page}/disconnect`, form, sameOrigin);
    expect((await staff.get(shop.url + closed.location)).text).toContain('The seller is disconnected.');
    expect(await stripeCalls(shop.simulator, 'POST /v2/core/accounts/')).toHaveLength(1);
    const odd = await staff.get(`${page}?done=<script>`);
    expect(odd.text).not.toMatch(/<script|role="status"/);
  });
});

describe('the page of a seller', () => {
  test('shows what is theirs, leads to the dashboard, and opens for nobody else (S11)', async () => {
    const shop = await runMarketplace(place);
    const account = await readyExpressAccount(shop);
    const ann = await knownSeller(place.sql, { reference: 'page-ann', account });
    const { seller: ben } = await addSeller(shop, 'page-ben');
    await fundSeller(shop, { account }, 4_200);
    const visitor = await signedIn(shop, `/api/connect/sellers/${ann.id}/page-links`);
    const at = (id: string, rest = ''): string => `${shop.url}/connect/seller/${id}${rest}`;
    const page = await visitor.get(at(ann.id));
    expect(page.status).toBe(200);
    expect(page.text).toContain('You are ready to be paid');
    expect(page.text).toContain('$42.00');
    expect(page.text).toContain('None yet.');
    const dashboard = await visitor.get(shop.url + hrefOf(page.text, 'Open your Stripe dashboard'));
    expect([dashboard.status, dashboard.headers.get('referrer-policy')]).toEqual([303, 'no-referrer']);
    expect(dashboard.location).toContain(shop.simulator.url);
    expect(shop.log.text()).not.toContain(dashboard.location);

    // Ben's page, with Ann's cookie, token or both.
    expect((await visitor.get(at(ben.id))).status).toBe(401);
    expect((await visitor.get(at(ben.id, '/dashboard'))).status).toBe(401);
    const anns = await linkFor(shop, `/api/connect/sellers/${ann.id}/page-links`);
    expect((await visitor.get(anns.replace(ann.id, ben.id))).status).toBe(403);
    const value = visitor.cookie.replace(ann.id, ben.id);
    const forged = await fetch(at(ben.id), { headers: { cookie: value, accept: 'text/html' } });
    expect(forged.status).toBe(401);
    const form = { form_token: hidden(page.text, 'form_token') };
    expect((await visitor.post(at(ann.id, '/sign-out'), form, sameOrigin)).status).toBe(401);
    expect((await visitor.get(at(ann.id))).status).toBe(401);
  });
});

test('an account that we made is closed only when that is said, and stays closed', async () => {
  const shop = await runMarketplace(place);
  const { seller } = await addSeller(shop, 'close-v2');
  const v1 = await addSeller(shop, 'close-v1', { api: 'v1' });
  const path = `/api/connect/sellers/${seller.id}/disconnect`;
  expect((await shop.api(path, { method: 'POST' })).status).toBe(409);
  await expect(postApi(shop, path)).rejects.toThrow('close_required');
  await expect(postApi(shop, path, { close_account: 'yes' })).rejects.toThrow('invalid_request');
  const close_account = true;
  const closed = await postApi(shop, path, { close_account });
  expect(closed).toMatchObject({ status: 'disconnected', reason: 'account_closed' });
  expect(await postApi(shop, path)).toMatchObject({ status: 'disconnected' });
  const old = await postApi(shop, `/api/connect/sellers/${v1.seller.id}/disconnect`, { close_account });
  expect(old).toMatchObject({ status: 'disconnected' });
  expect((await new Visitor().get(v1.url)).status).toBe(409);
  await expect(postApi(shop, '/api/connect/sellers/sel_none/disconnect')).rejects.toThrow('seller_not_found');
});
