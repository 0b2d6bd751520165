import { afterEach, describe, expect, it } from 'vitest';
import { useBrowser, useShop } from './support/browser.ts';
import { clientOf, refusal, useSimulator } from './support/simulator.ts';

const local = useSimulator();
const browser = useBrowser();
const shop = useShop();
const CLIENT = 'ca_TestClient';

afterEach(() => browser.throwComplaints());

function authorizeUrl(more: Record<string, string> = {}): string {
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: CLIENT,
    scope: 'read_write',
    state: 'a state',
    redirect_uri: `${shop.url}/connected`,
    ...more,
  });
  return `${local.sim.url}/oauth/authorize?${query}`;
}

/** Presses a button of the page without a browser, and returns the query that it leads back with. */
async function decide(outcome: string, url = authorizeUrl()): Promise<URLSearchParams> {
  const body = new URLSearchParams({ outcome });
  const answer = await fetch(url, { method: 'POST', body, redirect: 'manual' });
  return new URL(answer.headers.get('location') ?? '').searchParams;
}

async function connected() {
  const code = (await decide('skip')).get('code') ?? '';
  return { code, ...(await local.stripe.oauth.token({ grant_type: 'authorization_code', code })) };
}

describe('OAuth', () => {
  it('lets an owner connect their account on a page, and gives the platform a key of it', async () => {
    const page = await browser.open(authorizeUrl({ 'stripe_user[email]': 'ada@example.com' }));
    expect(await page.getByLabel('Email').inputValue()).toBe('ada@example.com');
    await page.getByLabel('Business name').fill('Ada & Sons');
    await page.getByRole('button', { name: 'Connect my Stripe account' }).click();
    await page.waitForURL(`${shop.url}/connected?**`);
    const back = new URL(page.url()).searchParams;
    expect(back.get('state')).toBe('a state');
    const token = await local.stripe.oauth.token({
      grant_type: 'authorization_code',
      code: back.get('code') ?? '',
    });
    expect(token).toMatchObject({ livemode: false, scope: 'read_write', token_type: 'bearer' });
    const id = token.stripe_user_id ?? '';
    const own = clientOf(local.sim, token.access_token ?? '');
    expect(await own.accounts.retrieveCurrent()).toMatchObject({
      id,
      type: 'standard',
      charges_enabled: true,
      business_profile: { name: 'Ada & Sons' },
      email: 'ada@example.com',
    });
    const { id: customer } = await own.customers.create({ name: 'Eve' });
    expect((await local.stripe.customers.retrieve(customer, {}, { stripeAccount: id })).id).toBe(customer);
    expect((await refusal(local.stripe.customers.retrieve(customer))).code).toBe('resource_missing');
    const { data } = await local.stripe.events.list({ type: 'account.application.authorized' });
    expect(data[0]?.account).toBe(id);
    await page.close();
  });

  it('says so when the owner refuses, or the platform asks wrongly', async () => {
    const denied = await decide('deny');
    expect([denied.get('error'), denied.get('state')]).toEqual(['access_denied', 'a state']);
    const wrong = await decide('skip', authorizeUrl({ response_type: 'token' }));
    expect(wrong.get('error')).toBe('unsupported_response_type');
    expect((await fetch(authorizeUrl({ client_id: 'nobody' }))).status).toBe(400);
    expect((await fetch(authorizeUrl({ redirect_uri: 'javascript:alert(1)' }))).status).toBe(400);
  });

  it('takes a code once, and takes everything back when it comes twice', async () => {
    const { code, access_token: key = '' } = await connected();
    const own = clientOf(local.sim, key);
    await own.customers.create();
    const again = await refusal(local.stripe.oauth.token({ grant_type: 'authorization_code', code }));
    expect(again).toMatchObject({ type: 'StripeInvalidGrantError', statusCode: 400 });
    expect((await refusal(own.customers.create())).code).toBe('account_invalid');
    const unknown = local.stripe.oauth.token({ grant_type: 'authorization_code', code: 'ac_1' });
    expect((await refusal(unknown)).type).toBe('StripeInvalidGrantError');
    const late = (await decide('skip')).get('code') ?? '';
    await local.sim.clock.advance(600);
    const expired = local.stripe.oauth.token({ grant_type: 'authorization_code', code: late });
    expect((await refusal(expired)).message).toContain('expired');
  });

  it('renews a token, and ends with deauthorization', async () => {
    const { refresh_token = '', stripe_user_id: id = '', access_token: first } = await connected();
    const renewed = await local.stripe.oauth.token({ grant_type: 'refresh_token', refresh_token });
    expect(renewed.access_token).not.toBe(first);
    const ended = { client_id: CLIENT, stripe_user_id: id };
    expect(await local.stripe.oauth.deauthorize(ended)).toMatchObject({ stripe_user_id: id });
    expect((await refusal(local.stripe.oauth.deauthorize(ended))).type).toBe('StripeInvalidClientError');
    const stranger = local.stripe.oauth.deauthorize({ client_id: 'nobody', stripe_user_id: id });
    expect((await refusal(stranger)).message).toContain('No such application');
    const own = clientOf(local.sim, renewed.access_token ?? '');
    expect((await refusal(own.balance.retrieve())).code).toBe('account_invalid');
    expect((await refusal(local.stripe.accounts.retrieve(id))).code).toBe('account_invalid');
    const { data } = await local.stripe.events.list({ type: 'account.application.deauthorized' });
    expect(data[0]?.account).toBe(id);
  });

  it('takes the secret key as a parameter, as plain OAuth clients send it', async () => {
    const code = (await decide('skip')).get('code') ?? '';
    const body = new URLSearchParams({
      grant_type: 'authorization_code',
      code,
      client_secret: 'sk_test_simulator',
      client_id: CLIENT,
    });
    const answer = await fetch(`${local.sim.url}/oauth/token`, { method: 'POST', body });
    expect(answer.status).toBe(200);
    const nobody = await fetch(`${local.sim.url}/oauth/token`, { method: 'POST', body: 'code=x' });
    expect([nobody.status, await nobody.json()]).toEqual([
      401,
      { error: 'invalid_client', error_description: expect.any(String) },
    ]);
  });

  it('gives an app tokens that end after an hour and rotate', async () => {
    const query = `client_id=${CLIENT}&redirect_uri=${shop.url}/app&state=s`;
    const url = `${local.sim.url}/oauth/v2/authorize?${query}`;
    const code = (await decide('agree', url)).get('code') ?? '';
    const token = (form: Record<string, string>): Promise<Record<string, string>> =>
      local.stripe.rawRequest('POST', '/v1/oauth/token', form) as never;
    const first = await token({ grant_type: 'authorization_code', code });
    expect(first['scope']).toBe('stripe_apps');
    await local.sim.clock.advance(3_700);
    const old = clientOf(local.sim, first['access_token'] ?? '');
    expect(await refusal(old.customers.list())).toMatchObject({ statusCode: 401, code: 'api_key_expired' });
    const refresh = { grant_type: 'refresh_token', refresh_token: first['refresh_token'] ?? '' };
    const second = await token(refresh);
    const fresh = clientOf(local.sim, second['access_token'] ?? '');
    expect((await fresh.customers.list()).data).toEqual([]);
    await expect(token(refresh)).rejects.toThrow();
  });
});
