import { z } from 'zod';
import { idPage, livemodeFilter, moneySchema, operation, pageSchema } from '../http/operation.ts';

const movement = z
  .object({
    id: z.string(),
    status: z.enum(['planned', 'done', 'refused']),
    kind: z.enum(['refund', 'transfer', 'reversal', 'payout']),
    purpose: z.string().describe('Who planned it, and what happens when it is done'),
    subject: z.string().describe('What it is for'),
    order_id: z.string().nullable(),
    account: z.string().nullable().describe('The connected account the call is made on; null is our own'),
    livemode: z.boolean(),
    amount: moneySchema,
    target: z.string().nullable().describe('The transfer that a reversal takes back'),
    stripe_id: z.string().nullable(),
    error_code: z.string().nullable(),
    error: z.string().nullable(),
    attempt: z.int(),
    run_at: z.iso.datetime(),
    created_at: z.iso.datetime(),
    updated_at: z.iso.datetime(),
  })
  .meta({ id: 'Movement', description: 'A call that moves money, made once however often it is tried' });

const common = { tag: 'Movements', answer: movement };

export const LIST_MOVEMENTS = operation({
  id: 'listMovements',
  method: 'GET',
  path: '/api/movements',
  tag: 'Movements',
  summary: 'List movements, newest first',
  role: 'viewer',
  query: z.strictObject({
    status: movement.shape.status.nullable().default(null),
    order: z.string().max(255).nullable().default(null),
    livemode: livemodeFilter,
    ...idPage,
  }),
  answer: pageSchema(movement),
});

export const GET_MOVEMENT = operation({
  ...common,
  id: 'getMovement',
  method: 'GET',
  path: '/api/movements/{id}',
  summary: 'One movement',
  role: 'viewer',
  problems: ['movement_not_found'],
});

export const RETRY_MOVEMENT = operation({
  ...common,
  id: 'retryMovement',
  method: 'POST',
  path: '/api/movements/{id}/retry',
  summary: 'Try again what waits or was refused',
  description: 'Answers 202 when it still waits afterwards, for example because Stripe has no money for it.',
  role: 'operator',
  statuses: [200, 202],
  problems: ['movement_not_found', 'ask_again', 'movement_done'],
});
