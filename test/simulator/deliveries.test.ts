import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type Stripe from 'stripe';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Receiver } from './support/receiver.ts';
import { control, startLocal, useSimulator } from './support/simulator.ts';

const local = useSimulator();
const HOUR_SECONDS = 3600;
let receiver: Receiver;

beforeAll(async () => {
  receiver = await Receiver.start();
});
beforeEach(() => {
  receiver.received.length = 0;
  receiver.secrets = [];
  receiver.answer = () => ({ status: 200 });
});
afterAll(() => receiver.close());

async function endpoint(
  stripe: Stripe,
  more: Partial<Stripe.WebhookEndpointCreateParams> = {},
): Promise<string> {
  const params = { url: receiver.url, enabled_events: ['*'] as ['*'], ...more };
  const { id, secret } = await stripe.webhookEndpoints.create(params);
  receiver.secrets.push(secret ?? '');
  return id;
}

async function settled(): Promise<void> {
  await local.sim.deliveriesSettled();
}

describe('a delivery', () => {
  it('is signed so that the real client accepts it, over the exact bytes', async () => {
    await endpoint(local.stripe);
    await local.stripe.customers.create({ name: 'Zoë' });
    await settled();
    const [{ body, headers }] = receiver.received as [(typeof receiver.received)[0]];
    const signature = String(headers['stripe-signature']);
    const [secret = ''] = receiver.secrets;
    const event = local.stripe.webhooks.constructEvent(body, signature, secret);
    expect(event).toMatchObject({ type: 'customer.created', pending_webhooks: 1 });
    expect(() => local.stripe.webhooks.constructEvent(`${body} `, signature, secret)).toThrow('signature');
    expect(headers['user-agent']).toBe('Stripe/1.0 (+https://stripe.com/docs/webhooks)');
    expect(headers['content-type']).toBe('application/json; charset=utf-8');
  });

  it('shows its secret only at creation', async () => {
    const id = await endpoint(local.stripe);
    expect(receiver.secrets[0]).toMatch(/^whsec_\w{32}$/);
    expect((await local.stripe.webhookEndpoints.retrieve(id)).secret).toBeUndefined();
  });

  it('goes only to who asked for the type, in the same mode', async () => {
    await endpoint(local.stripe, { enabled_events: ['customer.updated'] });
    await endpoint(local.live);
    const { id } = await local.stripe.customers.create();
    await local.stripe.customers.update(id, { name: 'x' });
    await settled();
    expect(receiver.types).toEqual(['customer.updated']);
  });

  it('does not go to a disabled or deleted endpoint', async () => {
    const disabled = await endpoint(local.stripe);
    await local.stripe.webhookEndpoints.update(disabled, { disabled: true });
    const deleted = await endpoint(local.stripe);
    await local.stripe.webhookEndpoints.del(deleted);
    await local.stripe.customers.create();
    await settled();
    expect(receiver.types).toEqual([]);
  });

  it('of a connected account goes to Connect endpoints, with the account in it', async () => {
    await endpoint(local.stripe, { connect: true });
    const own = await Receiver.start();
    await local.stripe.webhookEndpoints.create({ url: own.url, enabled_events: ['customer.created'] });
    const account = await local.stripe.accounts.create({});
    await local.stripe.customers.create({}, { stripeAccount: account.id });
    await local.stripe.customers.create();
    await settled();
    expect(receiver.received.map(({ event }) => [event.type, event.account])).toEqual([
      ['account.application.authorized', account.id],
      ['customer.created', account.id],
    ]);
    expect(own.received.map(({ event }) => event.account)).toEqual([undefined]);
    own.close();
  });
});

