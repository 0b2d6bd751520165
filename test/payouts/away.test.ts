import { beforeAll, describe, expect, it } from 'vitest';
import { lockSeller } from '../../src/connect/rows.ts';
import type { Database } from '../../src/db/database.ts';
import { freshDatabase } from '../support/database.ts';
import { DAY_SECONDS, fundSeller, runMarketplace } from '../support/marketplace.ts';
import { until } from '../support/quittance.ts';
import { ask, manualSeller, payoutsAt, runTimed, shown, statusesOf } from './support.ts';

let url: string;
let database: Database;

beforeAll(async () => {
  ({ url, database } = await freshDatabase());
});

describe('when Stripe does not tell', () => {
  it('the kept payouts are shown as stale, and a payout that is asked for goes on by itself', async () => {
    const shop = await runMarketplace({ url, sql: database.sql });
    const eve = await manualSeller(shop);
    await fundSeller(shop, eve, 10_000);
    for (let made = 0; made < 3; made += 1) {
      await shop.advance(1); // or they would be of the same second, and without an order
      await ask(shop, 'POST', eve, 'payouts', { body: { amount: 100, currency: 'usd' }, key: `p${made}` });
    }
    const fresh = await ask(shop, 'GET', eve, 'payouts?limit=2');
    expect(fresh.body).toMatchObject({ stale: false, data: [{}, {}], next: expect.stringMatching(/^po_/) });
    shop.simulator.faults.add({ kind: 'reset_before', match: '/v1/payouts' });
    const stale = await ask(shop, 'GET', eve, 'payouts?limit=2');
    expect(stale.body).toEqual({ ...fresh.body, stale: true });
    const last = await ask(shop, 'GET', eve, `payouts?limit=2&after=${String(stale.body['next'])}`);
    expect(last.body).toMatchObject({ stale: true, data: [{}], next: null });
    const late = await ask(shop, 'POST', eve, 'payouts', {
      body: { amount: 7_000, currency: 'usd' },
      key: 'l',
    });
    expect(late).toMatchObject({ status: 202, body: { id: null, status: 'requested' } });
    shop.simulator.faults.clear();
    await database.sql`update quittance.movement set run_at = now() where id = ${shown(late).movement}`;
    const done = await until(async () => {
      const answer = await ask(shop, 'POST', eve, 'payouts', {
        body: { amount: 7_000, currency: 'usd' },
        key: 'l',
      });
      return answer.status === 201 && shown(answer);
    }, 'the payout after all');
    expect(done).toMatchObject({ movement: shown(late).movement, amount: { value: 7_000 } });
    expect((await payoutsAt(shop, eve)).filter(({ amount }) => amount === 7_000)).toHaveLength(1);
  });

  it('whether it has made a payout, it is asked again under the same key: one payout', async () => {
    const shop = await runMarketplace({ url, sql: database.sql });
    const cut = await manualSeller(shop);
    await fundSeller(shop, cut, 10_000);
    // Once more than the client tries by itself.
    shop.simulator.faults.add({ kind: 'reset_after', match: 'POST /v1/payouts', times: 3 });
    const body = { amount: 3_000, currency: 'usd' };
    const asked = await ask(shop, 'POST', cut, 'payouts', { body, key: 'once' });
    expect(asked.status).toBe(202);
    expect(await payoutsAt(shop, cut)).toHaveLength(1); // a control: it was made
    await database.sql`update quittance.movement set run_at = now() where id = ${shown(asked).movement}`;
    const told = await until(async () => {
      const answer = await ask(shop, 'POST', cut, 'payouts', { body, key: 'once' });
      return answer.status === 201 && shown(answer);
    }, 'what became of it');
    expect(await payoutsAt(shop, cut)).toMatchObject([{ id: told.id, amount: 3_000 }]);
  });

  it('how a seller stands: a payout goes on while the row is held for that', async () => {
    const shop = await runMarketplace({ url, sql: database.sql });
    const held = await manualSeller(shop);
    await fundSeller(shop, held, 1_000);
    await database.transaction(async (sql) => {
      await lockSeller(sql, held.id);
      const asked = await ask(shop, 'POST', held, 'payouts', { body: {} });
      expect(asked.status).toBe(201);
    });
  });

  it('no event of a payout: that the bank account was switched off says enough', async () => {
    const shop = await runTimed({ url, sql: database.sql });
    const lea = await manualSeller(shop, { external_account: 'btok_us_verified_debitNotAuthorized' });
    await fundSeller(shop, lea, 1_000);
    shop.simulator.faults.add({ kind: 'drop', match: 'payout.' });
    await ask(shop, 'POST', lea, 'payouts', { body: {} });
    await shop.pass(6 * DAY_SECONDS);
    await until(async () => (await statusesOf(shop, lea))[0] === 'failed', 'told by the bank account');
  });

  it('no event at all: what may have changed is read twice a day', async () => {
    const shop = await runTimed({ url, sql: database.sql });
    const kim = await manualSeller(shop, { external_account: 'btok_us_verified_noAccount' });
    await fundSeller(shop, kim, 1_000);
    shop.simulator.faults.add({ kind: 'drop' });
    await ask(shop, 'POST', kim, 'payouts', { body: {} });
    await shop.pass(6 * DAY_SECONDS);
    expect(await statusesOf(shop, kim)).toEqual(['pending']);
    const sweep = (): Promise<unknown> =>
      database.sql`select graphile_worker.add_job('quittance.sweep_payouts')`;
    await sweep();
    await until(async () => (await statusesOf(shop, kim))[0] === 'failed', 'found by the sweep');
  });

  it('what it told before is never taken back by what is older', async () => {
    const shop = await runMarketplace({ url, sql: database.sql });
    const old = await manualSeller(shop, { external_account: 'btok_us_verified_invalidCurrency' });
    await fundSeller(shop, old, 1_000);
    const { id } = shown(await ask(shop, 'POST', old, 'payouts', { body: {} }));
    await database.sql`update quittance.payout set status = 'failed' where id = ${id}`;
    await ask(shop, 'GET', old, 'payouts');
    expect(await statusesOf(shop, old)).toEqual(['failed']);
  });
});
