import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { admit, newAccount, postConnect, runGate } from '../support/connect-events.ts';
import { freshDatabase } from '../support/database.ts';
import {
  detailOf,
  effectsOf,
  effectTable,
  eventOf,
  eventsApart,
  putEvents,
  record,
  untilDone,
} from '../support/effects.ts';

let url: string;
let database: Database;

beforeAll(async () => {
  ({ url, database } = await freshDatabase());
  await effectTable(database);
});

describe('case 40', () => {
  for (const [server, livemode, key] of [
    ['live', true, 'sk_live_quittance_suite_key'],
    ['test', false, 'sk_test_quittance_suite_key'],
  ] as const) {
    const other = livemode ? 'test' : 'live';
    it(`keeps ${other} events at the ${server} Connect endpoint away from ${server} data`, async () => {
      // Port 9 is where nobody answers: nothing here may need Stripe.
      const running = await runGate(url, { stripeSecretKey: key, stripeApiBase: 'http://127.0.0.1:9' });
      const account = newAccount();
      await admit(database, account, true);
      await admit(database, account, false);
      const wrong = eventOf('cus_same', { account, livemode: !livemode });
      const right = eventOf('cus_same', { account, livemode });
      expect([await postConnect(running, wrong), await postConnect(running, right)]).toEqual([200, 200]);
      await untilDone(database, [right]);
      expect(await detailOf(database, wrong)).toMatchObject({
        status: 'quarantined',
        last_error: 'livemode_mismatch',
      });
      expect((await effectsOf(database, [wrong, right])).map(({ event }) => event)).toEqual([right.id]);
      // Known in the other mode only: that is another account.
      const stranger = newAccount();
      await admit(database, stranger, !livemode);
      const foreign = eventOf('cus_same', { account: stranger, livemode });
      await postConnect(running, foreign);
      expect(await detailOf(database, foreign)).toMatchObject({ last_error: 'unknown_account' });
      await running.stop();
    });
  }

  it('keeps the same event id of two accounts apart: two rows, two effects', async () => {
    const running = await runGate(url);
    const [one, two] = [newAccount(), newAccount()];
    await admit(database, one);
    await admit(database, two);
    const event = eventOf('cus_twin');
    for (const account of [one, two, one]) await postConnect(running, { ...event, account });
    await untilDone(database, [event]);
    const rows = await database.sql`
      select account, deliveries from quittance.event where id = ${event.id} order by account`;
    expect(rows).toEqual([
      { account: one, deliveries: 2 },
      { account: two, deliveries: 1 },
    ]);
    expect(await effectsOf(database, [event])).toHaveLength(2);
  });

  for (const lane of ['database', 'stripe'] as const) {
    it(`lets one noisy account hold up nobody (lane: ${lane})`, async () => {
      const [noisy, quiet] = [newAccount(), newAccount()];
      // As early in the alphabet as can be, and first in the queue.
      const noise = eventsApart(2_000, `cus_0_${lane}`, { account: noisy, type: 'customer.created' });
      const calm = eventsApart(3, `cus_9_${lane}`, { account: quiet, type: 'customer.created' });
      await putEvents(database, noise);
      await putEvents(database, calm);
      if (lane === 'stripe') await database.sql`update quittance.work set lane = 1`;
      const running = await runGate(url, {
        drain: { keysPerBatch: 10 },
        declare: (quittance) => quittance.on('customer.created', record, { lane }),
      });
      await untilDone(database, calm);
      await running.stop();
      const last = Math.max(...(await effectsOf(database, calm)).map(({ n }) => n));
      const before = (await effectsOf(database, noise)).filter(({ n }) => n < last);
      expect(before.length).toBeLessThan(noise.length / 4);
      await database.sql`delete from quittance.work`;
    });
  }
});
