import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import functions from '@google-cloud/functions-framework';
import { getTestServer } from '@google-cloud/functions-framework/testing';
import { describe, expect, it } from 'vitest';
import { findEvent } from '../../src/events/rows.ts';
import { atEnd } from '../support/at-end.ts';
import { freshDatabase } from '../support/database.ts';
import { makeEvent, sign, WEBHOOK_SECRET } from '../support/events.ts';
import { recordedLog } from '../support/log.ts';
import { SECRET } from '../support/quittance.ts';

type Handle = Parameters<typeof functions.http>[1];
const FOLDER = '../../examples/firebase-functions';
const { webhook } = (await import(`${FOLDER}/webhook.js`)) as {
  webhook: (options: { database: unknown; secrets: string[]; storeMsMax?: number }) => Handle;
};
const { addToRevenue } = (await import(`${FOLDER}/revenue.js`)) as {
  addToRevenue: (database: unknown, event: unknown) => Promise<void>;
};
const { quittanceFunction } = (await import(`${FOLDER}/quittance.js`)) as {
  quittanceFunction: (options: object) => Promise<{ handle: Handle; stop: () => Promise<void> }>;
};

/** What stands in for Realtime Database; the real client has `npm run test:firebase`. */
function placesOnly(trouble: { now: 'none' | 'refuses' | 'silent' } = { now: 'none' }) {
  const places = new Map<string, unknown>();
  const ref = (place: string) => ({
    set: async (value: unknown): Promise<void> => {
      if (trouble.now === 'refuses') throw new Error('PERMISSION_DENIED');
      if (trouble.now === 'silent') return new Promise(() => {});
      places.set(place, value);
    },
    transaction: async (change: (known: unknown) => unknown): Promise<void> => {
      const changed = change(places.get(place) ?? null);
      if (changed !== undefined) places.set(place, changed);
    },
  });
  return { places, ref, trouble };
}

let functionsMade = 0;

/** Runs a function by Google's framework, behind a real port. */
async function run(handle: Handle | null, onEvent?: (event: { data?: unknown }) => unknown): Promise<string> {
  functionsMade += 1;
  const name = `function${functionsMade}`;
  if (handle) functions.http(name, handle);
  else functions.cloudEvent(name, (event: { data?: unknown }) => onEvent?.(event) as Promise<void>);
  const server: Server = getTestServer(name);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  atEnd(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function post(url: string, body: string, signature = sign(body)): Promise<number> {
  const headers = { 'content-type': 'application/json', 'stripe-signature': signature };
  return (await fetch(url, { method: 'POST', body, headers })).status;
}

describe('the webhook as a Cloud Function', () => {
  it('answers 200 once the event is stored, also when Stripe repeats it, at one place', async () => {
    const database = placesOnly();
    const url = await run(webhook({ database, secrets: ['whsec_rolled', WEBHOOK_SECRET] }));
    const event = makeEvent();
    // Spaces and all: what is signed are the bytes, not what they mean.
    const body = JSON.stringify(event, null, 3);
    expect(await post(url, body)).toBe(200);
    expect(await post(url, body)).toBe(200);
    expect([...database.places.keys()]).toEqual([expect.stringMatching(/^\/events\/.{20}$/)]);
    expect([...database.places.values()]).toEqual([event]);
  });

  it('answers 400 to what Stripe did not sign, and stores nothing', async () => {
    const database = placesOnly();
    const url = await run(webhook({ database, secrets: [WEBHOOK_SECRET] }));
    const body = JSON.stringify(makeEvent());
    expect(await post(url, body, sign(body, 'whsec_other'))).toBe(400);
    expect(await post(url, `${body} `, sign(body))).toBe(400);
    expect(await post(url, body, '')).toBe(400);
    expect(database.places.size).toBe(0);
    expect(await post(url, body)).toBe(200);
  });

  it('answers 500 when the event is not stored, whether the database refuses or says nothing', async () => {
    const database = placesOnly({ now: 'refuses' });
    const url = await run(webhook({ database, secrets: [WEBHOOK_SECRET], storeMsMax: 50 }));
    const body = JSON.stringify(makeEvent());
    expect(await post(url, body)).toBe(500);
    database.trouble.now = 'silent';
    expect(await post(url, body)).toBe(500);
    database.trouble.now = 'none';
    expect(await post(url, body)).toBe(200);
  });
});

describe('the daily revenue', () => {
  it('moves once per payment, by day and currency, on the events that Google hands on', async () => {
    const database = placesOnly();
    const url = await run(null, ({ data }) => addToRevenue(database, (data as { delta: unknown }).delta));
    const paid = (id: string, amount: number, currency = 'eur', type = 'payment_intent.succeeded') =>
      makeEvent({
        type,
        created: 1_795_240_800,
        data: { object: { id, amount_received: amount, currency } },
      });
    const first = paid('pi_1', 500);
    for (const event of [
      first,
      first,
      paid('pi_2', 250),
      paid('pi_3', 70, 'jpy'),
      paid('pi_4', 9, 'eur', 'payment_intent.created'),
    ]) {
      const answer = await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'ce-specversion': '1.0',
          'ce-id': event.id,
          'ce-source': '//firebasedatabase.googleapis.com/projects/_/locations/x/instances/y',
          'ce-type': 'google.firebase.database.ref.v1.created',
        },
        body: JSON.stringify({ data: null, delta: event }),
      });
      expect(answer.status).toBe(204);
    }
    expect(Object.fromEntries(database.places)).toEqual({
      '/revenue/2026-11-21/eur': { amount: 750, count: 2, payments: { pi_1: 500, pi_2: 250 } },
      '/revenue/2026-11-21/jpy': { amount: 70, count: 1, payments: { pi_3: 70 } },
    });
  });
});

describe('a Quittance as a Cloud Function', () => {
  it('stores before it answers 200, and has Stripe repeat what it can not store', async () => {
    const { url: databaseUrl, database } = await freshDatabase();
    const { handle, stop } = await quittanceFunction({
      databaseUrl,
      secret: SECRET,
      stripeWebhookSecret: WEBHOOK_SECRET,
      logger: recordedLog().logger,
    });
    atEnd(stop);
    const url = `${await run(handle)}/api/webhook`;
    const event = makeEvent();
    const body = JSON.stringify(event, null, 2);
    expect(await post(url, body, sign(body, 'whsec_other'))).toBe(400);
    expect(await findEvent(database.sql, event.id)).toBeNull();
    expect(await post(url, body)).toBe(200);
    expect((await findEvent(database.sql, event.id))?.body.toString()).toBe(body);
    await database.sql`alter table quittance.event rename to event_away`;
    const next = JSON.stringify(makeEvent());
    expect(await post(url, next)).toBeGreaterThanOrEqual(500);
    await database.sql`alter table quittance.event_away rename to event`;
    expect(await post(url, next)).toBe(200);
    expect((await fetch(url.replace('/api/webhook', '/healthz'))).status).toBe(200);
  });
});
