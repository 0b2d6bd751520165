import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { freshDatabase } from '../support/database.ts';
import { makeEvent, sign } from '../support/events.ts';
import { FaultProxy } from '../support/fault-proxy.ts';
import { holdCommits, holdEventTable, untilStoringWaits } from '../support/locks.ts';
import { postWebhook, runQuittance, until } from '../support/quittance.ts';
import { RawConnection, webhookRequest } from '../support/raw-http.ts';

const HOLD = 4_711;

let url: string;
let database: Database;

beforeAll(async () => {
  ({ url, database } = await freshDatabase());
});

async function deliveriesOf(id: string): Promise<number> {
  const rows = await database.sql<{ deliveries: number }>`
    select deliveries from quittance.event where id = ${id}`;
  return rows[0]?.deliveries ?? 0;
}

async function proxied(): Promise<FaultProxy> {
  const proxy = await new FaultProxy(url).listen();
  onTestFinished(() => proxy.close());
  return proxy;
}

describe('case 1: no byte before the commit', () => {
  it('is sent while the commit waits, and 200 when it is through', async () => {
    const { url: base } = await runQuittance(url, {}, { work: false });
    const commits = await holdCommits(database, HOLD);
    const event = makeEvent();
    const raw = new RawConnection(base).send(webhookRequest(event));
    await untilStoringWaits(database);
    // Control: the server answers whoever needs no commit, and this test would see the bytes.
    const other = new RawConnection(base).send(webhookRequest(event, { 'stripe-signature': 't=1,v1=0' }));
    expect(await other.answers(1)).toEqual([400]);
    expect(raw.received).toBe('');
    expect(await deliveriesOf(event.id)).toBe(0);
    await commits.release();
    expect(await raw.answers(1)).toEqual([200]);
    expect(raw.received).toContain('{"received":true}');
    expect(await deliveriesOf(event.id)).toBe(1);
  });

  it('is sent of a duplicate either', async () => {
    const { url: base, post } = await runQuittance(url, {}, { work: false });
    const event = makeEvent();
    expect((await post(event)).status).toBe(200);
    const commits = await holdCommits(database, HOLD);
    const raw = new RawConnection(base).send(webhookRequest(event));
    await untilStoringWaits(database);
    expect((await fetch(`${base}/healthz`)).status).toBe(200);
    expect(raw.received).toBe('');
    await commits.release();
    expect(await raw.answers(1)).toEqual([200]);
    expect(await deliveriesOf(event.id)).toBe(2);
  });

  it('is sent while the word of the commit is still on its way', async () => {
    const proxy = await proxied();
    const { url: base, post } = await runQuittance(proxy.url, {}, { work: false });
    await post(makeEvent()); // the connection stands
    proxy.set({ toClient: 'hold' });
    const event = makeEvent();
    const raw = new RawConnection(base).send(webhookRequest(event));
    await until(async () => (await deliveriesOf(event.id)) === 1, 'the commit');
    expect((await fetch(`${base}/healthz`)).status).toBe(200);
    expect(raw.received).toBe('');
    proxy.set({ toClient: 'pass' });
    expect(await raw.answers(1)).toEqual([200]);
  });

  it('is sent by the door for other servers either', async () => {
    const { quittance, url: base } = await runQuittance(url, {}, { work: false });
    const commits = await holdCommits(database, HOLD);
    const body = JSON.stringify(makeEvent());
    let answered = false;
    const answer = quittance
      .fetch(
        new Request(`${base}/api/webhook`, {
          method: 'POST',
          body,
          headers: { 'stripe-signature': sign(body) },
        }),
      )
      .finally(() => (answered = true));
    await untilStoringWaits(database);
    expect(answered).toBe(false);
    await commits.release();
    expect((await answer).status).toBe(200);
    expect(await (await answer).json()).toEqual({ received: true });
  });
});

describe('case 14: the connection dies in the middle', () => {
  /** A 503 that is no 2xx, and a repeat that is stored once. */
  async function expectRefusedThenStored(
    base: string,
    event: { id: string },
    answer: Response,
  ): Promise<void> {
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(await answer.json()).toMatchObject({ code: 'storage_unavailable' });
    expect((await postWebhook(base, event)).status).toBe(200);
    const rows = await database.sql`select from quittance.event where id = ${event.id}`;
    expect(rows.length).toBe(1);
  }

  it.each([
    ['statement', () => holdEventTable(database)],
    ['commit', () => holdCommits(database, HOLD)],
  ])('of the %s: 503, nothing stored, and the repeat is', async (_, hold) => {
    const { url: base, post } = await runQuittance(url, {}, { work: false });
    const held = await hold();
    const event = makeEvent();
    const answer = post(event);
    for (const pid of await untilStoringWaits(database)) {
      await database.sql`select pg_terminate_backend(${pid})`;
    }
    const refused = await answer;
    expect(await deliveriesOf(event.id)).toBe(0);
    await held.release();
    await expectRefusedThenStored(base, event, refused);
    expect(await deliveriesOf(event.id)).toBe(1);
  });

  it('between the commit and its word: 503 although it is stored, and a repeat adds nothing', async () => {
    const proxy = await proxied();
    const { url: base, post } = await runQuittance(proxy.url, {}, { work: false });
    await post(makeEvent());
    proxy.set({ toClient: 'hold' });
    const event = makeEvent();
    const answer = post(event);
    await until(async () => (await deliveriesOf(event.id)) === 1, 'the commit');
    proxy.cut();
    proxy.set({ toClient: 'pass' });
    await expectRefusedThenStored(base, event, await answer);
    expect(await deliveriesOf(event.id)).toBe(2);
  });

  it('of many batches: each request has its answer, and each 2xx is stored', async () => {
    const proxy = await proxied();
    let statements = 0;
    const reach = (name: string): void => {
      if (name === 'store.before_insert' && (statements += 1) % 3 === 0) proxy.cut();
    };
    const { post } = await runQuittance(proxy.url, { reach }, { work: false });
    const events = Array.from({ length: 600 }, () => makeEvent());
    const results = await Promise.all(
      events.map(async (event) => ({ id: event.id, status: (await post(event)).status })),
    );
    expect(new Set(results.map(({ status }) => status))).toEqual(new Set([200, 503]));
    for (const { id, status } of results) {
      if (status === 200 && (await deliveriesOf(id)) !== 1) throw new Error(`${id} was promised and is lost`);
    }
  });
});
