import type { z } from 'zod';
import type { Database } from '../db/database.ts';
import type { Answered, Api, Asked } from '../http/api.ts';
import type { Read } from '../http/request.ts';
import type { RaiseAlarm } from '../inbox/alarms.ts';
import type { Movement } from '../movements/movement.ts';
import type { Movements } from '../movements/movements.ts';
import { sellerAccount, type AccountParts, type SellerAccount } from './account.ts';
import { askForPayout } from './ask.ts';
import { readBalance } from './balance.ts';
import { listPayouts } from './list.ts';
import { makeLoginLink } from './login-link.ts';
import {
  CHANGE_SELLER_SCHEDULE,
  GET_SELLER_BALANCE,
  GET_SELLER_SCHEDULE,
  LIST_SELLER_PAYOUTS,
  MAKE_LOGIN_LINK,
  MAKE_PAYOUT,
} from './operations.ts';
import { publicPayout } from './payout.ts';
import { askStripe } from './refusals.ts';
import { payoutById } from './rows.ts';
import { changeSchedule, readSchedule } from './schedule.ts';

export interface PayoutRoutesOptions extends AccountParts {
  movements: Movements;
  alarm: RaiseAlarm;
}

type Of = <Query, Body, Out>(
  work: (target: SellerAccount, asked: Asked<Query, Body>) => Promise<Answered<Out>>,
) => (asked: Asked<Query, Body>) => Promise<Answered<Out>>;

/** The money of one seller: balance, payouts, schedule, and the way into the Express Dashboard. */
export function payoutRoutes(api: Api, options: PayoutRoutesOptions): void {
  const of: Of = (work) => async (asked) => {
    const target = await sellerAccount(asked.params.id ?? '', options);
    return 'problem' in target ? target : work(target.value, asked);
  };
  moneyRoutes(api, of, options);
  settingRoutes(api, of, options);
}

function moneyRoutes(api: Api, of: Of, { database, movements, alarm }: PayoutRoutesOptions): void {
  api.on(
    GET_SELLER_BALANCE,
    of(async ({ seller, stripe }) => {
      const balances = await askStripe(() => readBalance(stripe));
      return and(balances, (data) => ({ seller: seller.id, data }));
    }),
  );

  api.on(
    LIST_SELLER_PAYOUTS,
    of(async (target, { query }) => {
      const page = await listPayouts(target, query, { database, alarm });
      return and(page, ({ rows, next, stale }) => ({ data: rows.map(publicPayout), next, stale }));
    }),
  );

  api.on(
    MAKE_PAYOUT,
    of(async (target, { body, idempotencyKey }) => {
      const asked = await askForPayout(target, body, idempotencyKey, { database, movements });
      return 'problem' in asked ? asked : shown(asked.value, database);
    }),
  );
}

function settingRoutes(api: Api, of: Of, { clients }: PayoutRoutesOptions): void {
  api.on(
    GET_SELLER_SCHEDULE,
    of((target) => readSchedule({ platform: clients.own(), target })),
  );

  api.on(
    CHANGE_SELLER_SCHEDULE,
    of((target, { body }) => changeSchedule({ platform: clients.own(), target }, body)),
  );

  api.on(
    MAKE_LOGIN_LINK,
    of(async (target) => {
      const made = await makeLoginLink(clients.own(), target);
      return 'problem' in made ? made : { ...made, status: 201 };
    }),
  );
}

async function shown(
  { id, account, livemode, stripe_id: payout, amount }: Movement,
  { sql }: Database,
): Promise<{ value: z.input<typeof MAKE_PAYOUT.answer>; status: number }> {
  const row = payout === null ? null : await payoutById(sql, { account, livemode, id: payout });
  if (row) return { value: { ...publicPayout(row), movement: id }, status: 201 };
  // Not yet at Stripe: it is asked again by itself, and the same key tells how it went.
  return { value: { id: null, status: 'requested', amount, movement: id }, status: 202 };
}

function and<T, U>(read: Read<T>, then: (value: T) => U): Read<U> {
  return 'problem' in read ? read : { value: then(read.value) };
}
