import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Receiver } from './support/receiver.ts';
import { makeSeller } from './support/seller.ts';
import { control, refusal, useSimulator } from './support/simulator.ts';

const local = useSimulator();
let test: Receiver;
let live: Receiver;

interface Install {
  id: string;
  account: string;
  livemode: boolean;
  permissions_granted: string[];
}

beforeAll(async () => {
  test = await Receiver.start();
  live = await Receiver.start();
});

beforeEach(async () => {
  for (const [receiver, livemode] of [[test, false] as const, [live, true] as const]) {
    receiver.received.length = 0;
    await control(local.sim, 'POST', 'webhook_endpoints', { url: receiver.url, connect: true, livemode });
  }
});

afterAll(() => {
  test.close();
  live.close();
});

function install(body: object = {}): Promise<{ account: string; data: Install[] }> {
  return control(local.sim, 'POST', 'apps/installs', body);
}

/** What each endpoint was sent since the last look, as `live apps.install.created`. */
async function told(): Promise<{ test: string[]; live: string[] }> {
  await local.sim.deliveriesSettled();
  const said = (receiver: Receiver): string[] =>
    receiver.received
      .splice(0)
      .map(({ event }) => `${event.livemode ? 'live' : 'test'} ${event.type}`)
      .toSorted();
  return { test: said(test), live: said(live) };
}

const INSTALLED = ['account.application.authorized', 'apps.install.created'];
const ENDED = ['account.application.deauthorized', 'apps.install.deleted'];
const inTest = (types: string[]): string[] => types.map((type) => `test ${type}`);
const inLive = (types: string[]): string[] => types.map((type) => `live ${type}`);

