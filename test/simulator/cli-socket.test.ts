import { once } from 'node:events';
import Stripe from 'stripe';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { useSimulator } from './support/simulator.ts';

const local = useSimulator();
const sockets: WebSocket[] = [];

interface Session {
  secret: string;
  websocket_id: string;
  websocket_url: string;
  websocket_authorized_feature: string;
  reconnect_delay: number;
}

interface Frame {
  type: string;
  endpoint: { api_version: string | null };
  event_payload: string;
  payload: string;
  destination_id: string;
  http_headers: Record<string, string>;
  webhook_conversation_id: string;
  webhook_id: string;
}

/** A listener that is not the CLI: it sends no subprotocol and acknowledges as it likes. */
class OtherClient {
  readonly frames: Frame[] = [];
  readonly socket: WebSocket;
  #waiting: (() => void)[] = [];

  constructor(socket: WebSocket, answer: (frame: Frame) => object | undefined) {
    this.socket = socket;
    socket.on('message', (data) => {
      const frame = JSON.parse((data as Buffer).toString('utf8')) as Frame;
      this.frames.push(frame);
      const reply = answer(frame);
      if (reply) socket.send(JSON.stringify(reply));
      for (const look of this.#waiting.splice(0)) look();
    });
  }

  get types(): string[] {
    return this.frames.map(({ event_payload: text }) => (JSON.parse(text) as Stripe.Event).type);
  }

  async until(count: number): Promise<void> {
    while (this.frames.length < count) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}

async function session(body = 'device_name=other&websocket_features[]=webhooks'): Promise<Session> {
  const { status, text } = await local.raw('/v1/stripecli/sessions', { method: 'POST', body });
  expect(status).toBe(200);
  return JSON.parse(text) as Session;
}

async function connect(
  { websocket_url: url, websocket_id: id, websocket_authorized_feature: feature }: Session,
  answer: (frame: Frame) => object | undefined = () => undefined,
): Promise<OtherClient> {
  const socket = new WebSocket(`${url}?websocket_feature=${feature}`, { headers: { 'Websocket-Id': id } });
  sockets.push(socket);
  const client = new OtherClient(socket, answer);
  await once(socket, 'open');
  return client;
}

/** As @stripe/sync-engine does it: the webhook's id stands where the CLI puts the event's. */
function otherAck({ webhook_id, webhook_conversation_id }: Frame): object {
  return { type: 'event_ack', event_id: webhook_id, webhook_conversation_id, webhook_id };
}

/** Resolves when the server has read what was sent to it before: it answers pings in order. */
async function read(client: OtherClient): Promise<void> {
  client.socket.ping();
  await once(client.socket, 'pong');
}

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.terminate();
});

