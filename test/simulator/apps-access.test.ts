import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { clientOf, control, refusal, startLocal, useSimulator, type Local } from './support/simulator.ts';

const local = useSimulator();

interface Install {
  id: string;
}

async function install(body: object = {}): Promise<{ account: string; id: string }> {
  const { account, data } = await control<{ account: string; data: Install[] }>(
    local.sim,
    'POST',
    'apps/installs',
    body,
  );
  return { account, id: data[0]?.id ?? '' };
}

interface Signed {
  signature: string;
  error?: { message: string; code?: string };
}

/** What `fetchStripeSignature` gets in the extension. */
async function sign(key: string, payload: object = {}, on: Local = local): Promise<Signed> {
  const query = new URLSearchParams({ payload: JSON.stringify(payload), 'include_only[]': 'signature' });
  const headers = { origin: 'null', authorization: `Bearer ${key}` };
  const { body } = await on.raw(`/v1/apps/app_embedded_backend_signature?${query}`, { headers });
  return body as never;
}

interface Session {
  key: string;
  user_id: string;
  account_id: string;
}

const session = (body: object, on: Local = local): Promise<Session> =>
  control(on.sim, 'POST', 'apps/sessions', body);

/** Is this what Stripe signs for the user, by this secret? */
function isBy(secret: string, { user_id, account_id }: Session, { signature }: Signed): boolean {
  try {
    const text = JSON.stringify({ user_id, account_id });
    const tolerance = Number.MAX_SAFE_INTEGER;
    return local.stripe.webhooks.signature?.verifyHeader(text, signature, secret, tolerance) === true;
  } catch {
    return false;
  }
}

const currentSecret = async (on: Local = local): Promise<string> =>
  (await control<{ appSecret: string }>(on.sim, 'GET', '')).appSecret;

describe('a user of the extension', () => {
  it('is signed for by name, with the roles that they have and no others', async () => {
    const { account } = await install();
    const roles = [{ id: 'support', name: 'Support', type: 'custom' }];
    const ada = await session({ account, user: 'usr_ada', roles });
    expect(ada).toMatchObject({ user_id: 'usr_ada', account_id: account });
    const secret = await currentSecret();
    expect(isBy(secret, ada, await sign(ada.key))).toBe(true);
    expect((await sign(ada.key, { stripe_roles: roles })).signature).toMatch(/^t=/);
    const more = await sign(ada.key, { stripe_roles: [...roles, { id: 'admin', name: 'Administrator' }] });
    expect(more.error?.message).toContain('stripe_roles');
    const eve = await session({ account });
    expect(eve.user_id).toMatch(/^usr_/);
    expect(isBy(secret, ada, await sign(eve.key))).toBe(false);
    expect((await sign(eve.key, { stripe_roles: [{ id: 'admin' }] })).signature).toMatch(/^t=/);
  });

  it('works on one account, in one mode, for as long as the app is installed there', async () => {
    const { account, id } = await install({ modes: ['live'] });
    const { key } = await session({ account, livemode: true });
    expect(key).toMatch(/^ek_live_/);
    const { id: customer } = await clientOf(local.sim, key).customers.create();
    expect((await local.live.customers.retrieve(customer, {}, { stripeAccount: account })).id).toBe(customer);
    await control(local.sim, 'POST', `apps/installs/${id}/uninstall`);
    expect((await refusal(clientOf(local.sim, key).customers.list())).code).toBe('account_invalid');
    expect((await sign(key)).signature).toMatch(/^t=/);
  });
});

