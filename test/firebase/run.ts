/**
 * Runs the Firebase sink and the example's functions with the real firebase-admin, against firebase-server,
 * which speaks its protocol. `npm run test:firebase`; exit status 0 only if everything held.
 */
import assert from 'node:assert/strict';
import { firebaseSink } from '../../src/sinks/firebase.ts';
import { makeEvent, sign, WEBHOOK_SECRET } from '../support/events.ts';
import { FirebaseBench, until, type Database } from './bench.ts';

const HOUR_SECONDS = 3600;
const bench = await FirebaseBench.start();
let failed = 0;

async function step(name: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
    process.stdout.write(`held    ${name}\n`);
  } catch (error) {
    failed += 1;
    process.stdout.write(`FAILED  ${name}\n${error instanceof Error ? error.stack : String(error)}\n`);
  }
}

const client = bench.client();

async function push(database: Database, event: Record<string, unknown>): Promise<void> {
  const sink = firebaseSink({ database, events: ['*'], path: '/sink' });
  const [type, timestamp] = [String(event['type']), new Date().toISOString()];
  const signal = AbortSignal.timeout(10_000);
  await sink.deliver?.({
    id: 'msg_1',
    type,
    timestamp,
    account: null,
    livemode: false,
    event,
    attempt: 1,
    signal,
  });
}

await step('an event that is sent twice stands once, in a form that Realtime Database takes', async () => {
  const metadata = { 'order.id/#[1]': 'x', $: 'y', empty: {}, nothing: null };
  const event = makeEvent({
    request: null,
    data: { object: { id: 'cus_1', metadata, lines: [{ a: 1 }, { a: 2 }] } },
  });
  await push(client, event);
  await push(client, event);
  const stored = Object.values(await bench.valueAt('sink'));
  assert.equal(stored.length, 1);
  const { request: _, ...present } = event;
  assert.deepEqual(stored[0], {
    ...present,
    data: {
      object: {
        id: 'cus_1',
        metadata: { 'order%2Eid%2F%23%5B1%5D': 'x', '%24': 'y' },
        lines: [{ a: 1 }, { a: 2 }],
      },
    },
  });
  // The same client refuses such a key as it is.
  assert.throws(() => void client.ref('/sink/x').set({ 'order.id': 1 }), /contains an invalid key/);
});

await step("an event's key sorts among those that the client's own push() makes", async () => {
  await client.ref('/sink').remove();
  const now = Math.floor(Date.now() / 1000);
  const [before, after] = [
    makeEvent({ created: now - HOUR_SECONDS }),
    makeEvent({ created: now + HOUR_SECONDS }),
  ];
  await push(client, after);
  await client.ref('/sink').push({ id: 'theirs' });
  await push(client, before);
  const stored = Object.entries(await bench.valueAt('sink')).toSorted(([a], [b]) => (a < b ? -1 : 1));
  assert.deepEqual(
    stored.map(([, value]) => (value as { id: string }).id),
    [before.id, 'theirs', after.id],
  );
});

const webhook = await bench.run('webhook', { STRIPE_WEBHOOK_SECRET: WEBHOOK_SECRET });

async function post(body: string, signature = sign(body)): Promise<number> {
  const headers = { 'content-type': 'application/json', 'stripe-signature': signature };
  return (await fetch(webhook, { method: 'POST', body, headers })).status;
}

await step('the webhook stores what Stripe signed, once, and answers 400 to anything else', async () => {
  const event = makeEvent();
  const body = JSON.stringify(event, null, 2);
  assert.equal(await post(body, sign(body, 'whsec_other')), 400);
  assert.deepEqual(await bench.valueAt('events'), {});
  assert.equal(await post(body), 200);
  assert.equal(await post(body), 200);
  const stored = Object.values(await bench.valueAt('events')) as { id: string }[];
  assert.deepEqual(
    stored.map(({ id }) => id),
    [event.id],
  );
});

await step('the webhook answers 500 while the database is away, and 200 when it is back', async () => {
  const body = JSON.stringify(makeEvent());
  await bench.cut();
  assert.equal(await post(body), 500);
  bench.back();
  await until(async () => (await post(body)) === 200, 'the client to find the server again');
  assert.equal(Object.keys(await bench.valueAt('events')).length, 1);
});

await step('the revenue of a day moves once per payment, also when two come at once', async () => {
  const revenue = await bench.run('revenue', {});
  const tell = async (id: string, amount: number): Promise<void> => {
    const delta = makeEvent({
      type: 'payment_intent.succeeded',
      created: 1_795_240_800,
      data: { object: { id, amount_received: amount, currency: 'eur' } },
    });
    const answer = await fetch(revenue, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'ce-specversion': '1.0',
        'ce-id': delta.id,
        'ce-source': '//firebasedatabase.googleapis.com/projects/_/locations/x/instances/y',
        'ce-type': 'google.firebase.database.ref.v1.created',
      },
      body: JSON.stringify({ data: null, delta }),
    });
    assert.equal(answer.status, 204);
  };
  await Promise.all([tell('pi_1', 500), tell('pi_1', 500), tell('pi_2', 250), tell('pi_3', 50)]);
  await tell('pi_2', 250);
  const day = await bench.valueAt('revenue', '2026-11-21', 'eur');
  assert.deepEqual(day, { amount: 800, count: 3, payments: { pi_1: 500, pi_2: 250, pi_3: 50 } });
});

await bench.close();
process.stdout.write(failed === 0 ? 'all held\n' : `${failed} failed\n`);
process.exit(failed === 0 ? 0 : 1);
