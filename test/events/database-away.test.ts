import { describe, expect, it, onTestFinished } from 'vitest';
import { emptyDatabase, freshDatabase } from '../support/database.ts';
import { makeEvent } from '../support/events.ts';
import { FaultProxy } from '../support/fault-proxy.ts';
import { runQuittance, until, type Running } from '../support/quittance.ts';

interface Readiness {
  ready: boolean;
  checks: Record<string, { ok: boolean; why?: string }>;
}

async function readiness({ url }: Running): Promise<Readiness & { status: number }> {
  const answer = await fetch(`${url}/readyz`);
  return { status: answer.status, ...((await answer.json()) as Readiness) };
}

const untilReady = (running: Running): Promise<true> =>
  until(async () => (await readiness(running)).ready, 'the server to be ready');

/** Alive, not ready and saying why, and answering 503 in time. Returns the reason. */
async function expectAway(running: Running): Promise<string> {
  expect((await fetch(`${running.url}/healthz`)).status).toBe(200);
  const started = performance.now();
  const answer = await running.post(makeEvent());
  expect(performance.now() - started).toBeLessThan(12_000);
  expect(answer.status).toBe(503);
  expect(answer.headers.get('retry-after')).toMatch(/^\d+$/);
  expect(await answer.json()).toMatchObject({ code: 'storage_unavailable' });
  const ready = await readiness(running);
  expect(ready.status).toBe(503);
  const reasons = Object.values(ready.checks).flatMap(({ ok, why }) => (ok ? [] : [why]));
  expect(reasons.length).toBeGreaterThan(0);
  for (const reason of reasons) expect(reason).toMatch(/\w{3}/);
  return reasons.join('; ');
}

/** Lines that production writes: without those for debugging. */
const loudLines = ({ log }: Running): number => log.lines().filter(({ level }) => Number(level) > 20).length;

/** An event is stored and worked on. */
async function expectWorking(running: Running): Promise<void> {
  const event = makeEvent();
  expect((await running.post(event)).status).toBe(200);
  await until(async () => {
    const answer = (await (await running.api(`/api/events/${event.id}`)).json()) as { status: string };
    return answer.status === 'done';
  }, 'the event to be worked on');
}

async function proxyTo(url: string): Promise<FaultProxy> {
  const proxy = await new FaultProxy(url).listen();
  onTestFinished(() => proxy.close());
  return proxy;
}

const handlers = { 'customer.updated': (): void => {} };

describe('case 22: the database at boot', () => {
  it('that is down is waited for, with few words, and then all works', async () => {
    const { url } = await emptyDatabase(40);
    const proxy = await proxyTo(url);
    await proxy.refuse();
    const running = await runQuittance(proxy.url, { handlers });
    expect(await expectAway(running)).toContain('ECONNREFUSED');
    for (let round = 0; round < 100; round += 1) expect((await running.post(makeEvent())).status).toBe(503);
    const page = await fetch(`${running.url}/api/events`, { headers: { authorization: 'Bearer no' } });
    expect(page.status).toBe(401);
    expect(loudLines(running)).toBeLessThan(10);
    await proxy.listen();
    await running.quittance.whenReady();
    await untilReady(running);
    await expectWorking(running);
  });

  it('that has not enough connections for us is waited for too, at whatever point it happens', async () => {
    // With none we do not get in, with one not through the migrations, with two not to the heartbeat, with
    // more not to the work.
    const servers = await Promise.all(
      [0, 1, 2, 3, 4].map(async (limit) => {
        const { url, limitConnections } = await emptyDatabase(limit);
        return { limitConnections, running: await runQuittance(url, { handlers }) };
      }),
    );
    const healed = servers.map(async ({ running, limitConnections }) => {
      await until(async () => running.log.text().includes('too many connections'), 'the trouble');
      expect((await fetch(`${running.url}/healthz`)).status).toBe(200);
      await limitConnections(40);
      await running.quittance.whenReady();
      await untilReady(running);
      await expectWorking(running);
      expect(loudLines(running)).toBeLessThan(20);
    });
    await Promise.all(healed);
  });
});

describe('case 22: the database later', () => {
  it('that goes down is noticed, with few words, and then all works again', async () => {
    const { url } = await freshDatabase();
    const proxy = await proxyTo(url);
    const running = await runQuittance(proxy.url, { handlers });
    await expectWorking(running);
    const before = loudLines(running);
    await proxy.refuse();
    await expectAway(running);
    for (let round = 0; round < 200; round += 1) expect((await running.post(makeEvent())).status).toBe(503);
    const asked = await running.api('/api/events');
    expect([asked.status, await asked.json()]).toEqual([
      503,
      expect.objectContaining({ code: 'storage_unavailable' }),
    ]);
    await until(async () => running.log.text().includes('heartbeat failed'), 'a heartbeat to fail');
    expect(loudLines(running) - before).toBeLessThan(20);
    await proxy.listen();
    // No event has to come for it to be ready again.
    await untilReady(running);
    await expectWorking(running);
  });

  it('that falls silent is noticed in time, at boot as later, and then all works again', async () => {
    const { url } = await freshDatabase();
    const atBoot = async (proxy: FaultProxy): Promise<Running> => {
      proxy.set({ toServer: 'swallow' });
      return runQuittance(proxy.url, { handlers });
    };
    const later = async (proxy: FaultProxy): Promise<Running> => {
      const running = await runQuittance(proxy.url, { handlers }, { work: false });
      await untilReady(running);
      proxy.set({ toServer: 'swallow', toClient: 'swallow' });
      return running;
    };
    await Promise.all(
      [atBoot, later].map(async (fallSilent) => {
        const proxy = await proxyTo(url);
        const running = await fallSilent(proxy);
        const asked = performance.now();
        expect((await readiness(running)).checks.database).toMatchObject({ ok: false });
        expect(performance.now() - asked).toBeLessThan(5_000);
        await expectAway(running);
        proxy.set({ toServer: 'pass', toClient: 'pass' });
        proxy.cut();
        await untilReady(running);
        expect((await running.post(makeEvent())).status).toBe(200);
      }),
    );
  });

  it('that becomes read-only, as one does whose disk is full, is left and found again', async () => {
    const { url, database } = await freshDatabase();
    const running = await runQuittance(url, { handlers });
    await expectWorking(running);
    const name = new URL(url).pathname.slice(1);
    const dropConnections = (): Promise<unknown> => database.sql`
      select pg_terminate_backend(pid) from pg_stat_activity
      where datname = ${name} and application_name like 'quittance %'`;
    await database.pool.query(`alter database ${name} set default_transaction_read_only = on`);
    await dropConnections();
    await expectAway(running);
    await until(async () => (await expectAway(running)).includes('read-only'), 'the reason');
    // Reading goes on.
    expect((await running.api('/api/events')).status).toBe(200);
    // The connections that stand now can only read: nobody cuts them, and all works again.
    await database.pool.query(`alter database ${name} reset default_transaction_read_only`);
    await untilReady(running);
    await expectWorking(running);
  });
});
