import { redact } from '../log.ts';
import type { Movement } from '../movements/movement.ts';
import type { RefundRow } from '../refunds/refund.ts';
import type { actsOf, OrderAct } from './act-rows.ts';
import type { OrderRow, OrderStatus } from './order.ts';
import type { StoryLine } from './schemas.ts';
import type * as rows from './story-rows.ts';

type RowOf<Read extends (...given: never[]) => Promise<unknown[]>> = Awaited<ReturnType<Read>>[number];

/** A line of an order's story, of what is said of it. */
function line(at: Date | string, said: Pick<StoryLine, 'kind' | 'text'> & Partial<StoryLine>): StoryLine {
  return {
    at: typeof at === 'string' ? at : at.toISOString(),
    tone: 'neutral',
    amount: null,
    by: null,
    event: null,
    object: null,
    ...said,
    // What a handler or a job throws may quote what it called with.
    detail: said.detail ? redact(said.detail) : null,
  };
}

/** What the order's own row says. */
export function ofOrder(order: OrderRow): StoryLine[] {
  const { created_at, checkout_tried_at, checkout_session, paid_at, fulfilled_at, amount } = order;
  return [
    line(created_at, { kind: 'created', text: 'Ordered', amount, object: order.id }),
    ...(checkout_session
      ? [
          line(checkout_tried_at ?? created_at, {
            kind: 'session',
            text: order.ui === 'elements' ? 'The payment form was opened' : 'Sent to Stripe’s payment page',
            object: checkout_session,
          }),
        ]
      : []),
    ...(paid_at
      ? [line(paid_at, { kind: 'paid', text: 'Paid', tone: 'good', object: order.payment_intent })]
      : []),
    ...(fulfilled_at ? [line(fulfilled_at, { kind: 'fulfilled', text: 'Fulfilled', tone: 'good' })] : []),
  ];
}

export function ofEvent({ id, type, object_id, received_at, ...event }: rows.StoryEvent): StoryLine {
  const { waits, outcome, error, failures } = event;
  const isBad = outcome === 'dead' || outcome === 'quarantined';
  const tries = failures === 1 ? 'once' : `${failures} times`;
  const said = { kind: 'event', text: type, event: id, object: object_id } as const;
  if (isBad) {
    const end = outcome === 'dead' ? `Given up after it failed ${tries}` : 'Put aside';
    return line(received_at, { ...said, tone: 'bad', detail: error ? `${end}: ${error}` : end });
  }
  if (waits && error !== null) {
    return line(received_at, { ...said, tone: 'bad', detail: `Failed ${tries}, tried again: ${error}` });
  }
  if (waits) return line(received_at, { ...said, tone: 'waiting', detail: 'Waits to be worked on' });
  return line(received_at, { ...said, detail: error === null ? null : `Failed ${tries} before: ${error}` });
}

const STATUS_WORDS: Record<OrderStatus, { text: string; tone: StoryLine['tone'] }> = {
  pending: { text: 'Waits for the buyer to pay', tone: 'waiting' },
  processing: { text: 'The payment is on its way', tone: 'waiting' },
  failed: { text: 'The last payment failed', tone: 'bad' },
  expired: { text: 'Not paid in time', tone: 'bad' },
  paid: { text: 'Paid, not fulfilled', tone: 'waiting' },
  fulfilled: { text: 'Fulfilled', tone: 'good' },
  refunded: { text: 'All of the money went back', tone: 'neutral' },
  disputed: { text: 'The buyer’s bank took the money back', tone: 'bad' },
  review: { text: 'In review: a person has to look', tone: 'bad' },
};

/** Changes of status that have no line of their own. */
export function ofStep({ at, status, problem }: RowOf<typeof rows.stepsOf>): StoryLine[] {
  if ((status === 'paid' || status === 'fulfilled') && problem === null) return [];
  const { text, tone } = STATUS_WORDS[status];
  if (status === 'paid')
    return [line(at, { kind: 'status', text: 'Could not be fulfilled', detail: problem, tone: 'bad' })];
  return [line(at, { kind: 'status', text, tone, detail: problem })];
}

const PURPOSES: Record<string, string> = {
  split: 'Transfer to a seller',
  refund_reversal: 'Taken back from a seller for a refund',
  refund_retransfer: 'Given to a seller again, since a refund failed',
  dispute_reversal: 'Taken back from a seller for a dispute',
  dispute_retransfer: 'Given to a seller again after a dispute',
};

/** Refunds have lines of their own. */
export function ofMovement(movement: Movement): StoryLine[] {
  const { id, kind, purpose, status, amount, stripe_id, error, created_at, updated_at } = movement;
  if (kind === 'refund') return [];
  const said = { kind: 'movement', amount, object: stripe_id ?? id } as const;
  const text = PURPOSES[purpose] ?? purpose;
  if (status === 'done') return [line(updated_at, { ...said, text, tone: 'good' })];
  if (status === 'refused') {
    return [line(updated_at, { ...said, text: `${text}: Stripe refused`, detail: error, tone: 'bad' })];
  }
  return [line(created_at, { ...said, text: `${text}: waits`, detail: error, tone: 'waiting' })];
}