describe('a listener of another make', () => {
  it('gets each event in both renderings, signed so that the real client accepts it', async () => {
    const opened = await session();
    const client = await connect(opened, otherAck);
    const customer = await local.stripe.customers.create();
    await client.until(2);
    expect(client.frames.map(({ endpoint }) => endpoint.api_version)).toEqual([null, Stripe.API_VERSION]);
    for (const { event_payload: text, http_headers: headers } of client.frames) {
      const signature = headers['Stripe-Signature'] ?? '';
      const event = local.stripe.webhooks.constructEvent(text, signature, opened.secret);
      expect(event.data.object).toMatchObject({ id: customer.id });
    }
  });

  it('is sent the events of an object in their order', async () => {
    const client = await connect(await session(), otherAck);
    const { id } = await local.stripe.products.create({ name: 'one' });
    await local.stripe.products.update(id, { name: 'two' });
    await local.stripe.products.del(id);
    await client.until(6);
    const types = ['product.created', 'product.updated', 'product.deleted'];
    expect(client.types).toEqual(types.flatMap((type) => [type, type]));
  });

  it('is sent again what it has not acknowledged, and only that, when it comes back', async () => {
    const opened = await session();
    const first = await connect(opened, (frame) =>
      frame.event_payload.includes('customer.created') ? otherAck(frame) : undefined,
    );
    await local.stripe.customers.create();
    await local.stripe.products.create({ name: 'not acknowledged' });
    await first.until(4);
    await read(first);
    first.socket.close(1000, 'Resetting connection');
    await once(first.socket, 'close');
    await local.stripe.coupons.create({ percent_off: 10 });
    const second = await connect(opened, otherAck);
    await second.until(4);
    expect(second.types).toEqual(['product.created', 'product.created', 'coupon.created', 'coupon.created']);
    await read(second);
    second.socket.terminate();
    await local.stripe.plans.list();
    const third = await connect(opened);
    await local.stripe.customers.create();
    await third.until(2);
    expect(new Set(third.types)).toEqual(new Set(['customer.created']));
  });

  it('may acknowledge by the conversation alone, as the CLI of 2020 did', async () => {
    const opened = await session();
    const first = await connect(opened, ({ webhook_conversation_id }) => ({
      type: 'event_ack',
      event_id: 'evt_whatever',
      webhook_conversation_id,
    }));
    await local.stripe.customers.create();
    await first.until(2);
    await read(first);
    first.socket.terminate();
    const second = await connect(opened, otherAck);
    await local.stripe.products.create({ name: 'next' });
    await second.until(2);
    expect(second.types).toEqual(['product.created', 'product.created']);
  });

  it('gets thin events when it asked for them, and no snapshots', async () => {
    const opened = await session('device_name=thin&websocket_features[]=v2_events');
    const client = await connect(opened);
    const { id } = await local.stripe.customers.create();
    await client.until(1);
    const [frame] = client.frames;
    const payload = frame?.payload ?? '';
    expect(frame).toMatchObject({ type: 'v2_event' });
    const signature = frame?.http_headers['Stripe-Signature'] ?? '';
    const notification = local.stripe.parseEventNotification(payload, signature, opened.secret);
    expect(notification).toMatchObject({ type: 'v1.customer.created', related_object: { id } });
    await local.stripe.products.create({ name: 'next' });
    await client.until(2);
    expect(client.frames.map(({ type }) => type)).toEqual(['v2_event', 'v2_event']);
  });

  it('does not make the test world hear of the live one', async () => {
    const client = await connect(await session());
    await local.live.customers.create();
    await local.stripe.products.create({ name: 'test' });
    await client.until(2);
    expect(client.types).toEqual(['product.created', 'product.created']);
  });

  it('survives a reset of the simulator while it is connected', async () => {
    const client = await connect(await session());
    await local.sim.reset();
    await local.stripe.customers.create();
    await client.until(2);
    expect(client.types).toEqual(['customer.created', 'customer.created']);
  });

  it('ignores what it cannot read', async () => {
    const client = await connect(await session());
    client.socket.send('no JSON');
    client.socket.send('{"type":"event_ack","webhook_id":17}');
    client.socket.send('null');
    await local.stripe.customers.create();
    await client.until(2);
  });
});

describe('a websocket that is refused', () => {
  async function refusal(url: string, id: string): Promise<{ status: number; body: unknown }> {
    const socket = new WebSocket(url, { headers: { 'Websocket-Id': id } });
    socket.on('error', () => undefined);
    const [, response] = (await once(socket, 'unexpected-response')) as [
      unknown,
      NodeJS.ReadableStream & { statusCode: number },
    ];
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    return { status: response.statusCode, body: JSON.parse(Buffer.concat(chunks).toString('utf8')) };
  }

  it('is told in the words by which the CLI knows that it needs a new session', async () => {
    const { websocket_url: url } = await session();
    const { status, body } = await refusal(url, 'cliws_expired');
    expect([status, body]).toEqual([403, { error: { message: 'Unknown WebSocket ID.' } }]);
  });

  it('is told so too once its session has ended', async () => {
    const opened = await session();
    const client = await connect(opened);
    client.socket.close(1000, 'Connection Done');
    await once(client.socket, 'close');
    const { body } = await refusal(opened.websocket_url, opened.websocket_id);
    expect(body).toEqual({ error: { message: 'Unknown WebSocket ID.' } });
  });

  it('gets a 404 where no websocket is served', async () => {
    const { status } = await refusal(`${local.sim.url.replace('http', 'ws')}/v1/customers`, 'x');
    expect(status).toBe(404);
  });
});

it('refuses a session without a device name', async () => {
  const { status, body } = await local.raw('/v1/stripecli/sessions', { method: 'POST', body: '' });
  expect([status, body.error.code, body.error.param]).toEqual([400, 'parameter_missing', 'device_name']);
});
