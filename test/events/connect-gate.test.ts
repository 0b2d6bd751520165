import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { readEnvelope } from '../../src/inbox/envelope.ts';
import { CONNECT_ENDPOINT, dismissAccount, sweepUnknownAccounts } from '../../src/inbox/known-accounts.ts';
import { storeBatch } from '../../src/inbox/store.ts';
import { admit, newAccount, postConnect, runGate } from '../support/connect-events.ts';
import { freshDatabase } from '../support/database.ts';
import {
  detailOf,
  effectsOf,
  effectTable,
  eventOf,
  eventsApart,
  untilDone,
  untilStatus,
} from '../support/effects.ts';
import { sign } from '../support/events.ts';
import { CONNECT_SECRET } from '../support/marketplace.ts';
import { runQuittance, until } from '../support/quittance.ts';

let url: string;
let database: Database;
const RECOGNITION = { livemode: false, isKnownType: () => true, isKnownVersion: () => true };

beforeAll(async () => {
  ({ url, database } = await freshDatabase());
  await effectTable(database);
});

const noAlarm = (): void => {};

/** Events as the Connect endpoint took them. */
const arrivals = (...events: unknown[]): Parameters<typeof storeBatch>[1] =>
  events.map((event) => ({
    envelope: readEnvelope(Buffer.from(JSON.stringify(event)), RECOGNITION),
    source: 'webhook',
    endpoint: CONNECT_ENDPOINT,
  }));

describe('the Connect endpoint', () => {
  it('stores the events of an account nobody knows, answers 200, and works on none of them', async () => {
    const running = await runGate(url);
    const [stranger, friend] = [newAccount(), newAccount()];
    await admit(database, friend);
    const [theirs, ours] = [eventOf('cus_1', { account: stranger }), eventOf('cus_1', { account: friend })];
    expect([await postConnect(running, theirs), await postConnect(running, ours)]).toEqual([200, 200]);
    await untilDone(database, [ours]);
    expect((await effectsOf(database, [theirs, ours])).map(({ event }) => event)).toEqual([ours.id]);
    const shown = (await (await running.api(`/api/events/${theirs.id}`)).json()) as object;
    expect(shown).toMatchObject({
      account: stranger,
      status: 'quarantined',
      last_error: 'unknown_account',
      endpoint: CONNECT_ENDPOINT,
      payload: { id: theirs.id },
    });
    const metrics = await (await running.api('/metrics')).text();
    expect(metrics).toContain('quittance_webhooks_total{result="quarantined"} 1');
  });

  it('puts aside what carries no account, except the ping of a destination', async () => {
    const running = await runGate(url);
    const orphan = eventOf('cus_orphan');
    const ping = {
      id: 'evt_test_ping',
      object: 'v2.core.event',
      type: 'v2.core.event_destination.ping',
      livemode: false,
      created: '2026-11-21T03:00:00.000Z',
      related_object: {
        id: 'ed_1',
        type: 'v2.core.event_destination',
        url: '/v2/core/event_destinations/ed_1',
      },
    };
    expect([await postConnect(running, orphan), await postConnect(running, ping)]).toEqual([200, 200]);
    await untilStatus(database, orphan, 'quarantined');
    await untilStatus(database, ping, 'done');
  });

  it('takes thin events by their context', async () => {
    const [stranger, friend] = [newAccount(), newAccount()];
    await admit(database, friend);
    const running = await runGate(url, {
      declare: (quittance) =>
        quittance.on('v1.product.activated', async ({ event, object, account, sql }) => {
          await sql`insert into public.effect (event, object, note)
                    values (${event.id}, ${object.id}, ${account})`;
        }),
    });
    const thin = (id: string, context: string): { id: string } & Record<string, unknown> => ({
      id,
      object: 'v2.core.event',
      type: 'v1.product.activated',
      livemode: false,
      created: '2026-11-21T03:00:00.000Z',
      context,
      related_object: { id: 'prod_1', type: 'product', url: '/v1/products/prod_1' },
    });
    const [theirs, ours] = [thin('evt_test_thin1', stranger), thin('evt_test_thin2', `org_1/${friend}`)];
    await postConnect(running, theirs);
    await postConnect(running, ours);
    await untilDone(database, [ours]);
    expect(await effectsOf(database, [theirs, ours])).toMatchObject([{ event: ours.id, note: friend }]);
    expect(await detailOf(database, theirs)).toMatchObject({ status: 'quarantined', account: stranger });
  });

  it('answers 503 without its own secret, and leaves the rest ready', async () => {
    const running = await runQuittance(url, {});
    const event = eventOf('cus_1', { account: newAccount() });
    const answer = await fetch(`${running.url}${CONNECT_ENDPOINT}`, {
      method: 'POST',
      body: JSON.stringify(event),
      headers: { 'stripe-signature': sign(JSON.stringify(event), CONNECT_SECRET) },
    });
    expect(answer.status).toBe(503);
    const problem = (await answer.json()) as { code: string; detail: string };
    expect(problem.code).toBe('not_configured');
    expect(problem.detail).toContain('STRIPE_CONNECT_WEBHOOK_SECRET');
    expect((await fetch(`${running.url}/readyz`)).status).toBe(200);
    expect((await running.post(eventOf('cus_1'))).status).toBe(200);
  });
});