const REFUND_WORDS: Record<RefundRow['status'], { text: string; tone: StoryLine['tone'] }> = {
  requested: { text: 'Refund asked for, not yet at Stripe', tone: 'waiting' },
  pending: { text: 'Refund on its way', tone: 'waiting' },
  requires_action: { text: 'Refund waits for the buyer', tone: 'waiting' },
  succeeded: { text: 'Refunded', tone: 'good' },
  failed: { text: 'Refund failed: the buyer has not got it', tone: 'bad' },
  canceled: { text: 'Refund canceled', tone: 'bad' },
  refused: { text: 'Refund refused by Stripe', tone: 'bad' },
};

export function ofRefund(refund: RefundRow): StoryLine {
  const { id, status, amount, reason, failure_reason, source, stripe_refund, created_at } = refund;
  const details = [
    reason === null ? null : `Reason: ${wordsOf(reason)}`,
    failure_reason === null ? null : `Stripe says: ${wordsOf(failure_reason)}`,
    source === 'stripe' ? 'Made in Stripe’s Dashboard' : null,
  ].filter((each) => each !== null);
  const detail = details.length > 0 ? details.join('. ') : null;
  return line(created_at, {
    kind: 'refund',
    ...REFUND_WORDS[status],
    amount,
    detail,
    object: stripe_refund ?? id,
  });
}

export function ofDispute(dispute: RowOf<typeof rows.disputesOf>): StoryLine[] {
  const { id, reason, status, is_inquiry, evidence_due_by: due, opened_at, closed_at } = dispute;
  const amount = { value: dispute.amount, currency: dispute.currency };
  const isOpen = closed_at === null;
  const said = { kind: 'dispute', amount, object: id } as const;
  const deadline = isOpen && due ? `; answer by ${minuteOf(due)}` : '';
  const opened = line(opened_at, {
    ...said,
    text: is_inquiry ? 'The buyer’s bank asks about the payment' : 'The buyer disputes the payment',
    detail: `Reason: ${wordsOf(reason)}${deadline}`,
    tone: isOpen ? 'bad' : 'neutral',
  });
  if (isOpen) return [opened];
  const tone = status === 'lost' ? 'bad' : 'good';
  return [opened, line(closed_at, { ...said, text: `Dispute ended: ${wordsOf(status)}`, tone })];
}

export function ofWarning(warning: RowOf<typeof rows.warningsOf>): StoryLine {
  const { id, fraud_type, actionable, created_at } = warning;
  const detail = actionable ? '. A refund now may spare you a dispute' : '';
  return line(created_at, {
    kind: 'warning',
    text: 'The bank warns of fraud',
    detail: `${wordsOf(fraud_type)}${detail}`,
    tone: 'bad',
    object: id,
  });
}

const ACT_WORDS: Record<OrderAct['kind'], { text: string; tone: StoryLine['tone'] }> = {
  reviewed: { text: 'Reviewed, left as it is', tone: 'neutral' },
  accepted: { text: 'Reviewed, and the payment taken as it is', tone: 'good' },
  fulfilled_again: { text: 'Fulfilled once more', tone: 'good' },
  fulfil_again_failed: { text: 'Could not be fulfilled once more', tone: 'bad' },
};

export function ofAct({ at, kind, note, problem, by }: RowOf<typeof actsOf>): StoryLine {
  return line(at, { kind: 'review', ...ACT_WORDS[kind], by, detail: note ?? problem });
}

const ACTION_WORDS: Record<string, string> = {
  refundOrder: 'Asked for a refund',
  reviewOrder: 'Reviewed the order',
  fulfilOrder: 'Asked for it to be fulfilled',
};

/** What was asked for; what came of a review has a line of its own. */
export function ofAction({ at, action, by, outcome }: RowOf<typeof rows.auditOf>): StoryLine[] {
  if (action === 'reviewOrder' && outcome === 'done') return [];
  const text = ACTION_WORDS[action] ?? action;
  if (outcome === 'done') return [line(at, { kind: 'action', text, by })];
  const detail = outcome === null ? 'It is not known how that ended' : `Refused: ${outcome}`;
  return [line(at, { kind: 'action', text, by, detail, tone: 'bad' })];
}

export function ofJob(job: RowOf<typeof rows.jobsAbout>): StoryLine {
  const { id, name, attempts, isLast, isRunning, error, created_at, run_at } = job;
  const said = { kind: 'job', text: `Job ${name}`, object: id } as const;
  if (isRunning) return line(created_at, { ...said, tone: 'waiting', detail: 'Runs now' });
  if (isLast)
    return line(created_at, { ...said, tone: 'bad', detail: `Failed for good: ${error ?? 'untold'}` });
  const when = `${attempts === 0 ? 'Runs' : 'Tried again'} at ${minuteOf(run_at)}`;
  const detail = error === null ? when : `${when}. Failed ${attempts} times: ${error}`;
  return line(created_at, { ...said, tone: error === null ? 'waiting' : 'bad', detail });
}

function minuteOf(time: Date): string {
  return `${time.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** Stripe's words are joined by underscores. */
function wordsOf(word: string): string {
  return word.replaceAll('_', ' ');
}
