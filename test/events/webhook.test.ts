import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { createQuittance } from '../../src/quittance.ts';
import { freshDatabase } from '../support/database.ts';
import { makeEvent, nowSeconds, sign, signBytes, WEBHOOK_SECRET } from '../support/events.ts';
import { runQuittance, SECRET, until } from '../support/quittance.ts';
import { RawConnection, webhookHead } from '../support/raw-http.ts';
import { Seeded } from '../support/seeded.ts';
import { oddHeader } from '../support/signature-headers.ts';

const SEED = Number(process.env.SEED ?? 20_261_028);

let url: string;
let database: Database;

beforeAll(async () => {
  ({ url, database } = await freshDatabase());
});

async function stored(id: string): Promise<boolean> {
  const rows = await database.sql`select from quittance.event where id = ${id}`;
  return rows.length > 0;
}

describe('case 2: a missing, empty or wrong signature', () => {
  it('is refused with 400, counted, stores nothing and says nothing of secrets', async () => {
    const { post, log, url: base } = await runQuittance(url);
    const event = makeEvent();
    const wrong = sign(JSON.stringify(event), 'whsec_of_somebody_else');
    for (const [header, code] of [
      [undefined, 'missing_signature'],
      ['', 'missing_signature'],
      [wrong, 'invalid_signature'],
      ['t=1,v1=', 'invalid_signature'],
    ] as const) {
      const answer = await post(event, { 'stripe-signature': header });
      expect(answer.status).toBe(400);
      expect(answer.headers.get('content-type')).toBe('application/problem+json');
      expect(await answer.json()).toMatchObject({ code, status: 400 });
    }
    expect(await stored(event.id)).toBe(false);
    const metrics = await (await fetch(`${base}/metrics`)).text();
    expect(metrics).toContain('quittance_webhooks_total{result="missing_signature"} 2');
    expect(metrics).toContain('quittance_webhooks_total{result="invalid_signature"} 2');
    for (const secret of [WEBHOOK_SECRET, wrong.slice(-64), 'Ann', event.id]) {
      expect(log.text()).not.toContain(secret);
    }
    // Control: the log was listening, and the same event with the right signature is stored.
    expect(log.text()).toContain('invalid_signature');
    expect((await post(event)).status).toBe(200);
    expect(await stored(event.id)).toBe(true);
  });

  it('is refused by the door for other servers too', async () => {
    const { quittance, url: base } = await runQuittance(url);
    const body = JSON.stringify(makeEvent());
    const ask = (headers: Record<string, string>): Promise<Response> =>
      quittance.fetch(new Request(`${base}/api/webhook`, { method: 'POST', body, headers }));
    expect((await ask({})).status).toBe(400);
    expect((await ask({ 'stripe-signature': sign(`${body} `) })).status).toBe(400);
    expect((await ask({ 'stripe-signature': sign(body) })).status).toBe(200);
  });

  it('is never asked for when no secret is configured: nothing is taken unverified', async () => {
    const { post, url: base } = await runQuittance(url, { stripeWebhookSecret: '' });
    const event = makeEvent();
    const answer = await post(event);
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ code: 'not_configured' });
    const ready = await fetch(`${base}/readyz`);
    expect(ready.status).toBe(503);
    expect(await ready.json()).toMatchObject({
      ready: false,
      checks: {
        database: { ok: true },
        webhook: { ok: false, why: expect.stringContaining('STRIPE_WEBHOOK_SECRET') },
      },
    });
    expect((await fetch(`${base}/healthz`)).status).toBe(200);
    expect(await stored(event.id)).toBe(false);
    // Control: with a secret it is ready, and takes the event.
    const configured = await runQuittance(url);
    expect((await fetch(`${configured.url}/readyz`)).status).toBe(200);
    expect((await configured.post(event)).status).toBe(200);
  });
});

describe('case 3: a stale timestamp', () => {
  it('is accepted at 300 s and refused at 301 s', async () => {
    const now = 1_790_000_000_000;
    const { post } = await runQuittance(url, { clock: { now: () => now } });
    const signedAgo = (event: unknown, seconds: number): Record<string, string> => ({
      'stripe-signature': sign(JSON.stringify(event), WEBHOOK_SECRET, now / 1000 - seconds),
    });
    const young = makeEvent();
    expect((await post(young, signedAgo(young, 300))).status).toBe(200);
    const old = makeEvent();
    const refused = await post(old, signedAgo(old, 301));
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({ code: 'stale_timestamp' });
    expect(await stored(old.id)).toBe(false);
    // Stripe's retry carries a fresh timestamp and passes.
    expect((await post(old, signedAgo(old, 0))).status).toBe(200);
  });
});

describe('case 5: a secret being rolled', () => {
  const [OLD, NEW] = ['whsec_the_old_one', 'whsec_the_new_one'] as const;

  it('is accepted from either, in any order, until the old one is removed', async () => {
    const both = await runQuittance(url, { stripeWebhookSecret: `${OLD},${NEW}` });
    const event = makeEvent();
    const body = JSON.stringify(event);
    const [old, fresh] = [OLD, NEW].map((secret) => sign(body, secret, nowSeconds()));
    const [time, v1Old, v1New] = [...(old ?? '').split(','), (fresh ?? '').split(',')[1]];
    const signatures = [old, fresh, `${time},${v1Old},${v1New}`, `${v1New},${v1Old},${time}`];
    for (const signature of signatures) {
      expect((await both.post(event, { 'stripe-signature': signature })).status).toBe(200);
    }
    const after = await runQuittance(url, { stripeWebhookSecret: [NEW] });
    expect((await after.post(event, { 'stripe-signature': old })).status).toBe(400);
    // Control: whatever the new one signed still passes.
    for (const signature of signatures.slice(1)) {
      expect((await after.post(event, { 'stripe-signature': signature })).status).toBe(200);
    }
  });
});

