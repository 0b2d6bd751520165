import { randomBytes } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import type { SinkDelivery } from '../../src/sinks/delivery.ts';
import type { DeliveryRow } from '../../src/sinks/list-rows.ts';
import { freshDatabase } from '../support/database.ts';
import { eventOf, putEvents, untilDone } from '../support/effects.ts';
import { until } from '../support/quittance.ts';
import { runCommand, runReceiver, runSinks, type Receiver, type RunningSinks } from './support.ts';

const [NEW, OLD] = [0, 0].map(() => `whsec_${randomBytes(32).toString('base64')}`) as [string, string];
const PRIVATE = { secret: NEW, allowPrivateNetwork: true };

let url: string;
let database: Database;
let receiver: Receiver;
let server: RunningSinks;
const handed: SinkDelivery[] = [];

beforeAll(async () => {
  const fresh = await freshDatabase();
  ({ url, database } = fresh);
  receiver = await runReceiver();
  const post = (name: string, events: string[], more = {}) => ({
    name,
    events,
    url: `${receiver.url}/${name}`,
    ...PRIVATE,
    ...more,
  });
  server = await runSinks(fresh, [
    post('crm', ['customer.updated', 'customer.subscription.*'], { secret: `${NEW},${OLD}` }),
    post('flaky', ['charge.*']),
    post('own', ['topup.succeeded'], { accounts: 'own' }),
    post('connected', ['topup.succeeded'], { accounts: 'connected' }),
    post('gone', ['coupon.created']),
    post('hanging', ['invoice.paid', 'price.created']),
    post('guarded', ['tax_rate.created'], { allowPrivateNetwork: false, url: 'https://127.0.0.1/guarded' }),
    post('moved', ['tax_rate.created']),
    {
      name: 'own-code',
      events: ['price.created', 'plan.created'],
      deliver: (delivery) => {
        handed.push(delivery);
        if (delivery.type === 'plan.created' && delivery.attempt === 1) throw new Error('not in the mood');
      },
    },
  ]);
});

describe('an event', () => {
  it("is posted once as a Standard Webhook that every secret verifies, with Stripe's bytes", async () => {
    const event = eventOf('cus_crm');
    // A number that does not survive JSON.parse and JSON.stringify.
    const body = JSON.stringify(event).replace('"livemode"', '"exact": 1.10, "livemode"');
    for (let n = 0; n < 2; n += 1) expect((await server.post(body)).status).toBe(200);
    const delivery = await server.untilStatus('crm', event, 'delivered');
    const replay = await server.api(`/api/events/${event.id}/replay`, {
      method: 'POST',
      body: '{"force":true}',
    });
    expect(replay.status).toBe(202);
    await untilDone(database, [event]);
    const happened = new Date(Number(event.created) * 1000).toISOString();
    const [post, ...more] = receiver.at('/crm') as [ReturnType<Receiver['at']>[0]];
    expect(more).toEqual([]);
    expect(post.body).toBe(`{"type":"customer.updated","timestamp":"${happened}","data":${body}}`);
    expect(post.headers['webhook-id']).toBe(delivery.id);
    for (const secret of [NEW, OLD]) {
      const headers = post.headers as Record<string, string>;
      expect(new Webhook(secret).verify(post.body, headers)).toMatchObject({ data: { id: event.id } });
      expect(() => new Webhook(secret).verify(`${post.body} `, headers)).toThrow('No matching signature');
    }
    expect(await server.counts('crm')).toEqual({ delivered: 1 });
  });

  it('comes to the sinks that want its type and its accounts, and to no others', async () => {
    const [mine, theirs] = [
      eventOf('tu_1', { type: 'topup.succeeded' }),
      eventOf('tu_2', { type: 'topup.succeeded', account: 'acct_1' }),
    ];
    await putEvents(database, [mine, theirs]);
    server.quittance.wake();
    await server.untilStatus('own', mine, 'delivered');
    await server.untilStatus('connected', theirs, 'delivered');
    expect(await server.deliveriesOf('own', theirs)).toEqual([]);
    expect(await server.deliveriesOf('connected', mine)).toEqual([]);
    expect(await server.deliveriesOf('crm', mine)).toEqual([]);
  });

  it('is handed to a function, and again after a throw', async () => {
    const event = eventOf('plan_1', { type: 'plan.created' });
    await server.post(event);
    await server.untilAttempts('own-code', event, 1);
    const { id } = await server.untilStatus('own-code', event, 'delivered');
    const mine = handed.filter((delivery) => delivery.type === 'plan.created');
    expect(mine.map((delivery) => delivery.attempt)).toEqual([1, 2]);
    expect(mine[1]).toMatchObject({ id, account: null, livemode: false, event: { id: event.id } });
  });
});

