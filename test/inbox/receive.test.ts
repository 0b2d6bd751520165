import { monitorEventLoopDelay } from 'node:perf_hooks';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { openDatabase, type Database } from '../../src/db/database.ts';
import { noFailpoints } from '../../src/failpoints.ts';
import type { Envelope } from '../../src/inbox/envelope.ts';
import { Receiver, type ReceiverOptions } from '../../src/inbox/receive.ts';
import type { Arrival } from '../../src/inbox/store.ts';
import { freshDatabase } from '../support/database.ts';
import { FaultProxy } from '../support/fault-proxy.ts';
import { holdEventTable, untilStoringWaits } from '../support/locks.ts';
import { until } from '../support/quittance.ts';

let url: string;
let database: Database;
let counter = 0;

beforeAll(async () => {
  ({ url, database } = await freshDatabase());
});

function arrival(overrides: Partial<Envelope> = {}): Arrival {
  counter += 1;
  const envelope: Envelope = {
    id: `evt_receive_${counter}`,
    account: '',
    livemode: false,
    type: 'customer.updated',
    kind: 'snapshot',
    apiVersion: null,
    objectId: `cus_${counter}`,
    created: '2026-10-28T10:00:00Z',
    problem: null,
    body: Buffer.from('{}'),
    ...overrides,
  };
  return { envelope, source: 'webhook', endpoint: '/api/webhook' };
}

/** A receiver on connections of its own, stopped at the end of the test. */
function startReceiver(databaseUrl: string, options: Partial<ReceiverOptions> = {}): Receiver {
  const ingest = openDatabase({
    url: databaseUrl,
    connectionsMax: 4,
    applicationName: 'quittance ingest',
    statementMsMax: 7_000,
  });
  const receiver = new Receiver({
    database: ingest,
    reach: noFailpoints,
    slowTypes: () => [],
    onStored: () => {},
    onAvailability: () => {},
    ...options,
  });
  onTestFinished(async () => {
    await receiver.stop();
    await ingest.close();
  });
  return receiver;
}

async function deliveriesOf(id: string): Promise<number | null> {
  const [row] = await database.sql<{ deliveries: number }>`
    select deliveries from quittance.event where id = ${id}`;
  return row?.deliveries ?? null;
}

describe('case 20: a database that is slow', () => {
  it('is waited for by a queue with an end: beyond it the answer is no, at once', async () => {
    const receiver = startReceiver(url);
    const lock = await holdEventTable(database);
    const lag = monitorEventLoopDelay({ resolution: 5 });
    const first = receiver.receive(arrival());
    await untilStoringWaits(database);
    lag.enable();
    const queued = Array.from({ length: 10_000 }, () => receiver.receive(arrival()));
    await expect(receiver.receive(arrival())).rejects.toMatchObject({
      code: 'storage_unavailable',
      message: expect.stringContaining('too many events are waiting'),
    });
    await lock.release();
    await Promise.all([first, ...queued]);
    lag.disable();
    // Control: it takes events again when the queue has been worked off.
    await receiver.receive(arrival());
    expect(lag.max / 1e6).toBeLessThan(200);
  });

  it('is waited for with a bound on bytes too', async () => {
    const receiver = startReceiver(url);
    const lock = await holdEventTable(database);
    const body = Buffer.alloc(1024 * 1024, 'x');
    const answers = Array.from({ length: 90 }, () => receiver.receive(arrival({ body })));
    const outcomes = Promise.allSettled(answers);
    await untilStoringWaits(database);
    await lock.release();
    const refused = (await outcomes).filter(({ status }) => status === 'rejected').length;
    // 64 MiB may wait, and what is on its way holds some more.
    expect(refused).toBeGreaterThan(10);
    expect(refused).toBeLessThanOrEqual(90 - 64);
  });
});