describe('the secret of the app', () => {
  it('signs beside the new one until it ends, and is kept with the rest', async () => {
    const dataDir = mkdtempSync(path.join(tmpdir(), 'simulator-'));
    onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
    const first = await startLocal({ dataDir });
    const old = await currentSecret(first);
    const ada = await session({ account: 'acct_ada' }, first);
    const rolled = await control<object>(first.sim, 'POST', 'app_secret/roll', { expires_in_seconds: 60 });
    const secret = await currentSecret(first);
    expect(rolled).toMatchObject({ secret, previous: old });
    await first.sim.close();
    const second = await startLocal({ dataDir });
    onTestFinished(() => second.sim.close());
    expect(await currentSecret(second)).toBe(secret);
    const both = await sign(ada.key, {}, second);
    expect(both.signature.match(/v1=/g)).toHaveLength(2);
    expect([isBy(secret, ada, both), isBy(old, ada, both)]).toEqual([true, true]);
    await second.sim.clock.advance(61);
    const one = await sign(ada.key, {}, second);
    expect([isBy(secret, ada, one), isBy(old, ada, one)]).toEqual([true, false]);
    expect(await control(second.sim, 'POST', 'app_secret/roll', { secret: 'whsec_x' })).toMatchObject({
      error: { code: 'invalid_body' },
    });
  });
});

describe('an app with a list of permissions', () => {
  const PERMISSIONS = ['customer_read', 'secret_write'];

  it('may do what is in it, and is told what it lacks', async () => {
    const { account } = await install({ permissions: PERMISSIONS });
    const there = { stripeAccount: account };
    expect((await local.stripe.customers.list({}, there)).data).toEqual([]);
    const create = await refusal(local.stripe.customers.create({}, there));
    expect(create).toMatchObject({
      type: 'StripePermissionError',
      statusCode: 403,
      code: 'more_permissions_required_for_application',
      message:
        `This application does not have the required permissions for this endpoint on account '${account}'. ` +
        "Having the 'customer_write' permission would allow this request to continue.",
    });
    const scope = { type: 'account' } as const;
    await local.stripe.apps.secrets.create({ name: 'a', payload: 'x', scope }, there);
    expect((await local.stripe.apps.secrets.find({ name: 'a', scope }, there)).name).toBe('a');
    const prices = await refusal(local.stripe.prices.list({}, there));
    expect(prices.message).toContain("'plan_read'");
    const itself = await refusal(local.stripe.accounts.retrieve(account));
    expect(itself.message).toContain("'connected_account_read'");
    const { account: free } = await install();
    await local.stripe.customers.create({}, { stripeAccount: free });
    await local.stripe.customers.create();
  });

  it('is told when others are granted, or are waiting to be', async () => {
    const { account, id } = await install({ permissions: PERMISSIONS });
    const permit = (body: object): Promise<unknown> =>
      control(local.sim, 'POST', `apps/installs/${id}/permissions`, body);
    await permit({ pending: ['customer_write'] });
    expect(await local.stripe.apps.installs.retrieve(id)).toMatchObject({
      permissions_granted: PERMISSIONS,
      permissions_pending: ['customer_write'],
      approval_required: true,
    });
    await permit({ granted: [...PERMISSIONS, 'customer_write'], pending: [] });
    await local.stripe.customers.create({}, { stripeAccount: account });
    await permit({ granted: [...PERMISSIONS, 'customer_write'] });
    const { data } = await local.stripe.events.list({ type: 'apps.install.updated' });
    expect(data.map(({ account: on, data: { previous_attributes: before } }) => [on, before])).toEqual([
      [
        account,
        {
          approval_required: true,
          permissions_granted: PERMISSIONS,
          permissions_pending: ['customer_write'],
        },
      ],
      [account, { approval_required: false, permissions_pending: [] }],
    ]);
  });
});

describe('a restricted key that an account made for the app', () => {
  it('opens that account and no other, by its own permissions, until it is revoked', async () => {
    const { key, account } = await control<{ key: string; account: string }>(
      local.sim,
      'POST',
      'apps/restricted_keys',
      { permissions: ['customer_write', 'connected_account_read'] },
    );
    const own = clientOf(local.sim, key);
    expect(key).toMatch(/^rk_test_/);
    expect((await own.accounts.retrieveCurrent()).id).toBe(account);
    await own.customers.create();
    expect((await own.customers.list()).data).toHaveLength(1);
    const lacking = await refusal(own.charges.list());
    expect(lacking).toMatchObject({ statusCode: 403, code: 'more_permissions_required' });
    expect(lacking.message).toContain(`on account '${account}'. Having the 'rak_charge_read' permission`);
    // Nothing connects the account with the platform: the key is all there is.
    expect((await refusal(local.stripe.accounts.retrieve(account))).code).toBe('account_invalid');
    expect((await refusal(own.customers.list({}, { stripeAccount: 'acct_other' }))).code).toBe(
      'account_invalid',
    );
    await control(local.sim, 'POST', 'apps/restricted_keys/revoke', { key });
    expect(await refusal(own.customers.list())).toMatchObject({ statusCode: 401, code: 'api_key_expired' });
  });
});

