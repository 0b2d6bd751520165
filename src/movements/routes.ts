import type { z } from 'zod';
import type { Database } from '../db/database.ts';
import type { Api } from '../http/api.ts';
import { pageOf } from '../http/operation.ts';
import type { Problem } from '../http/problem.ts';
import { enqueueOn } from '../jobs/enqueue.ts';
import type { Movement } from './movement.ts';
import type { Movements } from './movements.ts';
import { GET_MOVEMENT, LIST_MOVEMENTS, RETRY_MOVEMENT } from './operations.ts';
import { enqueueMovement } from './plan.ts';
import { movementById, movementPage, planAgain } from './rows.ts';

// These were asked for by somebody who was told of the refusal, and ask again for themselves.
const ASKED_FOR = new Set(['refund', 'payout']);

export interface MovementRoutesOptions {
  database: Database;
  movements: Pick<Movements, 'run'>;
  livemode: boolean;
}

/** What moves money, for the platform's staff: what waits, what Stripe refused, and a second try. */
export function movementRoutes(api: Api, options: MovementRoutesOptions): void {
  const { database } = options;

  api.on(LIST_MOVEMENTS, async ({ query }) => {
    const { limit, livemode = options.livemode, ...filter } = query;
    const found = await movementPage(database.sql, { ...filter, livemode, limit: limit + 1 });
    return { value: pageOf(found.map(publicMovement), limit, ({ id }) => id) };
  });

  api.on(GET_MOVEMENT, async ({ params }) => {
    const movement = await movementById(database.sql, params.id ?? '');
    return movement ? { value: publicMovement(movement) } : { problem: NOT_FOUND };
  });

  api.on(RETRY_MOVEMENT, async ({ params }) => {
    const retried = await retry(params.id ?? '', options);
    if ('problem' in retried) return retried;
    return {
      value: publicMovement(retried.movement),
      status: retried.movement.status === 'planned' ? 202 : 200,
    };
  });
}

async function retry(
  id: string,
  { database, movements, livemode }: MovementRoutesOptions,
): Promise<{ movement: Movement } | { problem: Problem }> {
  const known = await movementById(database.sql, id);
  if (!known) return { problem: NOT_FOUND };
  if (ASKED_FOR.has(known.purpose)) return { problem: ASK_AGAIN };
  const again = await database.transaction(async (sql) => {
    const planned = await planAgain(sql, id, livemode);
    if (planned) await enqueueMovement(enqueueOn(sql), planned);
    return planned;
  });
  // A movement that waits is only tried earlier than it would be.
  if (!again && known.status !== 'planned') return { problem: NOT_REFUSED };
  return { movement: await movements.run(id) };
}

function publicMovement(movement: Movement): z.input<typeof GET_MOVEMENT.answer> {
  const { id, account, livemode, kind, purpose, subject, order_id, amount, target } = movement;
  const { status, stripe_id, error_code, error, attempt, run_at, created_at, updated_at } = movement;
  return {
    id,
    status,
    kind,
    purpose,
    subject,
    order_id,
    account: account === '' ? null : account,
    livemode,
    amount,
    target,
    stripe_id,
    error_code,
    error,
    attempt,
    run_at,
    created_at,
    updated_at,
  };
}

const NOT_FOUND: Problem = {
  status: 404,
  code: 'movement_not_found',
  detail: 'There is no such movement.',
};

const ASK_AGAIN: Problem = {
  status: 409,
  code: 'ask_again',
  detail: 'A refund or payout that Stripe refused is over: ask for a new one, under a new Idempotency-Key.',
};

const NOT_REFUSED: Problem = {
  status: 409,
  code: 'movement_done',
  detail: 'Stripe has done this already; there is nothing to try again.',
};
