import type { Context, Hono } from 'hono';
import { z } from 'zod';
import type { Database } from '../db/database.ts';
import { problemResponse } from '../http/problem.ts';
import { invalidRequest, readIdempotencyKey, readJson, type Read } from '../http/request.ts';
import type { RaiseAlarm } from '../inbox/alarms.ts';
import type { Movement } from '../movements/movement.ts';
import type { Movements } from '../movements/movements.ts';
import { sellerAccount, type AccountParts, type SellerAccount } from './account.ts';
import { askForPayout, readPayoutRequest } from './ask.ts';
import { readBalance } from './balance.ts';
import { listPayouts } from './list.ts';
import { makeLoginLink } from './login-link.ts';
import { PAYOUT_STATUSES, publicPayout } from './payout.ts';
import { askStripe } from './refusals.ts';
import { payoutById } from './rows.ts';
import { readScheduleChange } from './schedule-request.ts';
import { changeSchedule, readSchedule } from './schedule.ts';

const LIMIT_DEFAULT = 20;
const LIMIT_MAX = 100;

const listQuery = z.strictObject({
  after: z
    .string()
    .regex(/^po_\w{1,250}$/, 'must be the id of a payout: po_…')
    .nullable()
    .default(null),
  limit: z.coerce
    .number({ error: `must be a whole number from 1 to ${LIMIT_MAX}` })
    .int(`must be a whole number from 1 to ${LIMIT_MAX}`)
    .min(1, 'must be at least 1')
    .max(LIMIT_MAX, `must be at most ${LIMIT_MAX}`)
    .default(LIMIT_DEFAULT),
  status: z
    .enum(PAYOUT_STATUSES, { error: `must be one of ${PAYOUT_STATUSES.join(', ')}` })
    .nullable()
    .default(null),
});

export interface PayoutRoutesOptions extends AccountParts {
  movements: Movements;
  alarm: RaiseAlarm;
}

type Answer = Read<{ body: unknown; status?: 200 | 201 | 202 }>;
type Work = (target: SellerAccount, request: Request) => Promise<Answer>;
type Address = (work: Work) => (context: Context) => Promise<Response>;

const at = (path: string): string => `/api/connect/sellers/:id/${path}`;

/** The money of one seller: balance, payouts, schedule, and the way into the Express Dashboard. */
export function payoutRoutes(app: Hono, options: PayoutRoutesOptions): void {
  const of: Address = (work) => async (context) => {
    const request = context.req.raw;
    const target = await sellerAccount(request, context.req.param('id') ?? '', options);
    const answer = 'problem' in target ? target : await work(target.value, request);
    if ('problem' in answer) return problemResponse(answer.problem);
    const { body, status = 200 } = answer.value;
    return Response.json(body, { status, headers: { 'cache-control': 'no-store' } });
  };
  moneyRoutes(app, of, options);
  settingRoutes(app, of, options);
}

function moneyRoutes(app: Hono, of: Address, { database, movements, alarm }: PayoutRoutesOptions): void {
  app.get(
    at('balance'),
    of(async ({ seller, stripe }) => {
      const balances = await askStripe(() => readBalance(stripe));
      return and(balances, (data) => ({ body: { seller: seller.id, data } }));
    }),
  );

  app.get(
    at('payouts'),
    of(async (target, request) => {
      const query = listQuery.safeParse(Object.fromEntries(new URL(request.url).searchParams));
      if (!query.success) return { problem: invalidRequest(query.error, 'a query of after, limit, status') };
      const page = await listPayouts(target, query.data, { database, alarm });
      return and(page, ({ rows, next, stale }) => ({ body: { data: rows.map(publicPayout), next, stale } }));
    }),
  );

  app.post(
    at('payouts'),
    of(async (target, request) => {
      const key = readIdempotencyKey(request);
      if ('problem' in key) return key;
      const body = await readJson(request);
      if ('problem' in body) return body;
      const wanted = readPayoutRequest(body.value);
      if ('problem' in wanted) return wanted;
      const asked = await askForPayout(target, wanted.value, key.value, { database, movements });
      return 'problem' in asked ? asked : { value: await shown(asked.value, database) };
    }),
  );
}

function settingRoutes(app: Hono, of: Address, { clients }: PayoutRoutesOptions): void {
  app.get(
    at('schedule'),
    of(async (target) => and(await readSchedule({ platform: clients.own(), target }), (body) => ({ body }))),
  );

  app.put(
    at('schedule'),
    of(async (target, request) => {
      const body = await readJson(request);
      if ('problem' in body) return body;
      const change = readScheduleChange(body.value);
      if ('problem' in change) return change;
      const changed = await changeSchedule({ platform: clients.own(), target }, change.value);
      return and(changed, (schedule) => ({ body: schedule }));
    }),
  );

  app.post(
    at('login-link'),
    of(async (target) =>
      and(await makeLoginLink(clients.own(), target), (body) => ({ body, status: 201 as const })),
    ),
  );
}

async function shown(
  { id, account, livemode, stripe_id: payout, amount }: Movement,
  { sql }: Database,
): Promise<{ body: unknown; status: 201 | 202 }> {
  const row = payout === null ? null : await payoutById(sql, { account, livemode, id: payout });
  if (row) return { status: 201, body: { ...publicPayout(row), movement: id } };
  // Not yet at Stripe: it is asked again by itself, and the same key tells how it went.
  return { status: 202, body: { id: null, status: 'requested', amount, movement: id } };
}

function and<T, U>(read: Read<T>, then: (value: T) => U): Read<U> {
  return 'problem' in read ? read : { value: then(read.value) };
}