describe('an app that is installed by OAuth', () => {
  async function agree(client = 'ca_App', account = ''): Promise<string> {
    const query = `client_id=${client}&redirect_uri=http://127.0.0.1/app&state=s`;
    const body = new URLSearchParams({ outcome: 'agree', account });
    const url = `${local.sim.url}/oauth/v2/authorize?${query}`;
    const answer = await fetch(url, { method: 'POST', body, redirect: 'manual' });
    return new URL(answer.headers.get('location') ?? '').searchParams.get('code') ?? '';
  }

  type Fields = Record<string, string>;

  async function token(form: Fields, key = 'sk_test_x', idempotencyKey?: string): Promise<Fields> {
    const headers = {
      authorization: `Bearer ${key}`,
      ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
    };
    const init = { method: 'POST', headers, body: new URLSearchParams(form).toString() };
    return (await local.raw('/v1/oauth/token', init)).body;
  }

  const exchange = (code: string, more: Fields = {}): Promise<Fields> =>
    token({ grant_type: 'authorization_code', code, ...more });
  const refresh = (refresh_token = '', key?: string): Promise<Fields> =>
    token({ grant_type: 'refresh_token', refresh_token }, 'sk_test_x', key);

  it('is installed with its first token, which ends with the install', async () => {
    const given = await exchange(await agree());
    const account = given['stripe_user_id'] ?? '';
    const { data } = await local.stripe.apps.installs.list({ app: 'com.example.app', account });
    expect(data).toMatchObject([{ account, status: 'installed', channel: 'public' }]);
    const types = (await local.stripe.events.list({ limit: 10 })).data.map(({ type }) => type);
    expect(types.toSorted()).toEqual(['account.application.authorized', 'apps.install.created']);
    const own = clientOf(local.sim, given['access_token'] ?? '');
    await own.customers.create();
    await local.stripe.apps.installs.uninstall(data[0]?.id ?? '');
    expect((await refusal(own.customers.list())).code).toBe('account_invalid');
    expect((await refresh(given['refresh_token']))['error']).toBe('invalid_grant');
    // A new install does not bring the old token back.
    await exchange(await agree('ca_App', account));
    expect((await refresh(given['refresh_token']))['error']).toBe('invalid_grant');
  });

  it('gets the same pair again under the same idempotency key, and a used refresh token no other way', async () => {
    const first = await exchange(await agree());
    const pair = await refresh(first['refresh_token'], 'install-1-2');
    expect(pair['access_token']).toMatch(/^sk_test_/);
    expect(await refresh(first['refresh_token'], 'install-1-2')).toEqual(pair);
    expect(await refresh(first['refresh_token'])).toMatchObject({ error: 'invalid_grant' });
    expect((await refresh(pair['refresh_token']))['access_token']).toMatch(/^sk_test_/);
  });

  it('has codes for one client in one mode, good once', async () => {
    const code = await agree();
    expect(await exchange(code, { client_id: 'ca_Other' })).toEqual({
      error: 'invalid_grant',
      error_description: `Authorization code provided does not belong to you: ${code}`,
    });
    const live = await agree('ca_live_App');
    expect((await exchange(live))['error']).toBe('invalid_grant');
    const given = await token({ grant_type: 'authorization_code', code: live }, 'sk_live_x');
    expect(given).toMatchObject({ livemode: true, scope: 'stripe_apps' });
    expect(given['access_token']).toMatch(/^sk_live_/);
    const { access_token: key = '' } = await exchange(code, { client_id: 'ca_App' });
    expect((await exchange(code))['error_description']).toContain('already been used');
    expect((await refusal(clientOf(local.sim, key).customers.list())).code).toBe('account_invalid');
  });
});
