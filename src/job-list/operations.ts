import { z } from 'zod';
import { limitSchema, operation, pageSchema } from '../http/operation.ts';
import { JOB_STATES } from './rows.ts';

const job = z
  .object({
    id: z.string(),
    name: z.string(),
    state: z
      .enum(JOB_STATES)
      .describe('retrying: it failed and is tried again. failed: it was tried for the last time'),
    attempts: z.int().describe('Runs so far, the present one included'),
    attempts_max: z.int(),
    last_error: z.string().nullable(),
    run_at: z.iso.datetime().describe('Not before this time'),
    started_at: z.iso.datetime().nullable().describe('When the present run began'),
    created_at: z.iso.datetime(),
    updated_at: z.iso.datetime(),
    queue: z.string().nullable().describe('Jobs of one queue run one at a time'),
    key: z.string().nullable().describe('One job at most waits under it'),
    payload: z.unknown().describe('What it was queued with, secrets struck out'),
  })
  .meta({ id: 'Job', description: 'Work outside the database that is not done; what is done is gone' });

const filter = {
  state: job.shape.state.nullable().default(null),
  name: z.string().max(255).nullable().default(null),
};

const one = { tag: 'Jobs', answer: job };

export const LIST_JOBS = operation({
  id: 'listJobs',
  method: 'GET',
  path: '/api/jobs',
  tag: 'Jobs',
  summary: 'List jobs, the youngest first',
  description: 'Jobs belong to the server, not to a mode.',
  role: 'viewer',
  query: z.strictObject({
    ...filter,
    after: z.coerce.number().int().min(0).nullable().default(null).describe('`next` of the page before'),
    limit: limitSchema,
  }),
  answer: pageSchema(job),
});

export const EXPORT_JOBS = operation({
  id: 'exportJobs',
  method: 'GET',
  path: '/api/exports/jobs',
  tag: 'Jobs',
  summary: 'The same list as CSV, all of it',
  role: 'viewer',
  query: z.strictObject(filter),
  answer: 'text/csv',
});

export const GET_JOB = operation({
  ...one,
  id: 'getJob',
  method: 'GET',
  path: '/api/jobs/{id}',
  summary: 'One job',
  role: 'viewer',
  problems: ['job_not_found'],
});

export const RUN_JOB = operation({
  ...one,
  id: 'runJob',
  method: 'POST',
  path: '/api/jobs/{id}/run',
  summary: 'Run a job now that waits, or one that failed again',
  description: 'A failed one begins anew: all of its attempts are before it.',
  role: 'operator',
  problems: ['job_not_found', 'job_running'],
});

export const REMOVE_JOB = operation({
  ...one,
  id: 'removeJob',
  method: 'DELETE',
  path: '/api/jobs/{id}',
  summary: 'Remove a failed job, which then never runs',
  description: 'Answers with the job as it was.',
  role: 'operator',
  problems: ['job_not_found', 'job_not_failed'],
});

const cronLine = z
  .object({
    name: z.string().describe('The job it queues'),
    spec: z.string().describe('A crontab line, in UTC'),
    ours: z.boolean().describe('One of Quittance’s own'),
    last_run_at: z.iso.datetime().nullable(),
    next_run_at: z.iso.datetime().nullable().describe('Null when the line means no day that ever comes'),
  })
  .meta({ id: 'CronLine', description: 'A line of the timetable' });

export const LIST_CRON = operation({
  id: 'listCron',
  method: 'GET',
  path: '/api/cron',
  tag: 'Jobs',
  summary: 'The timetable: what runs when',
  description: 'As this process was configured; the last run is that of any process.',
  role: 'viewer',
  answer: z.object({ data: z.array(cronLine) }),
});
