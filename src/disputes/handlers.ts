import type { Handler, HandlerOptions, Handlers } from '../inbox/handlers.ts';
import { paymentOf } from './payment.ts';
import type { Disputes } from './sync.ts';
import type { FraudWarnings } from './warnings.ts';

const STRIPE: HandlerOptions = { lane: 'stripe' };

/** What brings a dispute to what Stripe says of it. */
const DISPUTE_EVENTS = [
  // The buyer's bank took a payment back for now, or asks about one.
  'charge.dispute.created',
  // Evidence was sent, a question became a dispute, or there is another deadline.
  'charge.dispute.updated',
  // The bank has decided.
  'charge.dispute.closed',
  // The disputed money has left our balance.
  'charge.dispute.funds_withdrawn',
  // It came back.
  'charge.dispute.funds_reinstated',
];

const WARNING_EVENTS = [
  // The buyer's bank reports a payment as fraud; a dispute may follow.
  'radar.early_fraud_warning.created',
  // It was refunded or disputed since: nothing is left to be done.
  'radar.early_fraud_warning.updated',
];

/** Snapshot events and their thin twins (`v1.…`, which carry only an id). */
export function addDisputeHandlers(
  handlers: Handlers,
  { disputes, warnings }: { disputes: Disputes; warnings: FraudWarnings },
): void {
  const handler =
    (noun: Pick<Disputes, 'sync'> | FraudWarnings): Handler =>
    async ({ object, account, livemode, sql, nested, enqueue, stripe }) => {
      const context = { side: { account: account ?? '', livemode }, sql, nested, enqueue, stripe };
      return (await noun.sync(String(object.id), context, paymentOf(object))).outcome;
    };
  for (const type of DISPUTE_EVENTS.flatMap(withTwin)) handlers.on(type, handler(disputes), STRIPE);
  for (const type of WARNING_EVENTS.flatMap(withTwin)) handlers.on(type, handler(warnings), STRIPE);
}

function withTwin(type: string): string[] {
  return [type, `v1.${type}`];
}
