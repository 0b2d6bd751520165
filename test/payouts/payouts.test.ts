import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { control } from '../simulator/support/simulator.ts';
import { freshDatabase } from '../support/database.ts';
import { API_KEY, until } from '../support/quittance.ts';
import {
  balanceOf,
  DAY_SECONDS,
  fundSeller,
  knownSeller,
  runMarketplace,
  type TestSeller,
} from '../support/marketplace.ts';
import {
  ask,
  manualSeller,
  payoutsAt,
  runTimed,
  shown,
  statusesOf,
  type Answer,
  type Shown,
} from './support.ts';

let url: string;
let database: Database;

beforeAll(async () => {
  ({ url, database } = await freshDatabase());
});

const SLOW_BANK = {
  object: 'bank_account',
  country: 'US',
  currency: 'usd',
  routing_number: '110000000',
  account_number: '000888888883',
} as unknown as string;

describe('a payout that is asked for', () => {
  it('is made once for a key, and goes on by events until the bank has it', async () => {
    const shop = await runTimed({ url, sql: database.sql });
    const ann = await manualSeller(shop);
    await fundSeller(shop, ann, 10_000);
    const body = { amount: 4_000, currency: 'usd' };
    const twice = await Promise.all([1, 2].map(() => ask(shop, 'POST', ann, 'payouts', { body, key: 'k1' })));
    expect(twice.map(({ status }) => status)).toEqual([201, 201]);
    expect(twice[0]?.body).toEqual(twice[1]?.body);
    expect(twice[0]?.body).toMatchObject({
      seller: ann.id,
      status: 'pending',
      method: 'standard',
      automatic: false,
      amount: { value: 4_000, currency: 'usd' },
      failure: null,
    });
    expect(await payoutsAt(shop, ann)).toHaveLength(1);
    const other = await ask(shop, 'POST', ann, 'payouts', { body: { ...body, amount: 1 }, key: 'k1' });
    expect(other).toMatchObject({ status: 409, body: { code: 'idempotency_key_reused' } });

    const balance = await ask(shop, 'GET', ann, 'balance');
    expect(balance.body).toEqual({
      seller: ann.id,
      data: [{ currency: 'usd', available: 6_000, pending: 0, instant_available: 5_941 }],
    });
    // Without an amount it is all that there is; another key is another payout.
    const rest = await ask(shop, 'POST', ann, 'payouts', { body: {}, key: 'k2' });
    expect(shown(rest).amount).toEqual({ value: 6_000, currency: 'usd' });
    expect(await balanceOf(shop, ann.account)).toEqual({ usd: [0, 0] });

    await shop.pass(7 * 3_600);
    await until(async () => (await statusesOf(shop, ann)).every((s) => s === 'in_transit'), 'in transit');
    await shop.pass(5 * DAY_SECONDS);
    await until(async () => (await statusesOf(shop, ann)).every((s) => s === 'paid'), 'paid');
    expect(await statusesOf(shop, ann)).toHaveLength(2);
    // The same key still tells of the same payout, as it is now.
    const later = await ask(shop, 'POST', ann, 'payouts', { body, key: 'k1' });
    expect(shown(later)).toMatchObject({ id: shown(twice[0] as Answer).id, status: 'paid' });
  });

  it('that the bank sends back is failed after it was paid, alarms, and is asked for again', async () => {
    const shop = await runTimed({ url, sql: database.sql });
    const bob = await manualSeller(shop, { external_account: 'btok_us_verified_accountClosed' });
    await fundSeller(shop, bob, 5_000);
    const first = shown(await ask(shop, 'POST', bob, 'payouts', { body: {} }));
    await shop.pass(6 * DAY_SECONDS);
    const failed = await until(async () => {
      const { body } = await ask(shop, 'GET', bob, 'payouts?status=failed');
      return (body['data'] as Shown[])[0];
    }, 'the failure');
    expect(failed).toMatchObject({ id: first.id, failure: { code: 'account_closed' } });
    expect(failed.failure?.advice).toMatch(/another bank account.*ask for the payout again/);
    const alarms = (): Promise<{ detail: string }[]> =>
      database.sql`select detail from quittance.alarm
        where code = 'payout_failed' and subject = ${failed.id}`;
    const [alarm] = await until(async () => (await alarms()).length > 0 && alarms(), 'the alarm');
    expect(alarm?.detail).toContain(`seller ${bob.id}`);
    expect(alarm?.detail).toContain('account_closed');
    // The bank account is switched off, so another payout is refused in words.
    const early = await ask(shop, 'POST', bob, 'payouts', { body: { amount: 100, currency: 'usd' } });
    expect(early).toMatchObject({ status: 409, body: { code: 'no_bank_account' } });
    await shop.stripe.accounts.createExternalAccount(bob.account, {
      external_account: 'btok_us_verified',
      default_for_currency: true,
    });
    const again = shown(await ask(shop, 'POST', bob, 'payouts', { body: {} }));
    expect(again).toMatchObject({ status: 'pending', amount: { value: 5_000 } });
    await shop.pass(6 * DAY_SECONDS);
    await until(async () => (await statusesOf(shop, bob)).includes('paid'), 'the second one paid');
    expect((await statusesOf(shop, bob)).toSorted()).toEqual(['failed', 'paid']);
  });

  it('is made at once where the bank takes it, and refused in words where not', async () => {
    const shop = await runTimed({ url, sql: database.sql });
    const [fast, slow] = [
      await manualSeller(shop),
      await manualSeller(shop, { external_account: SLOW_BANK }),
    ];
    for (const each of [fast, slow]) await fundSeller(shop, each, 10_000);
    const all = await ask(shop, 'POST', fast, 'payouts', { body: { method: 'instant' } });
    expect(all).toMatchObject({ status: 201, body: { method: 'instant', amount: { value: 9_901 } } });
    await shop.pass(120);
    await until(async () => (await statusesOf(shop, fast))[0] === 'paid', 'paid within minutes');
    const codes: Record<string, unknown> = {};
    const tried: [string, TestSeller, Record<string, unknown>][] = [
      ['bank takes none', slow, { amount: 100, currency: 'usd', method: 'instant' }],
      ['all of nothing', slow, { method: 'instant' }],
      ['more than there is', slow, { amount: 10_001, currency: 'usd' }],
      ['nothing there', fast, {}],
      ['no such money', slow, { currency: 'eur' }],
      ['no bank for it', slow, { amount: 100, currency: 'eur' }],
      ['nothing', slow, { amount: 0 }],
      ['half', slow, { amount: 0.5 }],
      ['upper case', slow, { amount: 1, currency: 'USD' }],
      ['unknown', slow, { amount: 1, destination: 'ba_1' }],
    ];
    for (const [what, who, body] of tried) {
      const { status, body: said } = await ask(shop, 'POST', who, 'payouts', { body });
      codes[what] = [status, said.code, ...(said.field ? [said.field] : [])];
    }
    expect(codes).toEqual({
      'bank takes none': [409, 'instant_not_eligible'],
      'all of nothing': [409, 'instant_not_eligible'],
      'more than there is': [409, 'insufficient_balance'],
      'nothing there': [409, 'insufficient_balance'],
      'no such money': [409, 'insufficient_balance'],
      'no bank for it': [409, 'no_bank_account'],
      nothing: [400, 'invalid_request', 'amount'],
      half: [400, 'invalid_request', 'amount'],
      'upper case': [400, 'invalid_request', 'currency'],
      unknown: [400, 'invalid_request', 'destination'],
    });
    expect(await payoutsAt(shop, slow)).toEqual([]);
  });
});

