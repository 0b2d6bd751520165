import { describe, expect, it } from 'vitest';
import { eventTypes, makeSeller } from './support/seller.ts';
import { control, refusal, useSimulator } from './support/simulator.ts';

const local = useSimulator();
const ACCOUNT = { type: 'account' as const };
const JENNY = { type: 'user' as const, user: 'usr_jenny' };

describe('an app’s secret', () => {
  it('is found by name and scope, and tells what it keeps only when asked', async () => {
    const { apps } = local.stripe;
    await apps.secrets.create({ name: 'token', payload: 'first', scope: ACCOUNT });
    await apps.secrets.create({ name: 'token', payload: 'second', scope: ACCOUNT });
    await apps.secrets.create({ name: 'token', payload: 'hers', scope: JENNY });
    const hidden = await apps.secrets.find({ name: 'token', scope: ACCOUNT });
    expect(hidden).toMatchObject({ name: 'token', scope: ACCOUNT, expires_at: null });
    expect(hidden.payload ?? null).toBeNull();
    const told = await apps.secrets.find({ name: 'token', scope: ACCOUNT, expand: ['payload'] });
    expect(told.payload).toBe('second');
    const hers = await apps.secrets.find({ name: 'token', scope: JENNY, expand: ['payload'] });
    expect(hers.payload).toBe('hers');
    expect((await apps.secrets.list({ scope: ACCOUNT })).data).toHaveLength(1);
    expect(await apps.secrets.deleteWhere({ name: 'token', scope: ACCOUNT })).toMatchObject({
      deleted: true,
    });
    expect(await refusal(apps.secrets.find({ name: 'token', scope: ACCOUNT }))).toMatchObject({
      statusCode: 404,
      code: 'resource_missing',
    });
  });

  it('belongs to one account, ends when it expires, and has few neighbours', async () => {
    const { apps } = local.stripe;
    const { id } = await makeSeller(local);
    const there = { stripeAccount: id };
    const expires_at = Math.floor(local.sim.clock.now() / 1000) + 60;
    await apps.secrets.create({ name: 'a', payload: 'x', scope: ACCOUNT, expires_at }, there);
    await expect(apps.secrets.find({ name: 'a', scope: ACCOUNT })).rejects.toThrow('No such secret');
    expect((await apps.secrets.find({ name: 'a', scope: ACCOUNT }, there)).expires_at).toBe(expires_at);
    await local.sim.clock.advance(61);
    await expect(apps.secrets.find({ name: 'a', scope: ACCOUNT }, there)).rejects.toThrow('No such secret');
    for (let count = 0; count < 10; count += 1)
      await apps.secrets.create({ name: `s${count}`, payload: 'x', scope: JENNY });
    const eleventh = apps.secrets.create({ name: 's10', payload: 'x', scope: JENNY });
    expect((await refusal(eleventh)).statusCode).toBe(400);
    await apps.secrets.create({ name: 's9', payload: 'changed', scope: JENNY });
    const nobody = apps.secrets.create({ name: 'x', payload: 'x', scope: { type: 'user' } });
    expect((await refusal(nobody)).param).toBe('scope[user]');
  });
});

it('an app is installed on an account once, told to both sides, and uninstalled', async () => {
  const { installs } = local.stripe.apps;
  const { id: account } = await makeSeller(local);
  const there = { stripeAccount: account };
  const install = await installs.create({ app: 'com.example.app', code_challenge: 'abc' }, there);
  expect(install).toMatchObject({ account, app: 'com.example.app', status: 'installed' });
  expect((await installs.create({ app: 'com.example.app' }, there)).id).toBe(install.id);
  expect((await installs.list({ app: 'com.example.app' })).data).toHaveLength(1);
  expect((await installs.list()).data).toHaveLength(0);
  const token = (await local.stripe.rawRequest('POST', '/v1/oauth/token', {
    grant_type: 'authorization_code',
    code: install.auth_code,
  })) as unknown as { stripe_user_id: string };
  expect(token.stripe_user_id).toBe(account);
  await installs.uninstall(install.id);
  expect((await refusal(installs.retrieve(install.id))).statusCode).toBe(404);
  for (const where of [undefined, account])
    expect(await eventTypes(local, where)).toEqual(
      expect.arrayContaining(['apps.install.created', 'apps.install.deleted']),
    );
});

describe('what an extension sends to its server', () => {
  async function sign(payload: object): Promise<{ signature: string } & { error?: { param: string } }> {
    const query = new URLSearchParams({ payload: JSON.stringify(payload), 'include_only[]': 'signature' });
    const { body } = await local.raw(`/v1/apps/app_embedded_backend_signature?${query}`, {
      headers: { origin: 'null', authorization: 'Bearer ek_test_extension' },
    });
    return body as never;
  }

  it('is signed with the app’s secret: the extra data first, then who sends it', async () => {
    const { appSecret } = await control<{ appSecret: string }>(local.sim, 'GET', '');
    const { signature } = await sign({ mode: 'test', count: 2 });
    const who = { user_id: 'usr_QuittanceSimulator', account_id: local.sim.account };
    const verify = (text: string): boolean =>
      local.stripe.webhooks.signature?.verifyHeader(text, signature, appSecret) === true;
    expect(verify(JSON.stringify({ mode: 'test', count: 2, ...who }))).toBe(true);
    expect(() => verify(JSON.stringify({ ...who, mode: 'test', count: 2 }))).toThrow('signature');
  });

  it('is not signed for roles that the user lacks, nor with values that are no plain ones', async () => {
    expect((await sign({ stripe_roles: [{ id: 'admin', name: 'Administrator' }] })).signature).toMatch(/^t=/);
    expect((await sign({ stripe_roles: [{ id: 'owner', name: 'Owner' }] })).error?.param).toBe('payload');
    expect((await sign({ deep: { er: 1 } })).error?.param).toBe('payload');
  });
});
