import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { enqueueOn } from '../../src/jobs/enqueue.ts';
import { nextRun } from '../../src/jobs/crontab.ts';
import { freshDatabase } from '../support/database.ts';
import { runQuittance, until, type Running } from '../support/quittance.ts';

interface Job {
  id: string;
  name: string;
  state: string;
  attempts: number;
  last_error: string | null;
  payload: unknown;
}

interface Page {
  data: Job[];
  next: string | null;
}

let database: Database;
let running: Running;
let isMended = false;
const ran: unknown[] = [];
let letGo: () => void;
const held = new Promise<void>((resolve) => (letGo = resolve));

beforeAll(async () => {
  const { url, database: opened } = await freshDatabase();
  database = opened;
  running = await runQuittance(url, {
    jobs: {
      broken: (payload) => {
        if (!isMended) throw new Error('the mail server said no to sk_test_abcdefgh12345678');
        ran.push(payload);
      },
      receipt: (payload) => void ran.push(payload),
      endless: () => held,
      nightly: () => {},
    },
    cron: { '30 4 * * *': 'nightly' },
  });
});

async function ask(path: string, method = 'GET'): Promise<{ status: number; body: unknown }> {
  const response = await running.api(path, { method });
  return { status: response.status, body: await response.json() };
}

async function jobsOf(query: string): Promise<Job[]> {
  return ((await ask(`/api/jobs?${query}`)).body as Page).data;
}

/** Queues a job that has one attempt only, and waits until it has failed. */
async function failed(payload: Record<string, unknown>): Promise<Job> {
  const rows = await database.sql<{ id: string }>`
    select id::text
    from graphile_worker.add_job('broken', ${JSON.stringify(payload)}::json, max_attempts => 1)`;
  const id = rows[0]?.id;
  return until(async () => (await jobsOf('state=failed')).find((job) => job.id === id), 'the job failed');
}

const inAnHour = (): Date => new Date(Date.now() + 3_600_000);

describe('a job that failed for the last time', () => {
  it('is found, tells why without secrets, and is done when it is run again', async () => {
    isMended = false;
    const job = await failed({ mail: 'ann@example.com', client_secret: 'abc', note: 'whsec_abcdefghijkl' });
    expect(job).toMatchObject({
      name: 'broken',
      attempts: 1,
      payload: { mail: 'ann@example.com', client_secret: '[redacted]', note: '[redacted]' },
    });
    expect(job.last_error).toContain('the mail server said no to [redacted]');
    expect(await jobsOf('state=failed&name=receipt')).toEqual([]);
    isMended = true;
    const again = await ask(`/api/jobs/${job.id}/run`, 'POST');
    expect(again).toMatchObject({ status: 200, body: { state: 'queued', attempts: 0 } });
    await until(async () => (await ask(`/api/jobs/${job.id}`)).status === 404, 'it is done');
    expect(ran).toContainEqual(expect.objectContaining({ client_secret: 'abc' }));
    const audit = await database.sql`
      select outcome from quittance.audit where action = 'runJob' and target = ${job.id} order by seq`;
    expect(audit).toEqual([{ outcome: null }, { outcome: 'done' }]);
  });

  it('can be removed; one that may still be done can not', async () => {
    isMended = false;
    const { id } = await failed({});
    expect(await ask(`/api/jobs/${id}`, 'DELETE')).toMatchObject({ status: 200, body: { state: 'failed' } });
    expect(await ask(`/api/jobs/${id}`)).toMatchObject({ status: 404, body: { code: 'job_not_found' } });
    await enqueueOn(database.sql)('receipt', { later: 1 }, { runAt: inAnHour() });
    const [waiting] = await jobsOf('name=receipt&state=queued');
    expect(await ask(`/api/jobs/${waiting?.id}`, 'DELETE')).toMatchObject({
      status: 409,
      body: { code: 'job_not_failed' },
    });
    expect(await jobsOf('name=receipt&state=queued')).toHaveLength(1);
  });
});

