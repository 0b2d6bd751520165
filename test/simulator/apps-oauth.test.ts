import { describe, expect, it } from 'vitest';
import { clientOf, refusal, useSimulator } from './support/simulator.ts';

const local = useSimulator();

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

  it('gets the same pair again under its idempotency key, and by no other way', async () => {
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
