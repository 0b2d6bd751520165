import type Stripe from 'stripe';
import type { ConnectSettings } from '../connect/settings.ts';
import type { RaiseAlarm } from '../inbox/alarms.ts';
import { MOVEMENT_FIELD, type Movement, type NewMovement } from '../movements/movement.ts';
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

  /** Called under the order's lock. False when Stripe's transfer is still to be made, and then reversed. */
  async follow(
    about: { dispute: DisputeRow; found: DisputeWithCharge; order: OrderRow },
    context: PlanContext,
  ): Promise<boolean> {
    const { dispute, order } = about;
    // A direct charge is the seller's own, and so is its dispute.
    if (order.charge_type !== 'destination' && order.charge_type !== 'separate') return true;
    // Who paid for a cart twice: the other payment was never shared out.
    if (order.charge_type === 'separate' && order.charge !== dispute.charge) return true;
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
  const { found, order } = known;
  let isComplete = true;
  for (const share of await sharesOf(context.sql, order.id)) {
    const transfer = order.charge_type === 'destination' ? idOf(found.charge.transfer) : share.transfer;
    if (transfer !== null) await takeFrom(known, share, transfer, context);
    // Stripe makes the transfer of a destination charge a moment after the charge. A transfer of our own
    // comes here when it is made.
    else if (order.charge_type === 'destination') isComplete = false;
  }
  return isComplete;
}

async function takeFrom(
  known: Case,
  share: SellersShare,
  target: string,
  context: PlanContext,
): Promise<void> {
  const { dispute, found, order, movements } = known;
  const subject = subjectOf(dispute.id, share.seller);
  const plannedOf = (name: string): Movement | undefined =>
    movements.find((each) => each.purpose === REVERSAL && each.subject === name);
  // What a failed refund took came back in transfers of its own, less the fee.
  const further = movements.filter(
    (each) => each.kind === 'transfer' && each.status === 'done' && each.params.destination === share.account,
  );
  const others = further.flatMap(({ stripe_id: id, amount }) =>
    id === null || id === target ? [] : [{ id, amount }],
  );
  const planned = plannedOf(subject);
  if (planned && others.length === 0) return;
  const transfer = await context.stripe.transfers.retrieve(target);
  const isDestination = order.charge_type === 'destination';
  const net = share.amount - share.fee;
  const due = partOf(isDestination ? transfer.amount : net, dispute.amount.value, found.charge.amount);
  const value = planned?.amount.value ?? Math.min(leftOf(transfer, movements), due);
  const params = isDestination ? { refund_application_fee: true } : {};
  const { currency } = transfer;
  if (!planned) await planReversal(known, { subject, target, amount: { value, currency }, params }, context);
  let rest = isDestination ? partOf(net, due - value, share.amount) : due - value;
  for (const { id, amount } of others) {
    const before = plannedOf(`${subject}/${id}`);
    const most = Math.min(rest, amount.value - sum(movements.filter((each) => isAliveOf(each, id))));
    const taken = before?.amount.value ?? Math.max(0, most);
    rest -= taken;
    if (before) continue;
    const plan = { subject: `${subject}/${id}`, target: id, amount: { ...amount, value: taken }, params: {} };
    await planReversal(known, plan, context);
  }
}

/** What can still be taken of a transfer: refunds took of it too, also those made in the Dashboard. */
function leftOf(
  { id, amount, amount_reversed, reversals }: Stripe.Transfer,
  movements: readonly Movement[],
): number {
  // One that Stripe has made and we have not heard of yet is not to be counted twice.
  const made = new Set(reversals.data.map(({ metadata }) => metadata?.[MOVEMENT_FIELD]));
  const waiting = movements.filter((each) => each.target === id && each.status === 'planned');
  return amount - amount_reversed - sum(waiting.filter((each) => !made.has(each.id)));
}

function isAliveOf({ target, status }: Movement, id: string): boolean {
  return target === id && status !== 'refused';
}

function sum(movements: readonly Movement[]): number {
  return movements.reduce((all, { amount }) => all + amount.value, 0);
}

async function planReversal(
  { dispute, order }: Case,
  { params, ...plan }: Pick<NewMovement, 'subject' | 'amount' | 'params'> & { target: string },
  context: PlanContext,
): Promise<void> {
  if (plan.amount.value <= 0) return;
  await planMovement(context, {
    account: '',
    livemode: dispute.livemode,
    kind: 'reversal',
    purpose: REVERSAL,
    orderId: order.id,
    ...plan,
    params: { metadata: { [DISPUTE_FIELD]: dispute.id }, ...params },
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
