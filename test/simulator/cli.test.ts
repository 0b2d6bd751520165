import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Stripe from 'stripe';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CLI_VERSIONS, Cli, type Listener } from './support/cli.ts';
import { Receiver } from './support/receiver.ts';
import { control, startLocal, useSimulator, type Local } from './support/simulator.ts';

const local = useSimulator();
const receivers: Receiver[] = [];

interface Shown {
  event: Stripe.Event;
  deliveries: { state: string; endpoint_kind: string; attempts: { status: number; response: string }[] }[];
}

async function receiver(): Promise<Receiver> {
  const started = await Receiver.start();
  receivers.push(started);
  return started;
}

/** What follows "signing secret is" in the Ready line. */
function secretOf(listener: Listener): string {
  return /whsec_\w+/.exec(listener.notes.join('\n'))?.[0] ?? '';
}

/**
 * Of an event's deliveries, the one that was answered so, as soon as it is: the CLI prints an answer before
 * it reports it. A listener that a test before left may be another.
 */
async function deliveryWith(event: string, wanted: number): Promise<Shown['deliveries'][number]> {
  for (;;) {
    const { deliveries } = await control<Shown>(local.sim, 'GET', `events/${event}`);
    const found = deliveries.find(({ attempts }) => attempts.some(({ status }) => status === wanted));
    if (found) return found;
  }
}

/** Resolves when the listener's acknowledgement has arrived; it comes right after the event was printed. */
async function taken({ sim }: Local, event: string): Promise<void> {
  for (;;) {
    const { deliveries } = await control<Shown>(sim, 'GET', `events/${event}`);
    if (deliveries.every(({ state }) => state === 'delivered')) return;
  }
}

afterEach(() => {
  for (const each of receivers.splice(0)) each.close();
});