describe('case 6: an event of the other mode', () => {
  it.each([
    ['sk_test_key_of_the_suite', true],
    ['sk_live_key_of_the_suite', false],
  ])('with %s and livemode %j is put aside and never handled', async (stripeSecretKey, foreign) => {
    const { post, api } = await runQuittance(url, { stripeSecretKey }, { work: false });
    const wrong = makeEvent({ livemode: foreign });
    const right = makeEvent({ livemode: !foreign });
    expect((await post(wrong)).status).toBe(200);
    expect((await post(right)).status).toBe(200);
    // On the work list stands the right one only.
    const work = await database.sql`
      select id from quittance.work join quittance.event using (seq) where id in (${wrong.id}, ${right.id})`;
    expect(work).toEqual([{ id: right.id }]);
    const listed = await (await api(`/api/events/${wrong.id}`)).json();
    expect(listed).toMatchObject({
      status: 'quarantined',
      last_error: expect.stringContaining('livemode_mismatch'),
    });
    await until(async () => {
      const rows = await database.sql<{ detail: string }>`
        select detail from quittance.alarm where subject = 'livemode_mismatch'`;
      return rows.some(({ detail }) => detail.includes(wrong.id));
    }, 'the alarm');
  });

  it.each([
    ['whsec_right ', 'space or line break'],
    ['whsec_right\n', 'space or line break'],
    ['whsec_right, whsec_other', 'space or line break'],
    ['\twhsec_right', 'space or line break'],
    ['sk_test_pasted_into_the_wrong_line', 'whsec_'],
  ])('is not mistaken for a secret that was pasted badly: %j is refused at boot', (secret, why) => {
    const make = (stripeWebhookSecret: string): unknown =>
      createQuittance({ databaseUrl: url, secret: SECRET, stripeWebhookSecret });
    expect(() => make(secret)).toThrow(
      expect.objectContaining({ code: 'invalid_options', message: expect.stringContaining(why) }),
    );
    expect(() => make('whsec_right,whsec_other')).not.toThrow();
  });
});

describe('case 7: any header at all, over the wire', () => {
  it(`is answered 200 or 4xx, and the server lives (seed ${SEED})`, async () => {
    const { url: base } = await runQuittance(url);
    const random = new Seeded(SEED);
    const body = Buffer.from(JSON.stringify(makeEvent()));
    const statuses = new Map<number, number>();
    let raw = new RawConnection(base);
    for (let number = 0; number < 600; number += 1) {
      const header = oddHeader(random, { body, secrets: [WEBHOOK_SECRET], now: nowSeconds() });
      const name = random.chance(0.5) ? 'Stripe-Signature' : 'stripe-signature';
      const lines: Record<string, string> = { 'content-length': String(body.length), [name]: header };
      if (random.chance(0.1)) lines['STRIPE-SIGNATURE'] = header;
      const before = raw.statuses.length;
      raw.send(webhookHead(lines), body);
      const status = (await raw.answers(before + 1)).at(-1) as number;
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      // What is no HTTP, or too much of it, ends the connection.
      if (/connection: close/i.test(raw.received)) {
        await raw.closed;
        raw = new RawConnection(base);
      }
    }
    expect([...statuses.keys()].toSorted((a, b) => a - b)).toEqual([200, 400, 431]);
    expect(statuses.get(200)).toBeGreaterThan(50);
  });
});

describe('case 8: a body that was changed on the way', () => {
  const text = JSON.stringify(makeEvent({ type: 'customer.updated', name: 'Zoë ☕' }));
  const bytes = Buffer.from(text);
  const flipped = Buffer.from(bytes);
  flipped[20] = (flipped[20] as number) ^ 1;

  it.each<[string, Buffer, Record<string, string>?]>([
    ['one bit', flipped],
    ['its spaces', Buffer.from(JSON.stringify(JSON.parse(text), null, 1))],
    ['a line break behind it', Buffer.from(`${text}\n`)],
    ['line breaks of Windows', Buffer.from(`${text}\r\n`)],
    ['a byte order mark, which decoding drops', Buffer.from(`\ufeff${text}`)],
    ['a byte that is no UTF-8, which decoding replaces', Buffer.concat([bytes, Buffer.from([0xff])])],
    ['its encoding', Buffer.from(text, 'latin1')],
    ['its end', bytes.subarray(0, -1)],
    ['everything', Buffer.from('{}')],
    ['compression', gzipSync(bytes), { 'content-encoding': 'gzip' }],
  ])('in %s is refused, and nothing is stored', async (_, changed, headers = {}) => {
    const { post } = await runQuittance(url, {}, { work: false });
    const signature = signBytes(bytes);
    const answer = await post(changed, { 'stripe-signature': signature, ...headers });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ code: 'invalid_signature' });
    expect(await database.sql`select from quittance.event where body = ${changed}`).toEqual([]);
    // Control: the signature is good for the bytes it was made of.
    expect((await post(bytes, { 'stripe-signature': signature })).status).toBe(200);
    expect((await database.sql`select from quittance.event where body = ${bytes}`).length).toBe(1);
  });
});
