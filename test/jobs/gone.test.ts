import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { ForgottenJobs } from '../../src/jobs/forgotten.ts';
import { freshDatabase } from '../support/database.ts';
import { detailOf, effectTable, eventOf, gate, putEvents } from '../support/effects.ts';
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

describe('the jobs of a process that is gone', () => {
  it('and those it has locked without knowing it are given back, and no others', async () => {
    const forgotten = new ForgottenJobs();
    const locked = async (): Promise<string[]> => {
      const rows = await database.sql<{ id: string }>`
        select id::text as id from graphile_worker.jobs where locked_by = 'pool-x' order by jobs.id`;
      return rows.map(({ id }) => id);
    };
    await database.sql`
      with made as (
        select (graphile_worker.add_job('nobody', queue_name => 'q' || n)).id from generate_series(1, 3) as n)
      select count(*) from made`;
    const lock = (at: Date): Promise<unknown> => database.sql`
      update graphile_worker._private_jobs set locked_by = 'pool-x', locked_at = ${at}
      where task_id = (select id from graphile_worker._private_tasks where identifier = 'nobody')`;
    await lock(new Date());
    // graphile-worker locks a job's queue with the job.
    await database.sql`
      update graphile_worker._private_job_queues set locked_by = 'pool-x', locked_at = now()`;
    const lockedQueues = async (): Promise<string[]> => {
      const rows = await database.sql<{ id: string }>`
        select job.id::text as id from graphile_worker._private_job_queues as queue
        join graphile_worker._private_jobs as job on job.job_queue_id = queue.id
        where queue.locked_by = 'pool-x' order by job.id`;
      return rows.map(({ id }) => id);
    };
    const [running, lost, relocked] = (await locked()) as [string, string, string];
    const look = (): Promise<void> => forgotten.giveBack(database.sql, ['pool-x'], new Set([running]));
    await look();
    expect(await locked()).toHaveLength(3);
    // Taken again between the looks: on its way to somebody.
    await database.sql`
      update graphile_worker._private_jobs set locked_at = now() where id = ${relocked}::bigint`;
    await look();
    expect(await locked()).toEqual([running, relocked]);
    expect(await lockedQueues()).toEqual([running, relocked]);
    expect(lost).toBeTruthy();
    await database.sql`
      delete from graphile_worker._private_jobs where locked_by = 'pool-x' or locked_by is null`;
  });

  it('are run elsewhere once it has been silent for 20 s', async () => {
    const event = eventOf('cus_gone', { type: 'customer.created' });
    await putEvents(database, [event]);
    let taken: string | undefined;
    const finish = gate();
    const first = await runQuittance(url, {
      handlers: { 'customer.created': ({ enqueue }) => enqueue('orphan', 1) },
      jobs: {
        orphan: (_, { idempotencyKey }) => {
          taken = idempotencyKey;
          return finish.opened;
        },
      },
    });
    await until(async () => taken, 'the job to be taken');
    const [locked] = await queued('orphan');
    // What it locks jobs under is what it has told the others.
    const [process] = await database.sql<{ id: string; job_workers: string[] }>`
      select id, job_workers from quittance.process where id = ${first.quittance.id}`;
    expect(process?.job_workers).toEqual([locked?.locked_by]);
    const others: string[] = [];
    const second = await runQuittance(url, {
      jobs: { orphan: (_, { idempotencyKey }) => others.push(idempotencyKey) },
    });
    // Alive, it keeps its job.
    expect(others).toEqual([]);
    await until(async () => {
      await database.sql`
        update quittance.process set beat_at = now() - interval '21 seconds'
        where id = ${first.quittance.id}`;
      return others.length > 0;
    }, 'the job to be run by the other');
    expect(others).toEqual([taken]);
    expect(second.log.lines().some((line) => line.process === first.quittance.id)).toBe(true);
    expect(await detailOf(database, event)).toMatchObject({ status: 'done' });
    finish.open();
  });
});
