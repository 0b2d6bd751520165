import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { freshDatabase } from '../support/database.ts';
import { makeEvent, sign, signBytes } from '../support/events.ts';
import { runQuittance, until, type Running } from '../support/quittance.ts';
import { chunked, RawConnection, webhookHead, webhookRequest } from '../support/raw-http.ts';

const MIB = 1024 * 1024;

let url: string;
let database: Database;

beforeAll(async () => {
  ({ url, database } = await freshDatabase());
});

const run = (): Promise<Running> => runQuittance(url, {}, { work: false });

async function deliveriesOf(id: string): Promise<number> {
  const rows = await database.sql<{ deliveries: number }>`
    select deliveries from quittance.event where id = ${id}`;
  return rows[0]?.deliveries ?? 0;
}

async function countOfEvents(): Promise<number> {
  const rows = await database.sql`select from quittance.event`;
  return rows.length;
}

describe('case 10: a body beyond 1 MiB', () => {
  it('is refused before it is read, when its length is told', async () => {
    const { url: base, log } = await run();
    const before = await countOfEvents();
    const raw = new RawConnection(base).send(
      webhookHead({ 'content-length': String(MIB + 1), 'stripe-signature': sign('x') }),
    );
    expect(await raw.answers(1)).toEqual([413]);
    await raw.closed;
    expect(raw.received).toContain('"code":"body_too_large"');
    await until(async () => {
      const [alarm] = await database.sql`select from quittance.alarm where code = 'webhook_too_large'`;
      return alarm;
    }, 'the alarm');
    expect(log.text()).toContain('webhook_too_large');
    expect(await countOfEvents()).toBe(before);
  });

  it('is cut where it gets too long when it is not told, and nothing of it is stored', async () => {
    const { url: base } = await run();
    const before = await countOfEvents();
    // Its first MiB is a whole, signed event: half a body must not count as one.
    const whole = Buffer.from(JSON.stringify(makeEvent()).padEnd(MIB, ' '));
    const head = webhookHead({ 'transfer-encoding': 'chunked', 'stripe-signature': signBytes(whole) });
    const raw = new RawConnection(base).send(head, chunked([whole, ' ', ' '.repeat(100_000)]));
    expect(await raw.answers(1)).toEqual([413]);
    await raw.closed;
    expect(await countOfEvents()).toBe(before);
    // Control: without what was too much it is taken, and is exactly the largest that is.
    const fits = new RawConnection(base).send(head, chunked([whole]));
    expect(await fits.answers(1)).toEqual([200]);
    expect(await countOfEvents()).toBe(before + 1);
  });

  it('is refused by the door for other servers too', async () => {
    const { quittance, url: base } = await run();
    const before = await countOfEvents();
    const ask = (headers: Record<string, string>, body: BodyInit): Promise<Response> =>
      quittance.fetch(
        new Request(`${base}/api/webhook`, { method: 'POST', headers, body, duplex: 'half' } as RequestInit),
      );
    const text = ' '.repeat(MIB + 1);
    const stream = new Blob([text]).stream();
    for (const answer of [
      await ask({ 'content-length': String(MIB + 1), 'stripe-signature': sign(text) }, text),
      await ask({ 'stripe-signature': sign(text) }, stream),
    ]) {
      expect(answer.status).toBe(413);
      expect(await answer.json()).toMatchObject({ code: 'body_too_large' });
    }
    expect(await countOfEvents()).toBe(before);
  });
});

