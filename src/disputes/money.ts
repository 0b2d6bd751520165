import type { ConnectSettings } from '../connect/settings.ts';
import type { RaiseAlarm } from '../inbox/alarms.ts';
import type { Movement } from '../movements/movement.ts';
import { planMovement } from '../movements/plan.ts';
import { movementsOf, withdrawMovement } from '../movements/rows.ts';
import type { OrderRow } from '../orders/order.ts';
import { idOf } from '../orders/payment.ts';
import { sharesOf, type SellersShare } from '../orders/share-rows.ts';
import { standingOf, type DisputeRow } from './dispute.ts';
import { DISPUTE_FIELD, partsOf, RETRANSFER, REVERSAL, subjectOf, type PlanContext } from './purposes.ts';
import { planRetransfer } from './retransfer.ts';
import type { DisputeWithCharge } from './sync.ts';

/** A dispute with its order, and what was planned for that order until now. */
interface Case {
  dispute: DisputeRow;
  found: DisputeWithCharge;
  order: OrderRow;
  movements: readonly Movement[];
}

export interface DisputeMoneyOptions {
  policy: ConnectSettings['disputes'];
  alarm: RaiseAlarm;
}

/**
 * Takes a disputed payment's money back from the sellers who shared in it, and gives it to them again when
 * the dispute is won. Plans only: what is planned here is done by `movements`.
 *
 * Each share gives the disputed part of it back, rounded down to the minor unit, and never more than is left
 * of its transfer: of a separate charge the seller's net; of a destination charge the gross, with the
 * platform's fee on it refunded, so that here too the seller is out by what they got. The platform bears
 * what rounding leaves, and Stripe's fee for the dispute.
 */
export class DisputeMoney {
  readonly #options: DisputeMoneyOptions;

  constructor(options: DisputeMoneyOptions) {
    this.#options = options;
  }

  /** Called under the order's lock. False when a seller's transfer is still to be made, and then reversed. */
  async follow(
    about: { dispute: DisputeRow; found: DisputeWithCharge; order: OrderRow },
    context: PlanContext,
  ): Promise<boolean> {
    const { dispute, order } = about;
    // A direct charge is the seller's own, and so is its dispute.
    if (order.charge_type !== 'destination' && order.charge_type !== 'separate') return true;
    const movements = await movementsOf(context.sql, order.id);
    const known = { ...about, movements };
    if (standingOf(dispute.status).stage === 'won') {
      await giveBack(known, context);
      return true;
    }
    if (!this.#isDue(known)) return true;
    this.#noticeReopened(known);
    return takeBack(known, context);
  }

  #isDue({ dispute, found }: Case): boolean {
    // A bank's question takes nothing, and not each dispute does at once.
    const booked = found.balance_transactions.reduce((sum, { amount }) => sum + amount, 0);
    const { stage } = standingOf(dispute.status);
    if (booked >= 0 || stage === 'inquiry') return false;
    const { policy } = this.#options;
    return policy === 'reverse_on_open' || (policy === 'reverse_on_loss' && stage === 'lost');
  }

  // One reversal for each dispute and seller: what was given back once is not taken by itself a second time.
  #noticeReopened({ dispute, movements }: Case): void {
    const given = movements.filter((movement) => isOf(movement, RETRANSFER, dispute));
    if (given.length === 0) return;
    const ids = given.map(({ id }) => id).join(', ');
    const detail = `taken up again after ${ids} gave the sellers their money; take it back by hand`;
    this.#options.alarm('dispute_reopened', dispute.id, detail);
  }
}

async function takeBack(known: Case, context: PlanContext): Promise<boolean> {
  const { dispute, found, order, movements } = known;
  let isComplete = true;
  for (const share of await sharesOf(context.sql, order.id)) {
    const subject = subjectOf(dispute.id, share.seller);
    if (movements.some((each) => each.purpose === REVERSAL && each.subject === subject)) continue;
    const transfer = order.charge_type === 'destination' ? idOf(found.charge.transfer) : share.transfer;
    if (transfer !== null) await planReversal(known, share, transfer, context);
    // Stripe makes the transfer of a destination charge a moment after the charge.
    else if (order.charge_type === 'destination' || isSplitPlanned(known, share)) isComplete = false;
  }
  return isComplete;
}

async function planReversal(
  { dispute, found, order, movements }: Case,
  share: SellersShare,
  target: string,
  context: PlanContext,
): Promise<void> {
  // Refunds took of it too, also those made in the Dashboard, so Stripe is asked what is left.
  const transfer = await context.stripe.transfers.retrieve(target);
  const waiting = movements.filter((each) => each.target === target && each.status === 'planned');
  const promised = waiting.reduce((sum, { amount }) => sum + amount.value, 0);
  const isDestination = order.charge_type === 'destination';
  const whole = isDestination ? transfer.amount : share.amount - share.fee;
  const left = transfer.amount - transfer.amount_reversed - promised;
  const value = Math.min(left, partOf(whole, dispute.amount.value, found.charge.amount));
  if (value <= 0) return;
  await planMovement(context, {
    account: '',
    livemode: dispute.livemode,
    kind: 'reversal',
    purpose: REVERSAL,
    subject: subjectOf(dispute.id, share.seller),
    orderId: order.id,
    amount: { value, currency: transfer.currency },
    target,
    params: {
      metadata: { [DISPUTE_FIELD]: dispute.id },
      ...(isDestination ? { refund_application_fee: true } : {}),
    },
  });
}

/** The part of a sum that `some` is of `all`, rounded down: sellers never give more than was disputed. */
function partOf(whole: number, some: number, all: number): number {
  // The product of two amounts may be more than a number can hold exactly.
  return Number((BigInt(whole) * BigInt(some)) / BigInt(all));
}

// What was not made needs no doing any more; what may have been is answered when its end is known.
async function giveBack({ dispute, movements }: Case, context: PlanContext): Promise<void> {
  for (const movement of movements) {
    if (!isOf(movement, REVERSAL, dispute)) continue;
    if (movement.status === 'done') await planRetransfer(movement, context);
    else await withdrawMovement(context.sql, movement.id);
  }
}

function isOf(movement: Movement, purpose: string, dispute: { id: string }): boolean {
  return movement.purpose === purpose && partsOf(movement.subject).dispute === dispute.id;
}

function isSplitPlanned({ order, movements }: Case, { seller }: SellersShare): boolean {
  const subject = `order:${subjectOf(order.id, seller)}`;
  return movements.some((each) => each.subject === subject && each.status === 'planned');
}