describe('a sink that does not take an event', () => {
  it('gets it again under the same id, until it takes it', async () => {
    receiver.answer('/flaky', 500);
    const event = eventOf('ch_1', { type: 'charge.succeeded' });
    await server.post(event);
    const first = await server.untilAttempts('flaky', event, 1);
    expect(first).toMatchObject({ status: 'pending', response_status: 500, last_error: 'answered 500' });
    expect(Date.parse(first.next_attempt_at as string)).toBeGreaterThan(
      Date.parse(first.last_attempt_at as string),
    );
    receiver.answer('/flaky', 204);
    expect(await server.untilStatus('flaky', event, 'delivered')).toMatchObject({
      attempts: 2,
      last_error: null,
    });
    const ids = receiver.at('/flaky').map(({ headers }) => headers['webhook-id']);
    expect(ids).toEqual([first.id, first.id]);
  });

  it('is told no more after the twelfth attempt, and a person is', async () => {
    receiver.answer('/flaky', 400);
    const event = eventOf('ch_2', { type: 'charge.failed' });
    await server.post(event);
    await server.untilAttempts('flaky', event, 1);
    await database.sql`update quittance.sink_delivery set attempts = 10 where type = 'charge.failed'`;
    expect(await server.untilStatus('flaky', event, 'dead')).toMatchObject({ attempts: 12 });
    expect(server.alarms().filter((alarm) => alarm === 'sink_dead flaky')).toHaveLength(1);
  });

  it('with 410 is told no more of it at once, and is told again when somebody asks for it', async () => {
    receiver.answer('/gone', 410);
    const event = eventOf('coupon_1', { type: 'coupon.created' });
    await server.post(event);
    const dead = await server.untilStatus('gone', event, 'dead');
    expect(dead).toMatchObject({ attempts: 1, response_status: 410, next_attempt_at: null });
    // Asked twice while the answer is on its way: the second finds nothing that has ended.
    receiver.answer('/gone', null);
    const replay = async (body: unknown): Promise<unknown> =>
      (await server.sinksApi('/api/sinks/gone/replay', body)).json();
    expect(await replay({ type: 'charge.refunded' })).toEqual({ queued: 0, more: false });
    expect(await replay({ status: 'delivered' })).toEqual({ queued: 0, more: false });
    expect(await replay({ from: '2020-01-01T00:00:00Z' })).toEqual({ queued: 1, more: false });
    expect(await replay({ ids: [dead.id] })).toEqual({ queued: 0, more: false });
    await until(async () => receiver.at('/gone').length === 2, 'the replay');
    expect(new Set(receiver.at('/gone').map(({ headers }) => headers['webhook-id']))).toEqual(
      new Set([dead.id]),
    );
  });

  it('is kept out of private networks, and redirects are not followed', async () => {
    receiver.answer('/moved', 302);
    const event = eventOf('txr_1', { type: 'tax_rate.created' });
    await server.post(event);
    const refused = await server.untilAttempts('guarded', event, 1);
    expect(refused.last_error).toMatch(/^outbound_address_refused: /);
    expect(await server.untilAttempts('moved', event, 1)).toMatchObject({
      response_status: 302,
      status: 'pending',
    });
    expect(receiver.at('/guarded')).toEqual([]);
    expect(receiver.at('/elsewhere')).toEqual([]);
  });

  it('holds up neither another sink nor the event log while it hangs, and rests afterwards', async () => {
    receiver.answer('/hanging', null);
    const paid = Array.from({ length: 20 }, (_, n) => eventOf(`in_${n}`, { type: 'invoice.paid' }));
    await putEvents(database, paid);
    server.quittance.wake();
    await until(async () => receiver.at('/hanging').length > 0, 'the sink to hang');
    const event = eventOf('price_1', { type: 'price.created' });
    await server.post(event);
    await untilDone(database, [event]);
    await server.untilStatus('own-code', event, 'delivered');
    expect(await server.deliveriesOf('hanging', event)).toMatchObject([{ status: 'pending', attempts: 0 }]);
    receiver.drop();
    await until(async () => {
      const { data } = (await (await server.sinksApi('/api/sinks')).json()) as {
        data: { name: string; rests_until: string | null }[];
      };
      return data.find(({ name }) => name === 'hanging')?.rests_until;
    }, 'the sink to rest');
    // One round of sixteen was tried, of the twenty-one that wait.
    expect(receiver.at('/hanging')).toHaveLength(16);
    receiver.answer('/hanging', 200);
    for (const each of [...paid, event]) await server.untilStatus('hanging', each, 'delivered');
  });
});

