import type { z } from 'zod';
import type { Database } from '../../db/database.ts';
import type { Api } from '../../http/api.ts';
import { pageOf } from '../../http/operation.ts';
import type { Problem } from '../../http/problem.ts';
import { ID_TOO_COMMON } from '../routes.ts';
import { CANCEL_REPLAY, GET_REPLAY, LIST_REPLAYS, START_REPLAY } from './operations.ts';
import { endRun, runById, runPage, type ReplayRun } from './rows.ts';
import { startReplay } from './start.ts';

export interface ReplayRoutesOptions {
  database: Database;
  livemode: boolean;
}

/** Replays of all events of a filter: counted first, some a second, to be stopped at any time. */
export function replayRoutes(api: Api, options: ReplayRoutesOptions): void {
  const { database } = options;

  api.on(LIST_REPLAYS, async ({ query: { livemode = options.livemode, after, limit } }) => {
    const found = await runPage(database.sql, { livemode, after, limit: limit + 1 });
    return { value: pageOf(found.map(publicRun), limit, ({ id }) => id) };
  });

  api.on(GET_REPLAY, async ({ params }) => {
    const run = await runById(database.sql, params.id ?? '');
    return run ? { value: publicRun(run) } : { problem: NOT_FOUND };
  });

  api.on(START_REPLAY, async ({ body, caller }) => {
    const { force, per_second: perSecond, dry_run: dryRun } = body;
    const { livemode = options.livemode, ...rest } = body.filter;
    if (rest.status === 'done' && !force) return { problem: ONLY_BY_FORCE };
    const filter = { ...rest, livemode };
    const started = await startReplay(database, { filter, force, perSecond, dryRun, caller });
    switch (started.kind) {
      case 'counted':
        return { value: { count: started.count, is_more: started.is_more, run: null } };
      case 'begun': {
        const { count, is_more, run } = started;
        return { value: { count, is_more, run: publicRun(run) }, status: 202 };
      }
      case 'nothing':
        return { problem: NOTHING };
      case 'running':
        return { problem: { ...RUNNING, extra: { run: started.id } } };
      case 'id_too_common':
        return { problem: ID_TOO_COMMON };
      default:
        return started satisfies never;
    }
  });

  api.on(CANCEL_REPLAY, async ({ params }) => {
    const id = params.id ?? '';
    const run = await endRun(database.sql, id, 'canceled');
    if (run) return { value: publicRun(run) };
    return { problem: (await runById(database.sql, id)) ? OVER : NOT_FOUND };
  });
}

function publicRun(run: ReplayRun): z.input<typeof GET_REPLAY.answer> {
  const { id, status, livemode, filter, force, per_second, total, is_more, queued, skipped } = run;
  const { started_by_name: started_by, created_at, updated_at, finished_at } = run;
  return {
    id,
    status,
    livemode,
    filter,
    force,
    per_second,
    total,
    is_more,
    queued,
    skipped,
    started_by,
    created_at,
    updated_at,
    finished_at,
  };
}

const NOT_FOUND: Problem = {
  status: 404,
  code: 'replay_not_found',
  detail: 'There is no such replay.',
};

const ONLY_BY_FORCE: Problem = {
  status: 400,
  code: 'invalid_request',
  detail: '"force" must be true to run events again that are done.',
  extra: { field: 'force' },
};

const NOTHING: Problem = {
  status: 409,
  code: 'nothing_to_replay',
  detail: 'No event of this filter is there to be run again.',
};

const RUNNING: Problem = {
  status: 409,
  code: 'replay_running',
  detail: 'A replay of this filter is under way: wait for its end, or stop it.',
};

const OVER: Problem = {
  status: 409,
  code: 'replay_over',
  detail: 'This replay is over already.',
};