describe('an account that becomes known', () => {
  it('has what waited for it done, each object in its order', async () => {
    const running = await runGate(url);
    const account = newAccount();
    const events = [1, 2, 3].map((note) => eventOf('cus_waiting', { account, note: String(note) }));
    for (const event of events) await postConnect(running, event);
    expect(await effectsOf(database, events)).toEqual([]);
    await admit(database, account);
    await untilDone(database, events);
    const notes = (await effectsOf(database, events)).map(({ note }) => note);
    expect(notes).toEqual(['1', '2', '3']);
    const later = eventOf('cus_waiting', { account });
    await postConnect(running, later);
    await untilDone(database, [later]);
    expect(await effectsOf(database, [later])).toHaveLength(1);
  });

  it('loses nothing that was being stored while it was admitted', async () => {
    await runGate(url);
    await sweepUnknownAccounts(database, noAlarm);
    const account = newAccount();
    const [early, late] = [eventOf('cus_early', { account }), eventOf('cus_late', { account })];
    const storing = await database.connect();
    await storing.query('begin');
    await storeBatch(storing, arrivals(early), []);
    await admit(database, account); // it can't see the event
    await storing.query('commit');
    expect(await detailOf(database, early)).toMatchObject({ status: 'quarantined' });

    // The sweep comes while another such statement is under way: it waits for it, and releases both.
    await storing.query('begin');
    await dismissAccount(database.sql, account, false);
    await storeBatch(storing, arrivals(late), []);
    await admit(database, account);
    const sweeping = sweepUnknownAccounts(database, noAlarm);
    await until(async () => {
      const waiting = await database.sql`
        select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
          and query like '%unknown_account%'`;
      return waiting.length > 0;
    }, 'the sweep to wait for the statement');
    await storing.query('commit');
    storing.release();
    expect(await sweeping).toEqual([account]);
    await untilDone(database, [early, late]);
    expect(await effectsOf(database, [early, late])).toHaveLength(2);
    expect(await sweepUnknownAccounts(database, noAlarm)).toEqual([]);
  });

  it('need not wait for the timetable when an event came in between', async () => {
    const running = await runGate(url);
    const account = newAccount();
    const event = eventOf('cus_between', { account });
    await postConnect(running, event);
    // What a transaction leaves behind that could not see the event.
    await database.sql`insert into quittance.known_account (account, livemode) values (${account}, false)`;
    await untilStatus(database, event, 'done');
    expect(await effectsOf(database, [event])).toHaveLength(1);
  });

  it('may have a quarantined event replayed; before that not even by force', async () => {
    const running = await runGate(url);
    const account = newAccount();
    const event = eventOf('cus_replayed', { account });
    await postConnect(running, event);
    const replay = (body?: string): Promise<Response> =>
      running.api(`/api/events/${event.id}/replay`, { method: 'POST', ...(body ? { body } : {}) });
    for (const refused of [await replay(), await replay('{"force":true}')]) {
      expect(refused.status).toBe(422);
      expect(await refused.json()).toMatchObject({ code: 'event_unreadable', problem: 'unknown_account' });
    }
    const odd = { ...eventOf('cus_odd', { account }), api_version: '2026-10-29.endive' };
    await postConnect(running, odd);
    expect(await detailOf(database, odd)).toMatchObject({ last_error: 'unknown_api_version' });
    const path = `/api/events/${odd.id}/replay`;
    const forced = await running.api(path, { method: 'POST', body: '{"force":true}' });
    expect([forced.status, await forced.json()]).toMatchObject([422, { problem: 'unknown_account' }]);
    // Known, and nothing releases it by itself.
    await database.sql`delete from quittance.unknown_account where account = ${account}`;
    await database.sql`insert into quittance.known_account (account, livemode) values (${account}, false)`;
    expect((await replay()).status).toBe(202);
    await untilDone(database, [event]);
    expect(await effectsOf(database, [event])).toHaveLength(1);
  });

  it('is put aside again once it is dismissed', async () => {
    const running = await runGate(url);
    const account = newAccount();
    await admit(database, account);
    const [before, after] = [eventOf('cus_b', { account }), eventOf('cus_a', { account })];
    await postConnect(running, before);
    await untilDone(database, [before]);
    await dismissAccount(database.sql, account, false);
    await postConnect(running, after);
    expect(await detailOf(database, after)).toMatchObject({ status: 'quarantined' });
    expect(await detailOf(database, before)).toMatchObject({ status: 'done' });
  });
});

describe('an account that stays unknown', () => {
  it('raises one alarm, and none while it may only be new', async () => {
    const running = await runGate(url);
    const account = newAccount();
    for (const event of eventsApart(5, 'cus_noise', { account })) await postConnect(running, event);
    let byUs = 0;
    const sweep = (): Promise<string[]> =>
      sweepUnknownAccounts(database, (_code, subject) => {
        if (subject === account) byUs += 1;
      });
    // The server may sweep in between: its alarms are in the table.
    const raised = async (): Promise<number> => {
      const [row] = await database.sql<{ count: number }>`
        select coalesce(sum(count), 0)::integer as count from quittance.alarm
        where code = 'unknown_account' and subject = ${account}`;
      return byUs + (row?.count ?? 0);
    };
    await sweep();
    expect(await raised()).toBe(0);
    await database.sql`
      update quittance.unknown_account set first_at = now() - interval '61 s' where account = ${account}`;
    await sweep();
    await sweep();
    expect(await until(async () => (await raised()) || null, 'the alarm')).toBe(1);
  });
});