describe('the API of sinks', () => {
  it('is closed without the key, lists every sink, and says what is wrong', async () => {
    expect((await server.sinksApi('/api/sinks', undefined, {})).status).toBe(401);
    await database.sql`
      insert into quittance.sink_delivery (id, sink, seq, type)
      select 'msg_old', 'former', min(seq), 'x' from quittance.event`;
    const { data } = (await (await server.sinksApi('/api/sinks')).json()) as { data: { name: string }[] };
    expect(data).toHaveLength(10);
    expect(data[0]).toEqual({
      name: 'crm',
      configured: true,
      events: ['customer.updated', 'customer.subscription.*'],
      accounts: 'all',
      origin: receiver.url,
      pending: 0,
      delivered: 1,
      dead: 0,
      oldest_pending: null,
      rests_until: null,
    });
    expect(data.at(-1)).toMatchObject({ name: 'former', configured: false, pending: 1 });
    const codeOf = async (path: string, body?: unknown): Promise<string> => {
      const problem = (await (await server.sinksApi(path, body)).json()) as { code: string; field?: string };
      return `${problem.code} ${problem.field ?? ''}`.trim();
    };
    expect(await codeOf('/api/sinks/nobody/deliveries')).toBe('sink_not_found');
    expect(await codeOf('/api/sinks/former/replay', {})).toBe('sink_not_found');
    expect(await codeOf('/api/sinks/crm/deliveries?status=lost')).toBe('invalid_request status');
    expect(await codeOf('/api/sinks/crm/deliveries?page=2')).toBe('invalid_request page');
    expect(await codeOf('/api/sinks/crm/replay', { ids: ['evt_1'] })).toBe('invalid_request ids');
    expect(await codeOf('/api/sinks/crm/replay', { since: 'ever' })).toBe('invalid_request since');
    expect(await codeOf('/api/sinks/crm/replay', [])).toBe('invalid_request');
  });

  it('pages through deliveries in the order of the log', async () => {
    const page = async (after: number): Promise<{ data: DeliveryRow[]; next: number | null }> => {
      const answer = await server.sinksApi(`/api/sinks/hanging/deliveries?limit=15&after=${after}`);
      return (await answer.json()) as { data: DeliveryRow[]; next: number | null };
    };
    const first = await page(0);
    const second = await page(first.next as number);
    expect([first.data.length, second.data.length, second.next]).toEqual([15, 6, null]);
    const seqs = [...first.data, ...second.data].map(({ seq }) => seq);
    expect(seqs).toEqual(seqs.toSorted((a, b) => a - b));
  });

  it('is at the command line too', async () => {
    const run = (...argv: string[]): Promise<string> => runCommand(url, argv);
    expect(await run('list')).toMatch(/^crm +0 pending {2}1 delivered {2}0 dead$/m);
    const [line] = (await run('deliveries', 'flaky', '--status', 'dead', '--json')).split('\n') as [string];
    const { id, status } = JSON.parse(line) as DeliveryRow;
    expect(status).toBe('dead');
    receiver.answer('/flaky', 200);
    expect(await run('replay', 'flaky', '--id', id)).toBe('1 queued again.\n');
    await until(async () => receiver.at('/flaky').at(-1)?.headers['webhook-id'] === id, 'the replay');
    const audit = await server.api('/api/audit?action=replaySinkDeliveries&actor=cli');
    expect(await audit.json()).toMatchObject({ data: [{ target: 'flaky', detail: { ids: [id] } }] });
    await expect(run('replay', 'flaky', '--from', 'yesterday')).rejects.toThrow('--from');
  });
});
