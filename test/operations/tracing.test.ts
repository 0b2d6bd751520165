import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { beforeAll, describe, expect, it } from 'vitest';
import { startTracing } from '../../src/cli/tracing.ts';
import type { Database } from '../../src/db/database.ts';
import { atEnd } from '../support/at-end.ts';
import { freshDatabase } from '../support/database.ts';
import { makeEvent } from '../support/events.ts';
import { recordedLog } from '../support/log.ts';
import { until } from '../support/quittance.ts';
import { runShop, STRIPE_KEY, type Shop } from '../support/shop.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const CALLER = '00f067aa0ba902b7';

interface Span {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  attributes: { key: string; value: Record<string, unknown> }[];
  events: { name: string }[];
  status: { code?: number; message?: string };
}

let endpoint: string;
const bodies: string[] = [];

/** A collector that speaks OTLP over HTTP, in JSON. */
beforeAll(async () => {
  const server = createServer((request, response) => {
    void textOf(request).then((text) => {
      if (request.url !== '/v1/traces') return void response.writeHead(404).end();
      bodies.push(text);
      return void response.setHeader('content-type', 'application/json').end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  atEnd(() => server.close());
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}

function collected(): Span[] {
  return bodies.flatMap((body) =>
    (JSON.parse(body) as { resourceSpans: { scopeSpans: { spans: Span[] }[] }[] }).resourceSpans.flatMap(
      ({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans),
    ),
  );
}

/** Runs `work` while spans are sent to the collector, and returns once all of them have come. */
async function traced(work: () => Promise<void>): Promise<Span[]> {
  bodies.length = 0;
  process.env.OTEL_EXPORTER_OTLP_ENDPOINT = endpoint;
  const { logger } = recordedLog();
  const tracing = await startTracing(process.env, { role: 'test', logger });
  delete process.env.OTEL_EXPORTER_OTLP_ENDPOINT;
  try {
    await work();
  } finally {
    await tracing?.stop();
  }
  return collected();
}

const attributesOf = ({ attributes }: Span): Record<string, unknown> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));

async function postCustomer(shop: Shop, headers: Record<string, string> = {}): Promise<string> {
  const customer = await fetch(`${shop.simulator.url}/v1/customers`, {
    method: 'POST',
    headers: { authorization: `Bearer ${STRIPE_KEY}` },
    body: new URLSearchParams({ email: 'buyer@example.com' }),
  });
  const { id } = (await customer.json()) as { id: string };
  const event = makeEvent({ type: 'customer.updated', data: { object: { id, object: 'customer' } } });
  expect((await shop.post(event, headers)).status).toBe(200);
  return event.id;
}

describe('an event', () => {
  const ran: string[] = [];
  let shop: Shop;
  let store: Database;

  beforeAll(async () => {
    const { url, database } = await freshDatabase();
    store = database;
    shop = await runShop(
      { url, sql: database.sql },
      {
        handlers: {
          'customer.updated': async ({ object, stripe, enqueue, event }) => {
            await stripe.customers.retrieve(String(object.id));
            await enqueue('greet', { customer: object.id, event: event.id });
          },
          'product.created': () => {
            throw new Error(`no such product, says ${STRIPE_KEY}`);
          },
        },
        jobs: {
          greet: async (payload, { stripe }) => {
            const { customer, event } = payload as { customer: string; event: string };
            await stripe.customers.update(customer, { name: 'Ann' });
            ran.push(event);
          },
        },
      },
    );
  });

  const span = (spans: Span[], name: string): Span => {
    const [found, ...more] = spans.filter((each) => each.traceId === TRACE && each.name === name);
    expect(more).toEqual([]);
    if (!found) throw new Error(`no ${name} in ${spans.map((each) => each.name).join(', ')}`);
    return found;
  };

  it('is one trace from the webhook to the job of its handler, and what both ask of Stripe', async () => {
    const spans = await traced(async () => {
      const id = await postCustomer(shop, { traceparent: `00-${TRACE}-${CALLER}-01` });
      await until(async () => ran.includes(id), 'the job');
    });
    const webhook = span(spans, 'POST /api/webhook');
    const handlers = spans.filter(
      (each) => each.traceId === TRACE && each.name === 'process customer.updated',
    );
    const handler = handlers.at(-1) as Span;
    const job = span(spans, 'process greet');
    expect(webhook.parentSpanId).toBe(CALLER);
    expect(span(spans, 'store event').parentSpanId).toBe(webhook.spanId);
    // The first attempt asked for Stripe where there is no time for it, which is no failure.
    expect(handlers.map(({ parentSpanId }) => parentSpanId)).toEqual(handlers.map(() => webhook.spanId));
    expect(handlers.map(({ status }) => status.code ?? 0)).toEqual(handlers.map(() => 0));
    expect(span(spans, 'GET /v1/customers/{id}').parentSpanId).toBe(handler.spanId);
    expect(job.parentSpanId).toBe(handler.spanId);
    expect(span(spans, 'POST /v1/customers/{id}').parentSpanId).toBe(job.spanId);
    expect(attributesOf(span(spans, 'GET /v1/customers/{id}'))).toMatchObject({
      'http.request.method': 'GET',
      'url.template': '/v1/customers/{id}',
      'server.address': '127.0.0.1',
    });
    const text = bodies.join('');
    expect(text).toContain('quittance.role');
    for (const secret of [STRIPE_KEY, 'buyer@example.com', 'whsec_']) expect(text).not.toContain(secret);
  });

  it('whose handler throws is shown with its error, without the secret in it', async () => {
    const spans = await traced(async () => {
      const event = makeEvent({
        type: 'product.created',
        data: { object: { id: 'prod_1', object: 'product' } },
      });
      await shop.post(event, { traceparent: `00-${TRACE}-${CALLER}-01` });
      await until(async () => (await store.sql`select from quittance.failure`).length > 0, 'its failure');
    });
    const handler = spans.find(({ name }) => name === 'process product.created');
    expect(handler?.traceId).toBe(TRACE);
    expect(handler?.status).toMatchObject({ code: 2, message: 'no such product, says [redacted]' });
    expect(handler?.events.map(({ name }) => name)).toEqual(['exception']);
    expect(bodies.join('')).not.toContain(STRIPE_KEY);
  });

  it('leaves no trace anywhere while nobody asks for one', async () => {
    bodies.length = 0;
    const id = await postCustomer(shop, { traceparent: `00-${TRACE}-${CALLER}-01` });
    await until(async () => ran.includes(id), 'the job');
    expect(bodies).toEqual([]);
    expect(await startTracing({}, { role: 'test', logger: recordedLog().logger })).toBeNull();
  });
});