describe('jobs that are not done', () => {
  it('are run before their time when somebody says so', async () => {
    await enqueueOn(database.sql)('receipt', { soon: 1 }, { runAt: inAnHour(), key: 'soon' });
    const [job] = await jobsOf('name=receipt&state=queued');
    expect(job).toMatchObject({ key: 'soon', payload: { soon: 1 } });
    expect((await ask(`/api/jobs/${job?.id}/run`, 'POST')).status).toBe(200);
    await until(async () => ran.some((payload) => JSON.stringify(payload) === '{"soon":1}'), 'it ran');
  });

  it('wait after a failure, run, and are left alone while they do', async () => {
    isMended = false;
    const enqueue = enqueueOn(database.sql);
    await enqueue('broken', { tries: 25 });
    await until(async () => (await jobsOf('name=broken&state=retrying')).length === 1, 'it is tried again');
    await enqueue('endless');
    const job = await until(async () => (await jobsOf('state=running'))[0], 'it runs');
    expect(job.name).toBe('endless');
    expect(await ask(`/api/jobs/${job.id}/run`, 'POST')).toMatchObject({
      status: 409,
      body: { code: 'job_running' },
    });
    letGo();
    await until(async () => (await ask(`/api/jobs/${job.id}`)).status === 404, 'it has ended');
  });

  it('are listed page by page, each once', async () => {
    const enqueue = enqueueOn(database.sql);
    for (let count = 0; count < 5; count += 1) await enqueue('receipt', { count }, { runAt: inAnHour() });
    const seen: string[] = [];
    let after: string | null = '';
    while (after !== null) {
      const query: string = after === '' ? '' : `&after=${after}`;
      const { body } = await ask(`/api/jobs?name=receipt&limit=2${query}`);
      const { data, next } = body as Page;
      seen.push(...data.map(({ id }) => id));
      after = next;
    }
    expect(seen).toEqual((await jobsOf('name=receipt')).map(({ id }) => id));
    expect(new Set(seen).size).toBe(seen.length);
    const csv = await (await running.api('/api/exports/jobs?name=receipt')).text();
    const [head, ...lines] = csv.trimEnd().split('\r\n');
    expect(head).toMatch(/^id,name,state,/);
    expect(lines.map((line) => line.split(',')[0])).toEqual(seen);
    expect(seen.length).toBeGreaterThanOrEqual(5);
  });

  it('want the key to open and a state there is', async () => {
    expect((await fetch(`${running.url}/api/jobs`)).status).toBe(401);
    expect(await ask('/api/jobs?state=lost')).toMatchObject({ status: 400, body: { field: 'state' } });
    expect((await ask('/api/jobs/abc')).status).toBe(404);
  });
});

describe('the timetable', () => {
  it('shows the app’s lines and ours, with the last run and the next', async () => {
    const last = '2026-11-28T04:30:00.000Z';
    await database.sql`
      update graphile_worker._private_known_crontabs set last_execution = ${last}
      where identifier = 'nightly 30 4 * * *'`;
    const { data } = (await ask('/api/cron')).body as { data: Record<string, unknown>[] };
    const nightly = data.find(({ name }) => name === 'nightly');
    expect(nightly).toMatchObject({ spec: '30 4 * * *', ours: false, last_run_at: last });
    expect(String(nightly?.next_run_at)).toMatch(/T04:30:00.000Z$/);
    expect(Date.parse(String(nightly?.next_run_at))).toBeGreaterThan(Date.now());
    expect(data).toContainEqual(expect.objectContaining({ name: 'quittance.tidy_entrances', ours: true }));
  });

  it('reads what a line means', () => {
    const next = (spec: string, now: string): string | undefined =>
      nextRun(spec, 'x', new Date(now))?.toISOString();
    expect(next('*/5 * * * *', '2026-11-30T12:05:00Z')).toBe('2026-11-30T12:10:00.000Z');
    expect(next('0 0 29 2 *', '2026-11-30T12:00:00Z')).toBe('2028-02-29T00:00:00.000Z');
    expect(next('0 9 1 * 1', '2026-11-30T10:00:00Z')).toBe('2026-12-01T09:00:00.000Z');
    expect(next('0 0 30 2 *', '2026-11-30T12:00:00Z')).toBeUndefined();
  });
});