describe('events that arrive together', () => {
  it('are merged when they are the same event, and each delivery is counted', async () => {
    const receiver = startReceiver(url);
    const [one, other] = [arrival(), arrival()];
    await Promise.all([one, other, one, one].map((each) => receiver.receive(each)));
    await receiver.receive(one);
    expect(await deliveriesOf(one.envelope.id)).toBe(4);
    expect(await deliveriesOf(other.envelope.id)).toBe(1);
  });

  it('are different events when account or mode differ', async () => {
    const receiver = startReceiver(url);
    const { id } = arrival().envelope;
    const sides = [{}, { livemode: true }, { account: 'acct_1' }, { account: 'acct_1', livemode: true }];
    await Promise.all(sides.map((side) => receiver.receive(arrival({ id, ...side }))));
    expect(await database.sql`select deliveries from quittance.event where id = ${id}`).toEqual(
      sides.map(() => ({ deliveries: 1 })),
    );
  });

  it('may come to two processes in opposite order', async () => {
    const receivers = [startReceiver(url), startReceiver(url)];
    const rounds = 20;
    for (let round = 0; round < rounds; round += 1) {
      const batch = Array.from({ length: 200 }, () => arrival());
      const deliveries = [batch, batch.toReversed()].flatMap((order, index) =>
        order.map((each) => (receivers[index] as Receiver).receive({ ...each })),
      );
      await Promise.all(deliveries);
      expect(await deliveriesOf(batch[0]?.envelope.id ?? '')).toBe(2);
    }
  });
});

describe('a database that goes away', () => {
  it('is found to be back without an event having to come', async () => {
    const proxy = await new FaultProxy(url).listen();
    onTestFinished(() => proxy.close());
    const told: (string | null)[] = [];
    const receiver = startReceiver(proxy.url, { onAvailability: (failure) => told.push(failure) });
    await receiver.receive(arrival());
    await proxy.refuse();
    const lost = arrival();
    await expect(receiver.receive(lost)).rejects.toMatchObject({ code: 'storage_unavailable' });
    expect(receiver.failure).not.toBeNull();
    expect(await deliveriesOf(lost.envelope.id)).toBeNull();
    await proxy.listen();
    await until(async () => receiver.failure === null, 'the receiver to notice');
    expect(told).toEqual([expect.any(String), null]);
    await receiver.receive(lost);
  });

  it('for half of the connections is one line in the log, not one for each statement', async () => {
    const told: (string | null)[] = [];
    const receiver = startReceiver(url, { onAvailability: (failure) => told.push(failure) });
    await receiver.receive(arrival());
    for (let round = 0; round < 50; round += 1) {
      const lock = await holdEventTable(database);
      const doomed = receiver.receive(arrival()).then(
        () => 'stored',
        (error: { code: string }) => error.code,
      );
      const [pid] = await untilStoringWaits(database, 1);
      await database.sql`select pg_terminate_backend(${pid})`;
      expect(await doomed).toBe('storage_unavailable');
      await lock.release();
      await receiver.receive(arrival());
    }
    expect(told.length).toBeLessThanOrEqual(2);
  });

  it('in mid-statement for ever is given up in time, and its connection with it', async () => {
    const proxy = await new FaultProxy(url).listen();
    onTestFinished(() => proxy.close());
    const receiver = startReceiver(proxy.url);
    await receiver.receive(arrival());
    proxy.set({ toServer: 'swallow', toClient: 'swallow' });
    const started = performance.now();
    const lost = arrival();
    await expect(receiver.receive(lost)).rejects.toMatchObject({ code: 'storage_unavailable' });
    expect(performance.now() - started).toBeLessThan(12_000);
    proxy.set({ toServer: 'pass', toClient: 'pass' });
    await receiver.receive(lost);
    expect(await deliveriesOf(lost.envelope.id)).toBe(1);
  });
});

describe('a stop', () => {
  it('answers everything that waits and takes nothing new', async () => {
    const receiver = startReceiver(url);
    const waiting = Array.from({ length: 2_000 }, () => receiver.receive(arrival()));
    const stopped = receiver.stop();
    await expect(receiver.receive(arrival())).rejects.toMatchObject({ code: 'storage_unavailable' });
    await stopped;
    expect((await Promise.allSettled(waiting)).every(({ status }) => status === 'fulfilled')).toBe(true);
  });
});