describe.each(CLI_VERSIONS)('the real CLI %s', (version) => {
  const modern = version === '1.52.0';
  const ALL = modern ? ['--all-snapshot'] : [];
  let cli: Cli;

  beforeAll(async () => {
    cli = await Cli.of(version, local.sim.url);
  });
  afterAll(() => cli.close());

  const listen = (...args: string[]): Promise<Listener> => cli.start('listen', '-s', ...ALL, ...args);

  it('forwards an event whose body the real client accepts, and its answer is shown', async () => {
    const target = await receiver();
    const listener = await listen('--forward-to', target.url);
    target.secrets = [secretOf(listener)];
    target.answer = () => ({ status: 202 });
    const customer = await local.stripe.customers.create({ name: 'Zoë “Ünïcode”' });
    const { event, body, headers } = await target.waitFor('customer.created');
    const signature = String(headers['stripe-signature']);
    const constructed = local.stripe.webhooks.constructEvent(body, signature, secretOf(listener));
    expect(constructed).toMatchObject({ id: event.id, data: { object: { id: customer.id } } });
    await listener.note('[202] POST');
    expect(await deliveryWith(event.id, 202)).toMatchObject({
      state: 'delivered',
      endpoint_kind: '_cli_session',
      attempts: [{ status: 202, response: '{}', forward_url: target.url }],
    });
    await listener.stop();
  });

  it('shows a server that refuses as a failed delivery', async () => {
    const target = await receiver();
    target.answer = () => ({ status: 500 });
    const listener = await listen('--forward-to', target.url);
    await local.stripe.products.create({ name: 'Cap' });
    const { event } = await target.waitFor('product.created');
    await listener.note('[500] POST');
    const delivery = await deliveryWith(event.id, 500);
    expect(delivery).toMatchObject({ state: 'failed', attempts: [{ status: 500 }] });
    await listener.stop();
  });

  it('prints each event once, as JSON', async () => {
    const listener = await listen('--format', 'JSON');
    const { id } = await local.stripe.products.create({ name: 'one' });
    await local.stripe.products.update(id, { name: 'two' });
    await local.stripe.products.del(id);
    const types = ['product.created', 'product.updated', 'product.deleted'];
    for (const type of types) await listener.event(type);
    // The CLI handles the messages beside each other; that they are sent in order, cli-socket.test.ts shows.
    expect(listener.types.toSorted()).toEqual(types.toSorted());
    await listener.stop();
  });

  it('prints only the events that it was asked for', async () => {
    const some = await cli.start(
      'listen',
      '-s',
      '--format',
      'JSON',
      '--events',
      'product.created,coupon.deleted',
    );
    const all = await listen('--format', 'JSON');
    await local.stripe.customers.create();
    await local.stripe.products.create({ name: 'Cap' });
    const { id } = await local.stripe.coupons.create({ percent_off: 5 });
    await local.stripe.coupons.del(id);
    for (const type of ['customer.created', 'coupon.created']) await all.event(type);
    for (const type of ['product.created', 'coupon.deleted']) await some.event(type);
    expect(some.types.toSorted()).toEqual(['coupon.deleted', 'product.created']);
    await Promise.all([some.stop(), all.stop()]);
  });

  it('forwards thin events, without their objects, to who asked for these only', async () => {
    const [thin, snapshot] = await Promise.all([receiver(), receiver()]);
    const asked = modern
      ? ['--all-thin', '--forward-to', thin.url]
      : ['--thin-events', '*', '--forward-thin-to', thin.url];
    const listener = await cli.start('listen', '-s', ...asked);
    const other = await listen('--forward-to', snapshot.url);
    thin.secrets = [secretOf(listener)];
    const { id } = await local.stripe.customers.create();
    const { body } = await thin.waitFor('v1.customer.created');
    expect(JSON.parse(body)).toMatchObject({
      object: 'v2.core.event',
      related_object: { id, type: 'customer' },
    });
    expect(body).not.toContain('"data"');
    await snapshot.waitFor('customer.created');
    expect([new Set(thin.types), new Set(snapshot.types)]).toEqual([
      new Set(['v1.customer.created']),
      new Set(['customer.created']),
    ]);
    await Promise.all([listener.stop(), other.stop()]);
  });

  it('sends both renderings: --latest gets the newest version where the account has an older', async () => {
    const old = await startLocal({ apiVersion: '2024-06-20' });
    const other = await Cli.of(version, old.sim.url);
    const [usual, latest] = await Promise.all([
      other.start('listen', '-s', ...ALL, '--format', 'JSON'),
      other.start('listen', '-s', ...ALL, '--format', 'JSON', '--latest'),
    ]);
    expect(usual.notes.join()).toContain('2024-06-20');
    await old.stripe.customers.create();
    const versions = await Promise.all(
      [usual, latest].map(async (each) => (await each.event('customer.created')).api_version),
    );
    expect(versions).toEqual(['2024-06-20', Stripe.API_VERSION]);
    await other.close();
    await old.sim.close();
  });

  it('forwards what happened on a connected account to --forward-connect-to', async () => {
    const [own, connect] = await Promise.all([receiver(), receiver()]);
    const listener = await listen('--forward-to', own.url, '--forward-connect-to', connect.url);
    const account = await local.stripe.accounts.create();
    await local.stripe.customers.create({}, { stripeAccount: account.id });
    await local.stripe.products.create({ name: 'ours' });
    const { event } = await connect.waitFor('customer.created');
    expect(event.account).toBe(account.id);
    await own.waitFor('product.created');
    expect(own.types).not.toContain('customer.created');
    expect(connect.types).not.toContain('product.created');
    await listener.stop();
  });

  it('prints the same signing secret each time, also from a simulator that was started anew', async () => {
    const first = await cli.run('listen', '--print-secret');
    const again = await cli.run('listen', '--print-secret');
    const other = await startLocal();
    const elsewhere = await (await Cli.of(version, other.sim.url)).run('listen', '--print-secret');
    await other.sim.close();
    expect(first.stdout).toMatch(/^whsec_\w{64}\s*$/);
    expect([again.stdout, elsewhere.stdout]).toEqual([first.stdout, first.stdout]);
  });

  it('takes its events and paths from the endpoints with --use-configured-webhooks', async () => {
    const target = await receiver();
    await local.stripe.webhookEndpoints.create({
      url: 'https://shop.example/configured?x=1',
      enabled_events: ['product.created'],
    });
    const base = new URL(target.url).origin;
    const listener = await listen('--use-configured-webhooks', '--forward-to', base);
    await local.stripe.customers.create();
    await local.stripe.products.create({ name: 'Cap' });
    await target.waitFor('product.created');
    await listener.note('/configured');
    expect(target.types).toEqual(['product.created']);
    await listener.stop();
  });

  it('loses nothing when the simulator is restarted beneath a listener', async () => {
    const dataDir = mkdtempSync(path.join(tmpdir(), 'quittance-cli-data-'));
    let kept: Local = await startLocal({ dataDir });
    const { port } = kept.sim;
    const other = await Cli.of(version, kept.sim.url);
    const listener = await other.start('listen', '-s', ...ALL, '--format', 'JSON');
    await kept.stripe.customers.create({ name: 'before' });
    const { id } = await listener.event('customer.created');
    await taken(kept, id);
    await kept.sim.close();
    kept = await startLocal({ dataDir, port });
    await kept.stripe.products.create({ name: 'while it was away' });
    await listener.event('product.created');
    await kept.stripe.coupons.create({ percent_off: 5 });
    await listener.event('coupon.created');
    expect(listener.types).toEqual(['customer.created', 'product.created', 'coupon.created']);
    await other.close();
    await kept.sim.close();
    rmSync(dataDir, { recursive: true });
  });

  it('works over the unix socket without naming an address', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'quittance-cli-socket-'));
    const unixSocket = path.join(folder, 'stripe.sock');
    const here = await startLocal({ unixSocket });
    const over = await Cli.of(version, '', { STRIPE_CLI_UNIX_SOCKET: unixSocket, HTTPS_PROXY: '' });
    const listener = await over.start('listen', '-s', ...ALL, '--format', 'JSON');
    const made = await over.run('customers', 'create', '--name', 'over the socket');
    expect(JSON.parse(made.stdout)).toMatchObject({ object: 'customer', name: 'over the socket' });
    await listener.event('customer.created');
    await over.close();
    await here.sim.close();
    rmSync(folder, { recursive: true });
  });
});