describe('an app that is installed', () => {
  it('in test mode is told of to test endpoints, in live mode to live ones', async () => {
    const first = await install();
    expect(await told()).toEqual({ test: inTest(INSTALLED), live: [] });
    const second = await install({ modes: ['live'] });
    expect(await told()).toEqual({ test: [], live: inLive(INSTALLED) });
    expect(second.account).not.toBe(first.account);
    await local.stripe.customers.create({}, { stripeAccount: first.account });
    await local.live.customers.create({}, { stripeAccount: second.account });
    expect(await told()).toEqual({ test: ['test customer.created'], live: ['live customer.created'] });
    const elsewhere = local.live.customers.list({}, { stripeAccount: first.account });
    expect((await refusal(elsewhere)).code).toBe('account_invalid');
  });

  it('in both modes has its test events told to both endpoints', async () => {
    const { account, data } = await install({ modes: ['live', 'test'] });
    expect(data.map(({ account: id, livemode }) => [id, livemode])).toEqual([
      [account, true],
      [account, false],
    ]);
    const both = await told();
    expect(both.test).toEqual(inTest(INSTALLED));
    expect(both.live).toEqual([...inLive(INSTALLED), ...inTest(INSTALLED)]);
    await control(local.sim, 'POST', 'apps/installs/uninstall', { account, modes: ['live'] });
    expect(await told()).toEqual({ test: [], live: inLive(ENDED) });
    await local.stripe.customers.create({}, { stripeAccount: account });
    expect(await told()).toEqual({ test: ['test customer.created'], live: [] });
  });

  it('names its account at the top of the event and has an account as its owner opened it', async () => {
    await control(local.sim, 'POST', 'app', { id: 'com.example.notes' });
    const { account } = await install({ account: 'acct_chosen', channel: 'public' });
    expect(account).toBe('acct_chosen');
    await local.sim.deliveriesSettled();
    expect(test.received.map(({ event }) => event.account)).toEqual([account, account]);
    const objects = test.received.map(({ event }) => event.data.object);
    expect(objects).toContainEqual(expect.objectContaining({ object: 'application' }));
    const { data } = await local.stripe.apps.installs.list({ app: 'com.example.notes', account });
    expect(data).toMatchObject([
      { account, app: 'com.example.notes', status: 'installed', channel: 'public' },
    ]);
    expect(objects).toContainEqual(data[0]);
    const owner = await local.stripe.accounts.retrieve(account);
    expect(owner).toMatchObject({ id: account, type: 'standard', charges_enabled: true });
  });

  it('hears of what it was granted, with event_read, and always of its install', async () => {
    const permissions = ['event_read', 'customer_write'];
    const { account, data } = await install({ permissions });
    const there = { stripeAccount: account };
    await local.stripe.customers.create({}, there);
    expect((await told()).test).toEqual([...inTest(INSTALLED), 'test customer.created']);
    await control(local.sim, 'POST', `apps/installs/${data[0]?.id}/permissions`, {
      granted: ['customer_write'],
    });
    await local.stripe.customers.create({}, there);
    expect((await told()).test).toEqual(['test apps.install.updated']);
  });

  it('can no longer reach the account once it is uninstalled, until it is installed again', async () => {
    const { account, data } = await install();
    const there = { stripeAccount: account };
    const { id: customer } = await local.stripe.customers.create({}, there);
    await told();
    await control(local.sim, 'POST', `apps/installs/${data[0]?.id}/uninstall`);
    expect(await told()).toEqual({ test: inTest(ENDED), live: [] });
    const gone = { statusCode: 403, code: 'account_invalid' };
    expect(await refusal(local.stripe.customers.retrieve(customer, {}, there))).toMatchObject(gone);
    expect(await refusal(local.stripe.accounts.retrieve(account))).toMatchObject(gone);
    expect((await local.stripe.apps.installs.list({ app: 'com.example.app' })).data).toEqual([]);
    const again = await install({ account });
    expect(again.data[0]?.id).not.toBe(data[0]?.id);
    expect(await told()).toEqual({ test: inTest(INSTALLED), live: [] });
    expect((await local.stripe.customers.retrieve(customer, {}, there)).id).toBe(customer);
  });

  it('leaves a seller connected when it is uninstalled, and keeps telling of them everywhere', async () => {
    const { id } = await makeSeller(local);
    await install({ account: id });
    await told();
    await control(local.sim, 'POST', 'apps/installs/uninstall', { account: id });
    expect(await told()).toEqual({ test: inTest(ENDED), live: inTest(ENDED) });
    expect((await local.stripe.accounts.retrieve(id)).id).toBe(id);
    const twice = await control(local.sim, 'POST', 'apps/installs/uninstall', { account: id });
    expect(twice).toMatchObject({ error: { code: 'not_found' } });
  });

  it('of one’s own is told to one’s own endpoint, and ends without taking anything away', async () => {
    const { url } = test;
    await local.stripe.webhookEndpoints.create({ url, enabled_events: ['*'] });
    const { account } = local.sim;
    await install({ account, channel: 'private_test', permissions: ['event_read'] });
    expect(await told()).toEqual({ test: ['test apps.install.created'], live: [] });
    await local.stripe.customers.create();
    await control(local.sim, 'POST', 'apps/installs/uninstall', { account });
    await local.sim.deliveriesSettled();
    const heard = test.received.map(({ event }) => [event.type, event.account]);
    expect(heard.toSorted(([a = ''], [b = '']) => a.localeCompare(b))).toEqual([
      ['apps.install.deleted', undefined],
      ['customer.created', undefined],
    ]);
  });

  it('is uninstalled through the API as well, and by deauthorization', async () => {
    const { account, data } = await install();
    await local.stripe.apps.installs.uninstall(data[0]?.id ?? '');
    expect((await refusal(local.stripe.accounts.retrieve(account))).code).toBe('account_invalid');
    await install({ account });
    await told();
    await local.stripe.oauth.deauthorize({ client_id: 'ca_app', stripe_user_id: account });
    expect(await told()).toEqual({ test: inTest(ENDED), live: [] });
    expect(await control(local.sim, 'GET', 'apps/installs')).toEqual({ data: [] });
  });
});
