import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import type { JobContext } from '../../src/jobs/context.ts';
import { freshDatabase } from '../support/database.ts';
import {
  effectsOf,
  effectTable,
  eventOf,
  putEvents,
  record,
  untilDone,
  untilStatus,
} from '../support/effects.ts';
import { runQuittance, until } from '../support/quittance.ts';

let url: string;
let database: Database;

beforeAll(async () => {
  ({ url, database } = await freshDatabase());
  await effectTable(database);
});

async function queued(task: string): Promise<{ id: number; attempts: number; locked_by: string | null }[]> {
  return database.sql`
    select id, attempts, locked_by from graphile_worker.jobs where task_identifier = ${task} order by id`;
}

/** Makes waiting jobs due: graphile-worker's own back-off is seconds to hours. */
async function hurry(): Promise<void> {
  await database.sql`update graphile_worker._private_jobs set run_at = now() where locked_by is null`;
}

describe('a job', () => {
  it('exists only if the transaction that queued it commits', async () => {
    const [kept, undone] = [eventOf('cus_kept'), eventOf('cus_undone', { note: 'fail' })];
    await putEvents(database, [kept, undone]);
    const ran: unknown[] = [];
    await runQuittance(url, {
      handlers: {
        'customer.updated': async (context) => {
          await context.enqueue('tell', context.object.id);
          await record(context);
          if (context.object.note === 'fail') throw new Error('undone');
        },
      },
      jobs: { tell: (payload) => ran.push(payload) },
      drain: { backoff: () => 3600 },
    });
    await untilStatus(database, undone, 'retrying');
    await until(async () => ran.length > 0, 'the job');
    expect(await effectsOf(database, [kept, undone])).toHaveLength(1);
    await until(async () => (await queued('tell')).length === 0, 'the queue to be empty');
    expect(ran).toEqual(['cus_kept']);
  });

  it('keeps its idempotency key over every try, and another job has another', async () => {
    const runs: Pick<JobContext, 'idempotencyKey' | 'attempt'>[] = [];
    const event = eventOf('cus_key', { type: 'customer.created' });
    const { quittance } = await runQuittance(url, {
      handlers: {
        'customer.created': async ({ enqueue }) => {
          await enqueue('charge', { n: 1 });
          await enqueue('charge', { n: 1 });
        },
      },
      jobs: {
        charge: (payload, { idempotencyKey, attempt }) => {
          expect(payload).toEqual({ n: 1 });
          runs.push({ idempotencyKey, attempt });
          if (attempt < 3) throw new Error('not yet');
        },
      },
    });
    await putEvents(database, [event]);
    quittance.wake();
    await untilDone(database, [event]);
    await until(async () => {
      await hurry();
      return (await queued('charge')).length === 0;
    }, 'both jobs to be done');
    const keys = [...new Set(runs.map(({ idempotencyKey }) => idempotencyKey))];
    expect(keys).toHaveLength(2);
    for (const key of keys) {
      expect(key).toMatch(/^job_[0-9a-f-]{36}$/);
      const attempts = runs
        .filter(({ idempotencyKey }) => idempotencyKey === key)
        .map(({ attempt }) => attempt);
      expect(attempts).toEqual([1, 2, 3]);
    }
  });

  it('that waits under a key is replaced, and one for later waits', async () => {
    const ran: unknown[] = [];
    const event = eventOf('cus_later', { type: 'customer.created' });
    const { quittance } = await runQuittance(url, {
      handlers: {
        'customer.created': async ({ enqueue }) => {
          const runAt = new Date(Date.now() + 3_600_000);
          for (const n of [1, 2, 3]) await enqueue('digest', n, { key: 'one-digest', runAt });
        },
      },
      jobs: { digest: (payload) => ran.push(payload) },
    });
    await putEvents(database, [event]);
    quittance.wake();
    await untilDone(database, [event]);
    expect(await queued('digest')).toHaveLength(1);
    expect(ran).toEqual([]);
    await hurry();
    await until(async () => ran.length > 0, 'the digest');
    expect(ran).toEqual([3]);
  });

  it('works without a Stripe key, and is told what is missing only when it asks for Stripe', async () => {
    const seen: unknown[] = [];
    const event = eventOf('cus_no_key', { type: 'customer.created' });
    await putEvents(database, [event]);
    await runQuittance(url, {
      handlers: { 'customer.created': ({ enqueue }) => enqueue('plain') },
      jobs: {
        plain: (payload, context) => {
          seen.push(payload);
          try {
            seen.push(context.stripe);
          } catch (error) {
            seen.push((error as { code: string }).code);
          }
        },
      },
    });
    await until(async () => seen.length > 0, 'the job');
    expect(seen).toEqual([null, 'stripe_not_configured']);
  });

  it('that somebody queued by SQL has its payload and a key of its own', async () => {
    const seen: unknown[] = [];
    await runQuittance(url, {
      jobs: { foreign: (payload, { idempotencyKey }) => seen.push(payload, idempotencyKey) },
    });
    const [job] = await database.sql<{ id: number }>`
      select id from graphile_worker.add_job('foreign', '{"from":"psql"}'::json)`;
    await until(async () => seen.length > 0, 'the job');
    expect(seen).toEqual([{ from: 'psql' }, `job_${job?.id}`]);
  });

  it('goes on when the connections of the queue are cut, again and again', async () => {
    const ran: unknown[] = [];
    const { log } = await runQuittance(url, {
      jobs: {
        sturdy: async (payload) => {
          await new Promise((resolve) => setTimeout(resolve, 20));
          ran.push(payload);
        },
      },
    });
    for (let round = 0; round < 5; round += 1) {
      await database.sql`
        select graphile_worker.add_job('sturdy', json_build_object('payload', n, 'key', ${`r${round}_`} || n))
        from generate_series(1, 20) as n`;
      await database.sql`
        select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and application_name = 'quittance jobs'`;
      await until(async () => ran.length > round * 5, 'some jobs');
    }
    await until(async () => {
      await hurry();
      return (await queued('sturdy')).length === 0;
    }, 'all jobs to be done');
    expect(ran.length).toBeGreaterThanOrEqual(100);
    expect(log.text()).not.toContain('unhandled');
  });
});