describe('a failed delivery', () => {
  it('in test mode is tried three times over a few hours, each time with a new signature', async () => {
    receiver.answer = () => ({ status: 500 });
    await endpoint(local.stripe);
    await local.stripe.customers.create();
    await settled();
    expect(receiver.received).toHaveLength(1);
    await local.sim.clock.advance(10 * HOUR_SECONDS);
    expect(receiver.received).toHaveLength(3);
    const signatures = new Set(receiver.received.map(({ headers }) => headers['stripe-signature']));
    expect(signatures.size).toBe(3);
    expect(new Set(receiver.received.map(({ event }) => event.id)).size).toBe(1);
    await local.sim.clock.advance(100 * HOUR_SECONDS);
    expect(receiver.received).toHaveLength(3);
  });

  it('in live mode is tried for three days with growing pauses', async () => {
    receiver.answer = () => ({ status: 500 });
    await endpoint(local.live);
    await local.live.customers.create();
    await settled();
    await local.sim.clock.advance(80 * HOUR_SECONDS);
    const { data } = await control<{
      data: { deliveries: { state: string; attempts: { at: number }[] }[] }[];
    }>(local.sim, 'GET', 'events');
    const [delivery] = data[0]?.deliveries ?? [];
    const times = delivery?.attempts.map(({ at }) => at) ?? [];
    const pauses = times.slice(1).map((at, index) => at - (times[index] ?? 0));
    expect(delivery?.state).toBe('failed');
    expect(times.length).toBeGreaterThan(8);
    expect(pauses.every((pause, index) => index === 0 || pause >= (pauses[index - 1] ?? 0) - 1)).toBe(true);
    const span = (times.at(-1) ?? 0) - (times[0] ?? 0);
    expect(span).toBeGreaterThan(60 * HOUR_SECONDS);
    expect(span).toBeLessThan(72 * HOUR_SECONDS);
  });

  it('that succeeds later is delivered and no longer pending', async () => {
    receiver.answer = (number) => ({ status: number === 1 ? 503 : 200 });
    await endpoint(local.stripe);
    await local.stripe.customers.create();
    await settled();
    const [event] = (await local.stripe.events.list()).data;
    expect(event?.pending_webhooks).toBe(1);
    await local.sim.clock.advance(2 * HOUR_SECONDS);
    expect((await local.stripe.events.retrieve(event?.id ?? '')).pending_webhooks).toBe(0);
    expect(receiver.received).toHaveLength(2);
  });

  it('is what a redirect is', async () => {
    receiver.answer = () => ({ status: 302, headers: { location: receiver.url } });
    await endpoint(local.stripe);
    await local.stripe.customers.create();
    await settled();
    expect(receiver.received).toHaveLength(1);
    expect((await local.stripe.events.list()).data[0]?.pending_webhooks).toBe(1);
  });
});

it('a receiver that never answers holds up neither a reset nor the end', async () => {
  const silent = createServer(() => undefined);
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const { port } = silent.address() as AddressInfo;
  const { sim, stripe } = await startLocal();
  await stripe.webhookEndpoints.create({ url: `http://127.0.0.1:${port}`, enabled_events: ['*'] });
  await stripe.customers.create();
  const started = performance.now();
  await sim.reset();
  await sim.close();
  expect(performance.now() - started).toBeLessThan(2_000);
  silent.close();
});

describe('a rolled secret', () => {
  it('signs beside the old one until that expires', async () => {
    const id = await endpoint(local.stripe);
    const [old = ''] = receiver.secrets;
    const rolled = await control<{ secret: string }>(
      local.sim,
      'POST',
      `webhook_endpoints/${id}/roll_secret`,
      {
        expires_in_seconds: 3600,
      },
    );
    await local.stripe.customers.create();
    await settled();
    const both = receiver.received[0];
    for (const secret of [old, rolled.secret])
      local.stripe.webhooks.constructEvent(
        both?.body ?? '',
        String(both?.headers['stripe-signature']),
        secret,
      );
    await local.sim.clock.advance(2 * HOUR_SECONDS);
    receiver.secrets = [rolled.secret];
    await local.stripe.customers.create();
    await settled();
    expect(String(receiver.received[1]?.headers['stripe-signature']).match(/v1=/g)).toHaveLength(1);
  });
});

describe('thin events', () => {
  it('are small, signed, and lead to the object and to the snapshot', async () => {
    const destination = await local.stripe.v2.core.eventDestinations.create({
      name: 'thin',
      type: 'webhook_endpoint',
      event_payload: 'thin',
      enabled_events: ['v1.customer.created'],
      webhook_endpoint: { url: receiver.url },
      include: ['webhook_endpoint.signing_secret'],
    });
    const secret = destination.webhook_endpoint?.signing_secret ?? '';
    const customer = await local.stripe.customers.create();
    await settled();
    const [{ body, headers }] = receiver.received as [(typeof receiver.received)[0]];
    const thin = local.stripe.parseEventNotification(body, String(headers['stripe-signature']), secret);
    expect(thin).toMatchObject({
      type: 'v1.customer.created',
      related_object: { id: customer.id, type: 'customer', url: `/v1/customers/${customer.id}` },
    });
    const full = await local.stripe.v2.core.events.retrieve(thin.id);
    const [snapshot] = (await local.stripe.events.list()).data;
    expect(full.snapshot_event).toBe(snapshot?.id);
    const list = await local.stripe.v2.core.events.list({ object_id: customer.id });
    expect(list.data.map(({ id }) => id)).toEqual([thin.id]);
  });

  it('answer a ping', async () => {
    const { id } = await local.stripe.v2.core.eventDestinations.create({
      name: 'thin',
      type: 'webhook_endpoint',
      event_payload: 'thin',
      enabled_events: ['v2.core.event_destination.ping'],
      webhook_endpoint: { url: receiver.url },
    });
    await local.stripe.v2.core.eventDestinations.ping(id);
    await settled();
    expect(receiver.types).toEqual(['v2.core.event_destination.ping']);
  });
});
