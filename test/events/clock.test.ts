import { beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { freshDatabase } from '../support/database.ts';
import { makeEvent, nowSeconds, sign, WEBHOOK_SECRET } from '../support/events.ts';
import { runQuittance, until, type Running } from '../support/quittance.ts';

const MINUTE = 60_000;

let url: string;
let database: Database;
/** How far our clock is from Stripe's. */
let skewMs = 0;
const clock = { now: () => Date.now() + skewMs };

beforeEach(async () => {
  ({ url, database } = await freshDatabase());
  skewMs = 0;
});

async function alarms(code: string): Promise<{ count: number }[]> {
  return database.sql<{ count: number }>`select count from quittance.alarm where code = ${code}`;
}

async function readiness({ url: base }: Running): Promise<{ status: number; clock: unknown }> {
  const answer = await fetch(`${base}/readyz`);
  const { checks } = (await answer.json()) as { checks: { clock: unknown } };
  return { status: answer.status, clock: checks.clock };
}

function signedAt(event: unknown, seconds: number): Record<string, string> {
  return { 'stripe-signature': sign(JSON.stringify(event), WEBHOOK_SECRET, seconds) };
}

async function storedOf(events: { id: string }[]): Promise<number> {
  const ids = events.map(({ id }) => id);
  const rows = await database.sql`select from quittance.event where id = any (${ids})`;
  return rows.length;
}

describe('case 4: our clock and Stripe’s', () => {
  it('ten minutes fast: all is refused, alarmed, not ready, and nothing is lost in the end', async () => {
    const running = await runQuittance(url, { clock });
    const events = Array.from({ length: 5 }, () => makeEvent());
    expect((await readiness(running)).status).toBe(200);
    skewMs = 10 * MINUTE;
    for (const [index, event] of events.entries()) {
      expect((await running.post(event, signedAt(event, nowSeconds() + index))).status).toBe(400);
    }
    expect(await storedOf(events)).toBe(0);
    expect(await readiness(running)).toEqual({
      status: 503,
      clock: { ok: false, why: expect.stringContaining('clock') },
    });
    await until(async () => (await alarms('clock_ahead')).length === 1, 'the alarm');
    // Set right, it is ready before Stripe sends again: it may be waiting for us to be ready.
    skewMs = 0;
    expect(await readiness(running)).toEqual({ status: 200, clock: { ok: true } });
    for (const event of events) expect((await running.post(event)).status).toBe(200);
    expect(await storedOf(events)).toBe(events.length);
  });

  it('ten minutes slow: all is accepted and alarmed', async () => {
    const running = await runQuittance(url, { clock });
    skewMs = -10 * MINUTE;
    const events = [makeEvent(), makeEvent()];
    for (const event of events) expect((await running.post(event)).status).toBe(200);
    expect(await storedOf(events)).toBe(2);
    await until(async () => (await alarms('clock_behind')).length === 1, 'the alarm');
    expect((await readiness(running)).status).toBe(200);
  });

  it('less than five minutes apart: nothing to say', async () => {
    const running = await runQuittance(url, { clock });
    for (const minutes of [4.9, -4.9]) {
      skewMs = minutes * MINUTE;
      expect((await running.post(makeEvent())).status).toBe(200);
    }
    // Control: an alarm raised now would be seen, as this one is.
    expect((await running.post(makeEvent({ type: 'customer.unheard_of' }))).status).toBe(200);
    await until(async () => (await alarms('event_quarantined')).length === 1, 'the alarm');
    expect([...(await alarms('clock_ahead')), ...(await alarms('clock_behind'))]).toEqual([]);
  });

  it('is not what an old request means that is repeated, nor old ones between fresh ones', async () => {
    const running = await runQuittance(url, { clock });
    const refuse = async (seconds: number): Promise<void> => {
      const old = makeEvent();
      const refused = await running.post(old, signedAt(old, seconds));
      expect(await refused.json()).toMatchObject({ code: 'stale_timestamp' });
      expect((await readiness(running)).status).toBe(200);
    };
    const longAgo = nowSeconds() - 3_600;
    for (let round = 0; round < 6; round += 1) await refuse(longAgo);
    for (let round = 1; round < 6; round += 1) {
      await refuse(longAgo + round);
      expect((await running.post(makeEvent())).status).toBe(200);
    }
    expect(await alarms('clock_ahead')).toEqual([]);
  });

  it('is no reason to be silent: an alarm is raised again after the clock was set back', async () => {
    const running = await runQuittance(url, { clock });
    skewMs = 60 * MINUTE;
    const odd = makeEvent({ type: 'customer.unheard_of' });
    const signed = (): Record<string, string> => signedAt(odd, Math.floor(clock.now() / 1000));
    expect((await running.post(odd, signed())).status).toBe(200);
    await until(async () => (await alarms('event_quarantined'))[0]?.count === 1, 'the first alarm');
    skewMs = 0;
    expect((await running.post(odd, signed())).status).toBe(200);
    await until(async () => (await alarms('event_quarantined'))[0]?.count === 2, 'the second alarm');
  });
});
