import type Stripe from 'stripe';
import type { RaiseAlarm } from '../inbox/alarms.ts';
import type { Handler, HandlerContext, Handlers } from '../inbox/handlers.ts';
import { ignored, type Outcome } from '../inbox/outcome.ts';
import { unlessMissing } from '../stripe/failures.ts';
import { syncPayout } from './sync.ts';

/** How many of an account's latest payouts are looked through when one of them may have changed. */
const RECENT = 10;

type Effect = (context: HandlerContext, alarm: RaiseAlarm) => Promise<Outcome | void>;

/** Which events tell of payouts. Each reads from Stripe: what the event says is a hint, and may be old. */
const PAYOUT_EVENTS: Record<string, Effect> = {
  // Money was taken out of a balance, by the schedule or on request.
  'payout.created': one,
  // It left for the bank, or something was written on it.
  'payout.updated': one,
  // Stripe expects that it has arrived; it may still come back.
  'payout.paid': one,
  // The bank sent it back: somebody has to mend the bank account.
  'payout.failed': one,
  // It was stopped before it left.
  'payout.canceled': one,
  // Stripe knows what an automatic payout consists of.
  'payout.reconciliation_completed': one,
  // A bank account changed, or was switched off because a payout to it failed.
  'account.external_account.updated': recent,
  // Money became available, which is when the schedule pays out.
  'balance.available': recent,
};

export function addPayoutHandlers(handlers: Handlers, { alarm }: { alarm: RaiseAlarm }): void {
  for (const [type, effect] of Object.entries(PAYOUT_EVENTS)) {
    const handler: Handler = (context) => effect(context, alarm);
    handlers.on(type, handler, { lane: 'stripe' });
    handlers.on(`v1.${type}`, handler, { lane: 'stripe' });
  }
}

async function one(context: HandlerContext, alarm: RaiseAlarm): Promise<Outcome | void> {
  const { object, sql, stripe, account } = context;
  if (typeof object['id'] !== 'string') return ignored('it names no payout');
  const payout = await unlessMissing(stripe.payouts.retrieve(object['id']));
  if (!payout) return ignored('Stripe has no such payout');
  await syncPayout({ sql, alarm, account: account ?? '' }, payout);
}

async function recent({ sql, stripe, account }: HandlerContext, alarm: RaiseAlarm): Promise<void> {
  const { data }: Stripe.ApiList<Stripe.Payout> = await stripe.payouts.list({ limit: RECENT });
  for (const payout of data) await syncPayout({ sql, alarm, account: account ?? '' }, payout);
}