describe('the timetable', () => {
  it('refuses what is no crontab line, and a job nobody declared', async () => {
    await runQuittance(url, {
      declare: (quittance) => {
        for (const spec of ['every day', '* * * *', '61 * * * *', '']) {
          expect(() => quittance.cron(spec, 'x')).toThrow(/is no crontab line/);
        }
        for (const name of ['', '9lives', 'a b']) {
          expect(() => quittance.job(name, () => {})).toThrow(/needs a function and a new name/);
        }
      },
    });
    await expect(runQuittance(url, { cron: { '0 6 * * *': 'nobody' } })).rejects.toMatchObject({
      code: 'invalid_cron',
    });
  });

  it('may name the same job twice', async () => {
    const { quittance } = await runQuittance(url, {
      declare: (made) =>
        made
          .job('twice', () => {})
          .cron('0 6 * * *', 'twice')
          .cron('0 18 * * *', 'twice')
          .cron('0 18 * * *', 'twice'),
    });
    await until(async () => {
      const rows = await database.sql<{ identifier: string }>`
        select identifier from graphile_worker._private_known_crontabs where identifier like 'twice%'`;
      return rows.length === 2;
    }, 'both lines');
    expect(quittance.id).toBeTruthy();
  });

  it('gives the job the time it stands for as its key, the same in every process, at every try', async () => {
    const runs: string[] = [];
    await runQuittance(url, {
      jobs: {
        nightly: (payload, { idempotencyKey, attempt }) => {
          expect(payload).toBeNull();
          runs.push(idempotencyKey);
          if (attempt < 2) throw new Error('again');
        },
      },
    });
    // As graphile-worker queues it from the timetable.
    await database.sql`
      select graphile_worker.add_job('nightly', '{"_cron":{"ts":"2026-11-21T06:00:00.000Z"}}'::json)`;
    await until(async () => {
      await hurry();
      return runs.length === 2;
    }, 'both runs');
    expect(new Set(runs)).toEqual(new Set(['cron_nightly_2026-11-21T06:00:00.000Z']));
  });
});
