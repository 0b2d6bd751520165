import type { Clock } from '../clock.ts';
import type { RaiseAlarm } from '../inbox/alarms.ts';
import type { Handler, HandlerContext, Handlers } from '../inbox/handlers.ts';
import { ignored, type Outcome } from '../inbox/outcome.ts';
import { stripeFailure, stripeRefusal } from '../stripe/failures.ts';
import { syncPayout, syncRecent, type PayoutSync } from './sync.ts';

export interface PayoutHandlerOptions {
  alarm: RaiseAlarm;
  clock: Clock;
}

type Effect = (context: HandlerContext, sync: PayoutSync, clock: Clock) => Promise<Outcome | void>;

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

/** Snapshot events and their thin twins (`v1.…`) have the same effect. */
export function addPayoutHandlers(handlers: Handlers, { alarm, clock }: PayoutHandlerOptions): void {
  for (const [type, effect] of Object.entries(PAYOUT_EVENTS)) {
    const handler: Handler = async (context) => {
      const { sql, account } = context;
      try {
        return await effect(context, { sql, alarm, account: account ?? '' }, clock);
      } catch (error) {
        const isRefused = stripeFailure(error) === 'rejected';
        const code = isRefused ? stripeRefusal(error).code : null;
        if (code !== null && GONE.has(code)) return ignored(`Stripe tells nothing of it any more (${code})`);
        throw error;
      }
    };
    handlers.on(type, handler, { lane: 'stripe' });
    handlers.on(`v1.${type}`, handler, { lane: 'stripe' });
  }
}

// The payout or the account is gone, or the account is no longer connected: no later attempt will differ.
const GONE = new Set(['resource_missing', 'account_invalid']);

async function one({ object, stripe }: HandlerContext, sync: PayoutSync): Promise<Outcome | void> {
  if (typeof object['id'] !== 'string') return ignored('it names no payout');
  await syncPayout(sync, await stripe.payouts.retrieve(object['id']));
}

async function recent({ stripe }: HandlerContext, sync: PayoutSync, clock: Clock): Promise<void> {
  await syncRecent(stripe, sync, clock.now());
}
