import { z } from 'zod';
import { idPage, livemodeFilter, operation, pageSchema } from '../../http/operation.ts';
import { eventFilters } from '../operations.ts';

const PER_SECOND_DEFAULT = 50;
const PER_SECOND_MAX = 1_000;
const tag = 'Replays';

const filter = z.strictObject({
  ...eventFilters,
  livemode: z.boolean('must be true or false').optional().describe('Without it, the mode of the server'),
});

const run = z
  .object({
    id: z.string(),
    status: z.enum(['running', 'done', 'canceled']),
    livemode: z.boolean(),
    filter: z.object(z.strictObject(eventFilters).shape).describe('Which events'),
    force: z.boolean().describe('Those that are done are run again too'),
    per_second: z.int(),
    total: z.int().describe('How many there were when it began'),
    is_more: z.boolean().describe('There were more than `total`'),
    queued: z.int().describe('Put on the work list so far'),
    skipped: z
      .record(z.string(), z.int())
      .describe('Passed over, by reason: `already_done`, `removed`, or what is wrong with the event'),
    started_by: z.string().describe('Who asked for it'),
    created_at: z.iso.datetime(),
    updated_at: z.iso.datetime(),
    finished_at: z.iso.datetime().nullable(),
  })
  .meta({ id: 'ReplayRun', description: 'Events of a filter that are run again, some a second' });

export const LIST_REPLAYS = operation({
  id: 'listReplays',
  method: 'GET',
  path: '/api/replays',
  tag,
  summary: 'List replays of many events, newest first',
  role: 'viewer',
  query: z.strictObject({ livemode: livemodeFilter, ...idPage }),
  answer: pageSchema(run),
});

export const GET_REPLAY = operation({
  id: 'getReplay',
  method: 'GET',
  path: '/api/replays/{id}',
  tag,
  summary: 'One replay and how far it is',
  role: 'viewer',
  answer: run,
  problems: ['replay_not_found'],
});

export const START_REPLAY = operation({
  id: 'startReplay',
  method: 'POST',
  path: '/api/replays',
  tag,
  summary: 'Run all events of a filter again',
  description:
    'First with `dry_run`, which only counts. Then it goes through the log in the background, from the ' +
    'oldest to the newest event there was when it began. Without a status it takes what failed ' +
    '(`retrying`, `dead`, `quarantined`), and with `force` everything.',
  role: 'operator',
  body: z.strictObject({
    filter: filter.refine(
      (given) => Object.entries(given).some(narrows),
      'must name something besides the mode',
    ),
    force: z.boolean('must be true or false').default(false),
    per_second: z.int().min(1).max(PER_SECOND_MAX).default(PER_SECOND_DEFAULT),
    dry_run: z.boolean('must be true or false').default(false),
  }),
  bodyExample: '{"filter": {"status": "dead"}, "dry_run": true}',
  answer: z.object({
    count: z.int().describe('Events of the filter'),
    is_more: z.boolean().describe('There are more than `count`'),
    run: run.nullable().describe('Null when it was only counted'),
  }),
  statuses: [200, 202],
  problems: ['replay_running', 'nothing_to_replay'],
});

export const CANCEL_REPLAY = operation({
  id: 'cancelReplay',
  method: 'POST',
  path: '/api/replays/{id}/cancel',
  tag,
  summary: 'Stop a replay',
  description: 'What is on the work list already is run.',
  role: 'operator',
  answer: run,
  problems: ['replay_not_found', 'replay_over'],
});

function narrows([name, value]: [string, unknown]): boolean {
  return name !== 'livemode' && value !== null;
}
