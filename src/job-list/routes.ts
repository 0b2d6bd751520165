import type { Clock } from '../clock.ts';
import type { Database } from '../db/database.ts';
import { sqlPlannedEachTime, type Sql } from '../db/sql.ts';
import type { Api } from '../http/api.ts';
import { csvResponse } from '../http/csv.ts';
import { pageOf } from '../http/operation.ts';
import type { Problem } from '../http/problem.ts';
import type { CronLine } from '../jobs/jobs.ts';
import { JOB_COLUMNS, jobPages } from './export.ts';
import { publicJob } from './job.ts';
import { EXPORT_JOBS, GET_JOB, LIST_CRON, LIST_JOBS, REMOVE_JOB, RUN_JOB } from './operations.ts';
import { jobPage, knownCrons, lockJob, removeJob, runNow, type JobRow } from './rows.ts';
import { timetableAt } from './timetable.ts';

// What graphile-worker counts jobs with ends at 2^63; what JavaScript counts with, before.
const JOB_ID = /^\d{1,15}$/;

export interface JobRoutesOptions {
  database: Database;
  clock: Clock;
  /** The lines this process was configured with. */
  timetable: () => readonly CronLine[];
}

/** The queue of jobs and the timetable: what waits, what failed, and a second try. */
export function jobRoutes(api: Api, { database, clock, timetable }: JobRoutesOptions): void {
  api.on(LIST_JOBS, async ({ query: { limit, ...filter } }) => {
    const found = await jobPage(sqlPlannedEachTime(database.pool), { ...filter, limit: limit + 1 });
    return { value: pageOf(found.map(publicJob), limit, ({ id }) => id) };
  });

  api.on(EXPORT_JOBS, async ({ query }) =>
    csvResponse('jobs', JOB_COLUMNS, jobPages(sqlPlannedEachTime(database.pool), query)),
  );

  api.on(GET_JOB, async ({ params }) => {
    const job = await findJob(database.sql, params.id);
    return job ? { value: publicJob(job) } : { problem: NOT_FOUND };
  });

  api.on(RUN_JOB, async ({ params }) =>
    database.transaction(async (sql) => {
      const job = await findJob(sql, params.id);
      if (!job) return { problem: NOT_FOUND };
      if (job.state === 'running') return { problem: RUNNING };
      await runNow(sql, job.id, job.state === 'failed');
      return { value: publicJob((await lockJob(sql, job.id)) ?? job) };
    }),
  );

  api.on(REMOVE_JOB, async ({ params }) =>
    database.transaction(async (sql) => {
      const job = await findJob(sql, params.id);
      if (!job) return { problem: NOT_FOUND };
      if (job.state !== 'failed') return { problem: NOT_FAILED };
      await removeJob(sql, job.id);
      return { value: publicJob(job) };
    }),
  );

  api.on(LIST_CRON, async () => {
    const known = await knownCrons(database.sql);
    return { value: { data: timetableAt(timetable(), known, new Date(clock.now())) } };
  });
}

async function findJob(sql: Sql, id = ''): Promise<JobRow | null> {
  return JOB_ID.test(id) ? lockJob(sql, Number(id)) : null;
}

const NOT_FOUND: Problem = {
  status: 404,
  code: 'job_not_found',
  detail: 'There is no such job: it is done, or was removed.',
};

const RUNNING: Problem = {
  status: 409,
  code: 'job_running',
  detail: 'It runs at this moment. Look again when it has ended.',
};

const NOT_FAILED: Problem = {
  status: 409,
  code: 'job_not_failed',
  detail: 'Only a job that was tried for the last time can be removed; this one may still be done.',
};
