import type Stripe from 'stripe';
import type { RaiseAlarm } from '../inbox/alarms.ts';
import { done, ignored, retryLater, type Outcome } from '../inbox/outcome.ts';
import { formatMoney } from '../money.ts';
import { idOf } from '../orders/payment.ts';
import { lockOrder, type Side } from '../orders/rows.ts';
import type { SettleContext, Settler } from '../orders/settle.ts';
import { unlessMissing } from '../stripe/failures.ts';
import { standingOf, stateOf, type DisputeRow } from './dispute.ts';
import type { DisputeMoney } from './money.ts';
import { findOrder, paymentOf, type Payment } from './payment.ts';
import * as rows from './rows.ts';

export interface DisputesOptions {
  settler: Pick<Settler, 'settle'>;
  money: DisputeMoney;
  alarm: RaiseAlarm;
}

/** A dispute as Stripe shows it, with its charge. */
export type DisputeWithCharge = Stripe.Dispute & { charge: Stripe.Charge };

export interface Synced {
  /** Null when Stripe has no such dispute. */
  dispute: DisputeRow | null;
  outcome: Outcome;
}

/**
 * Brings one dispute, its order and its money to what Stripe says of it now. The only way a dispute changes:
 * events, our own API and the timetable all call it, in any order and as often as they like.
 */
export class Disputes {
  readonly #options: DisputesOptions;

  constructor(options: DisputesOptions) {
    this.#options = options;
  }

  /** `hint` is what the event says of the payment; without it Stripe is asked. */
  async sync(id: string, context: SettleContext, hint: Payment | null = null): Promise<Synced> {
    const payment = hint?.charge ? hint : await readPayment(id, context.stripe);
    if (!payment) return { dispute: null, outcome: ignored('Stripe has no such dispute') };
    const order = await findOrder(payment, context);
    // Under the order's lock from here on, reading Stripe included: what is read can't be overtaken.
    if (order !== null) await lockOrder(context.sql, order);
    const before = await rows.lockDispute(context.sql, context.side, id);
    const found = (await context.stripe.disputes.retrieve(id, { expand: ['charge'] })) as DisputeWithCharge;
    const dispute = await rows.saveDispute(context.sql, { ...context.side, ...factsOf(found, order) });
    this.#tell(dispute, before);
    if (dispute.order === null) return { dispute, outcome: done };
    return { dispute, outcome: await this.#follow(dispute, found, context) };
  }

  /** What a dispute means for its order and for those who shared in the payment. */
  async #follow(dispute: DisputeRow, found: DisputeWithCharge, context: SettleContext): Promise<Outcome> {
    const order = dispute.order as string;
    const all = await rows.disputesOf(context.sql, order);
    const state = stateOf(all.map(({ status }) => status));
    await rows.setDisputeState(context.sql, order, state);
    const settled = await this.#options.settler.settle({ order }, context);
    const isComplete =
      settled.order === null ||
      (await this.#options.money.follow({ dispute, found, order: settled.order }, context));
    if (settled.outcome.kind === 'retry' || settled.outcome.kind === 'give_up') return settled.outcome;
    return isComplete ? done : retryLater('the transfer to a seller is still on its way');
  }

  // Once when it opens, and once more when a bank's question becomes a dispute.
  #tell(dispute: DisputeRow, before: DisputeRow | null): void {
    const { isOver } = standingOf(dispute.status);
    if (isOver || (before && before.inquiry === dispute.inquiry)) return;
    const code = dispute.inquiry ? 'dispute_inquiry' : 'dispute_opened';
    this.#options.alarm(code, dispute.id, sayOpened(dispute));
  }
}

async function readPayment(id: string, stripe: Stripe): Promise<Payment | null> {
  const found = await unlessMissing(stripe.disputes.retrieve(id));
  return found && paymentOf(found);
}

function factsOf(found: DisputeWithCharge, orderId: string | null): Omit<rows.DisputeFacts, keyof Side> {
  const { evidence_details: details } = found;
  const { stage, isOver } = standingOf(found.status);
  return {
    id: found.id,
    orderId,
    charge: found.charge.id,
    paymentIntent: idOf(found.payment_intent),
    amount: found.amount,
    currency: found.currency,
    reason: found.reason,
    status: found.status,
    isInquiry: stage === 'inquiry',
    evidenceDueBy: details.due_by === null ? null : new Date(details.due_by * 1000),
    hasEvidence: details.has_evidence,
    pastDue: details.past_due,
    submissionCount: details.submission_count,
    openedAt: new Date(found.created * 1000),
    isOver,
  };
}

function sayOpened(dispute: DisputeRow): string {
  const what = dispute.inquiry
    ? `the buyer's bank asks about ${formatMoney(dispute.amount)}; no money has moved`
    : `the buyer's bank takes back ${formatMoney(dispute.amount)}`;
  const of =
    dispute.order === null ? `${dispute.charge}, which is no order of ours` : `order ${dispute.order}`;
  const where = dispute.account === '' ? '' : ` on ${dispute.account}`;
  const by = dispute.evidence_due_by === null ? '' : `; answer with evidence by ${dispute.evidence_due_by}`;
  return `${what} (${dispute.reason}), of ${of}${where}${by}`;
}