describe('who may be paid out', () => {
  it('is told apart: unknown, no account, not ready, switched off, gone, full Dashboard', async () => {
    const shop = await runMarketplace({ url, sql: database.sql });
    const off = await manualSeller(shop);
    await fundSeller(shop, off, 1_000);
    shop.simulator.faults.add({ kind: 'drop' }); // or the rows would be set right again
    await control(shop.simulator, 'POST', `accounts/${off.account}/restrict`, { what: 'payouts' });
    const change = async (set: string): Promise<TestSeller> => {
      const one = await manualSeller(shop);
      await database.pool.query(`update quittance.seller set ${set} where id = '${one.id}'`);
      return one;
    };
    const { id: account } = await shop.stripe.accounts.create({});
    const unready = await knownSeller(database.sql, { reference: 'unready', account });
    await database.sql`
      update quittance.seller set details_submitted = false, payouts_enabled = false
      where id = ${unready.id}`;
    const who: [string, { id: string }][] = [
      ['unknown', { id: 'sel_nobody' }],
      ['without an account', await change(`account = null, status = 'not_started'`)],
      ['not ready', unready],
      ['switched off', off],
      ['gone', await change(`status = 'disconnected'`)],
      ['in charge', await change(`dashboard = 'full'`)],
      ['live', await change(`livemode = true`)],
    ];
    const codes: Record<string, unknown> = {};
    for (const [what, each] of who) {
      const answer = await ask(shop, 'POST', each, 'payouts', { body: { amount: 100, currency: 'usd' } });
      codes[what] = [answer.status, answer.body.code];
    }
    expect(codes).toEqual({
      unknown: [404, 'seller_not_found'],
      'without an account': [409, 'seller_not_ready'],
      'not ready': [409, 'seller_not_ready'],
      'switched off': [409, 'payouts_not_enabled'],
      gone: [409, 'seller_disconnected'],
      'in charge': [409, 'managed_by_seller'],
      live: [404, 'seller_not_found'],
    });
    const address = `${shop.url}/api/connect/sellers/${off.id}/balance`;
    expect((await fetch(address)).status).toBe(401);
    expect((await fetch(address, { headers: { authorization: `Bearer ${API_KEY}` } })).status).toBe(200);
  });
});