describe('case 12: HTTP used wrongly', () => {
  it.each(['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'])(
    '%s is 405 with Allow',
    async (method) => {
      const { quittance, url: base } = await run();
      const request = webhookRequest(makeEvent()).replace('POST', method);
      const raw = new RawConnection(base).send(request);
      expect(await raw.answers(1)).toEqual([405]);
      expect(raw.received).toMatch(/^allow: POST\r$/im);
      // Control: the same bytes as a POST, on the same connection, are fine.
      raw.send(request.replace(method, 'POST'));
      expect(await raw.answers(2)).toEqual([405, 200]);
      if (method === 'TRACE') return; // no Request has this method
      const answer = await quittance.fetch(new Request(`${base}/api/webhook`, { method }));
      expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST']);
    },
  );

  it.each([
    ['both a length and chunks', { 'content-length': '5', 'transfer-encoding': 'chunked' }],
    ['two lengths', { 'content-length': '5', 'Content-Length': '6' }],
    ['a negative length', { 'content-length': '-5' }],
    ['a length with a sign', { 'content-length': '+5' }],
    ['a length in hex', { 'content-length': '0x5' }],
    ['an unknown transfer encoding', { 'transfer-encoding': 'cow' }],
    ['chunked written oddly', { 'transfer-encoding': 'xchunked' }],
    ['a space before the colon', { 'content-length ': '5' }],
  ])('%s is 400 and the end of the connection: nothing is smuggled', async (_, headers) => {
    const { url: base } = await run();
    const hidden = makeEvent();
    const raw = new RawConnection(base).send(
      webhookHead({ 'stripe-signature': sign('0\r\n\r\n'), ...headers }),
      '0\r\n\r\n',
      webhookRequest(hidden),
    );
    await raw.closed;
    expect(raw.statuses).toEqual([400]);
    expect(await deliveriesOf(hidden.id)).toBe(0);
    // Control: by itself the hidden request is a good one.
    expect(await new RawConnection(base).send(webhookRequest(hidden)).answers(1)).toEqual([200]);
  });

  it.each(['zz\r\n', '-1\r\n', 'fffffffffffffffff\r\n', '5\r\nabcdefgh\r\n', '\r\n', '5;\0\r\nabcde\r\n'])(
    'the chunk %j is 400 and the end of the connection',
    async (chunk) => {
      const { url: base } = await run();
      const before = await countOfEvents();
      const head = webhookHead({ 'transfer-encoding': 'chunked', 'stripe-signature': sign('abcde') });
      const raw = new RawConnection(base).send(head, chunk, '0\r\n\r\n');
      await raw.closed;
      expect(raw.statuses).toEqual([400]);
      expect(await countOfEvents()).toBe(before);
    },
  );

  it('pipelined requests are answered in their order, whatever each of them is', async () => {
    const { url: base } = await run();
    const events = Array.from({ length: 40 }, () => makeEvent());
    const requests = events.map((event, index) =>
      webhookRequest(event, index % 4 === 3 ? { 'stripe-signature': 't=1,v1=0' } : {}),
    );
    const raw = new RawConnection(base).send(requests.join(''));
    const expected = events.map((_, index) => (index % 4 === 3 ? 400 : 200));
    expect(await raw.answers(events.length)).toEqual(expected);
    const deliveries = await Promise.all(events.map(({ id }) => deliveriesOf(id)));
    expect(deliveries).toEqual(expected.map((status) => (status === 200 ? 1 : 0)));
  });

  it('a connection goes on after a refused request', async () => {
    const { url: base } = await run();
    const raw = new RawConnection(base);
    const bad = { 'stripe-signature': 't=1,v1=0' };
    for (const headers of [bad, {}, bad, bad, {}]) {
      const before = raw.statuses.length;
      raw.send(webhookRequest(makeEvent(), headers));
      await raw.answers(before + 1);
    }
    expect(raw.statuses).toEqual([400, 200, 400, 400, 200]);
  });

  it('a sender who goes away in mid-body leaves nothing behind', async () => {
    const { url: base, server } = await run();
    const connections = (): Promise<number> =>
      new Promise((resolve) => server.getConnections((_, count) => resolve(count)));
    const event = makeEvent();
    const request = webhookRequest(event);
    for (const leave of ['reset', 'end'] as const) {
      const raw = new RawConnection(base).send(request.slice(0, -10));
      await until(async () => (await connections()) === 1, 'the connection to be taken');
      if (leave === 'reset') raw.reset();
      else raw.socket.end();
      await until(async () => (await connections()) === 0, 'the connection to be given up');
    }
    expect(await deliveriesOf(event.id)).toBe(0);
    expect(await new RawConnection(base).send(request).answers(1)).toEqual([200]);
  });

  it('a sender who goes away before the answer has its event stored, and a repeat adds nothing', async () => {
    const { url: base, post } = await run();
    const event = makeEvent();
    const raw = new RawConnection(base).send(webhookRequest(event));
    await new Promise<void>((resolve) => raw.socket.once('ready', () => resolve()));
    await until(async () => raw.socket.writableLength === 0, 'the request to be on its way');
    raw.socket.pause();
    await until(async () => (await deliveriesOf(event.id)) === 1, 'the event to be stored');
    raw.reset();
    expect((await post(event)).status).toBe(200);
    expect(await deliveriesOf(event.id)).toBe(2);
  });

  it.each([
    '/api/webhook/',
    '/API/webhook',
    '/api/Webhook',
    '//api/webhook',
    '/api//webhook',
    '/api/webhook/x',
  ])('%s is 404 and no redirect, which Stripe counts as a failure', async (path) => {
    const { url: base } = await run();
    const event = makeEvent();
    const raw = new RawConnection(base).send(webhookRequest(event).replace('/api/webhook', path));
    expect(await raw.answers(1)).toEqual([404]);
    expect(raw.received).not.toMatch(/^location:/im);
    expect(await deliveriesOf(event.id)).toBe(0);
  });

  it.each([
    ['a query', (request: string) => request.replace('/api/webhook', '/api/webhook?source=stripe')],
    ['the absolute form', (request: string) => request.replace('/api/webhook', 'http://x.test/api/webhook')],
    ['HTTP/1.0', (request: string) => request.replace('HTTP/1.1', 'HTTP/1.0')],
    ['no content type', (request: string) => request.replace('content-type: application/json\r\n', '')],
    ['another content type', (request: string) => request.replace('application/json', 'text/plain')],
    ['Expect: 100-continue', (request: string) => request.replace('host:', 'expect: 100-continue\r\nhost:')],
    [
      'an upgrade it need not follow',
      (request: string) => request.replace('host:', 'connection: upgrade\r\nupgrade: h2c\r\nhost:'),
    ],
  ])('%s makes no difference', async (_, change) => {
    const { url: base } = await run();
    const event = makeEvent();
    const raw = new RawConnection(base).send(change(webhookRequest(event)));
    await raw.until(() => raw.received.includes('{"received":true}'), 'the answer');
    expect(raw.statuses.at(-1)).toBe(200);
    expect(await deliveriesOf(event.id)).toBe(1);
  });
});

describe('a bug of ours', () => {
  it('is 500 and a line in the log, not a broken connection', async () => {
    const { post, log } = await runQuittance(
      url,
      {
        reach: (name) => {
          if (name === 'webhook.before_ack') throw new Error('a bug');
        },
      },
      { work: false },
    );
    const answer = await post(makeEvent());
    expect(answer.status).toBe(500);
    expect(await answer.json()).toMatchObject({ code: 'internal_error' });
    expect(log.text()).toContain('Error: a bug');
  });
});
