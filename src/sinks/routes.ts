import type { z } from 'zod';
import type { Database } from '../db/database.ts';
import type { Api } from '../http/api.ts';
import { pageOf } from '../http/operation.ts';
import type { Problem } from '../http/problem.ts';
import { listDeliveries, sinkCounts, type SinkCounts } from './list-rows.ts';
import { LIST_SINK_DELIVERIES, LIST_SINKS, REPLAY_SINK_DELIVERIES } from './operations.ts';
import { replayDeliveries } from './replay.ts';
import type { Sink } from './settings.ts';

export interface SinkRoutesOptions {
  database: Database;
  sinks: readonly Sink[];
}

/** The operator's API on sinks. */
export function sinkRoutes(api: Api, { database, sinks }: SinkRoutesOptions): void {
  api.on(LIST_SINKS, async () => ({ value: { data: listOf(sinks, await sinkCounts(database.sql)) } }));

  api.on(LIST_SINK_DELIVERIES, async ({ params: { name = '' }, query }) => {
    const { limit } = query;
    const found = await listDeliveries(database.pool, name, { ...query, limit: limit + 1 });
    if (found.length === 0 && !(await isKnown(name))) return { problem: notFound(name) };
    return { value: pageOf(found, limit, ({ seq }) => seq) };
  });

  api.on(REPLAY_SINK_DELIVERIES, async ({ params: { name = '' }, body }) => {
    if (!sinks.some((sink) => sink.name === name)) return { problem: notFound(name) };
    return { value: await replayDeliveries(database, name, body), status: 202 };
  });

  async function isKnown(name: string): Promise<boolean> {
    if (sinks.some((sink) => sink.name === name)) return true;
    return (await sinkCounts(database.sql)).some((each) => each.name === name);
  }
}

function listOf(
  sinks: readonly Sink[],
  counts: readonly SinkCounts[],
): z.input<typeof LIST_SINKS.answer>['data'] {
  const configured = sinks.map(({ name, events, accounts, post }) => ({
    ...(counts.find((each) => each.name === name) ?? { ...NOTHING, name }),
    configured: true,
    events: [...events],
    accounts,
    // Its path and query may be secret.
    origin: post ? new URL(post.url).origin : null,
  }));
  const others = counts
    .filter(({ name }) => !sinks.some((sink) => sink.name === name))
    .map((each) => ({ ...each, configured: false, events: [], accounts: null, origin: null }));
  return [...configured, ...others];
}

const NOTHING = { pending: 0, delivered: 0, dead: 0, oldest_pending: null, rests_until: null };

function notFound(name: string): Problem {
  const detail = `There is no sink "${name}" in the options.`;
  return { status: 404, code: 'sink_not_found', detail };
}
