import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { freshDatabase } from '../support/database.ts';
import { makeEvent, sign, WEBHOOK_SECRET } from '../support/events.ts';
import { runQuittance } from '../support/quittance.ts';

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
  it('is refused with 400, stores nothing and says nothing of secrets', async () => {
    const { post, log } = await runQuittance(url);
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
    expect(log.text()).not.toContain(WEBHOOK_SECRET);
    expect(log.text()).not.toContain('Ann');
    // Control: the same event with the right signature is stored.
    expect((await post(event)).status).toBe(200);
    expect(await stored(event.id)).toBe(true);
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
