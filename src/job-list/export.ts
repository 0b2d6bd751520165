import type { Sql } from '../db/sql.ts';
import type { Column } from '../http/csv.ts';
import { pagesOf, type Place } from '../http/pages.ts';
import { publicJob } from './job.ts';
import { jobPage, type JobFilter } from './rows.ts';

type Job = ReturnType<typeof publicJob>;

export const JOB_COLUMNS: readonly Column<Job>[] = [
  { name: 'id', cell: (job) => job.id },
  { name: 'name', cell: (job) => job.name },
  { name: 'state', cell: (job) => job.state },
  { name: 'attempts', cell: (job) => job.attempts },
  { name: 'attempts_max', cell: (job) => job.attempts_max },
  { name: 'run_at', cell: (job) => job.run_at },
  { name: 'created_at', cell: (job) => job.created_at },
  { name: 'queue', cell: (job) => job.queue },
  { name: 'key', cell: (job) => job.key },
  { name: 'last_error', cell: (job) => job.last_error },
  { name: 'payload', cell: (job) => JSON.stringify(job.payload) },
];

/** All jobs of a filter, page by page. */
export function jobPages(sql: Sql, filter: Pick<JobFilter, 'name' | 'state'>): AsyncGenerator<Job[], void> {
  return pagesOf(
    async (page: Place<number>) => (await jobPage(sql, { ...filter, ...page })).map(publicJob),
    ({ id }) => Number(id),
  );
}
