import type Stripe from 'stripe';
import type { Movement } from '../movements/movement.ts';
import type { MovementContext } from '../movements/movements.ts';
import { planMovement } from '../movements/plan.ts';
import { movementsOf, withdrawMovement } from '../movements/rows.ts';
import type { OrderRow } from '../orders/order.ts';
import { sharesOf, type SellersShare } from '../orders/share-rows.ts';
import { refundedOfSellers, withheldOf } from '../orders/split.ts';
import { isLive, type RefundRow } from './refund.ts';
import { refundsOf } from './rows.ts';
import { takenBy } from '../movements/taken.ts';

/** Takes a refund's part back from a seller of a separate charge. Subject: refund/seller/transfer. */
export const REVERSAL = 'refund_reversal';
/** Gives it to them again, because the refund failed. Subject: the reversal's. */
export const RETRANSFER = 'refund_retransfer';

type Context = Pick<MovementContext, 'sql' | 'enqueue' | 'stripe'>;

/** A seller's share and what was planned for its order until now. */
interface Account {
  order: OrderRow;
  share: SellersShare;
  movements: readonly Movement[];
}

/**
 * Plans to take back from the sellers of a separate charge what refunds gave to the buyer: of each share the
 * part of it that was refunded of the whole, rounded on the sum of all refunds, so that a full refund takes
 * exactly what was transferred, in however many parts it was made. What is the platform's own of the cart
 * stays with the platform. Called under the order's lock, as often as one likes.
 */
export async function takeFromShares(order: OrderRow, context: Context): Promise<void> {
  if (order.charge_type !== 'separate' && order.charge_type !== 'destination') return;
  const all = await refundsOf(context.sql, order.id);
  const refunds = all.filter((refund) => refund.reverse_transfer && isLive(refund));
  if (refunds.length === 0) return;
  const movements = await movementsOf(context.sql, order.id);
  const take = order.charge_type === 'destination' ? takeFurther : takeFrom;
  for (const share of await sharesOf(context.sql, order.id)) {
    await take({ order, share, movements }, refunds, context);
  }
}

async function takeFrom(account: Account, refunds: readonly RefundRow[], context: Context): Promise<void> {
  const { order, share } = account;
  const isBorne = (refund: RefundRow): boolean => sum(reversalsOf(account, refund.id)) > 0;
  let covered = 0;
  let taken = takenOf(account);
  // A transfer can be reversed once; who plans for two refunds at once must not count on it twice.
  const left = transfersOf(account);
  // One that took something may want more: of a transfer that was made since.
  for (const refund of refunds.toSorted((a, b) => Number(isBorne(b)) - Number(isBorne(a)))) {
    covered += refund.amount.value;
    const need = withheldOf(share, { ...order, refunded: covered }) - taken;
    taken += await takeOf(account, { refund, need, left }, context);
  }
}

/**
 * Of a destination charge Stripe reverses its own transfer with a refund. What a refund that failed or a
 * dispute that was won gave the seller came in transfers of ours, which Stripe knows nothing of.
 */
async function takeFurther(account: Account, refunds: readonly RefundRow[], context: Context): Promise<void> {
  const { order, share } = account;
  const left = transfersOf(account);
  if (left.length === 0) return;
  for (const refund of refunds) {
    const own = sum(reversalsOf(account, refund.id));
    const found = await context.stripe.refunds.retrieve(refund.stripe_refund as string, {
      expand: ['transfer_reversal'],
    });
    const reversal = found.transfer_reversal;
    const reversed = typeof reversal === 'object' ? (reversal?.amount ?? 0) : 0;
    const refunded = Math.max(0, refund.amount.value - reversed);
    const need = withheldOf(share, { ...order, refunded }) - own;
    await takeOf(account, { refund, need, left }, context);
  }
}

/** Plans to take so much from what is left of transfers. Returns what it will take. */
async function takeOf(
  account: Account,
  { refund, need, left }: { refund: RefundRow; need: number; left: { id: string; left: number }[] },
  context: Context,
): Promise<number> {
  let taken = 0;
  for (const transfer of left) {
    const value = Math.min(need - taken, transfer.left);
    if (value <= 0 || !(await planReversal(account, { refund, target: transfer.id, value }, context)))
      continue;
    transfer.left -= value;
    taken += value;
  }
  return taken;
}

async function planReversal(
  { order, share, movements }: Account,
  { refund, target, value }: { refund: RefundRow; target: string; value: number },
  context: Context,
): Promise<boolean> {
  const subject = `${refund.id}/${share.seller}/${target}`;
  // It took of this transfer already, or could not.
  if (movements.some((each) => each.purpose === REVERSAL && each.subject === subject)) return false;
  await planMovement(context, {
    account: '',
    livemode: order.livemode,
    kind: 'reversal',
    purpose: REVERSAL,
    subject,
    orderId: order.id,
    amount: { value, currency: share.currency },
    target,
    params: {},
  });
  return true;
}

/**
 * Plans to give the sellers again what a refund took, since it failed and the buyer's money is the platform's
 * now: Stripe leaves that to the platform (docs.stripe.com/connect/destination-charges, "Failed refunds").
 * `found` is the refund as Stripe has it, with its `transfer_reversal`. Called under the order's lock.
 */
export async function giveToShares(
  order: OrderRow,
  { refund, found }: { refund: RefundRow; found: Stripe.Refund | null },
  context: Context,
): Promise<void> {
  const isOne = order.charge_type === 'destination';
  if (isOne) await giveToOne(order, { refund, found }, context);
  else if (order.charge_type !== 'separate') return;
  const movements = await movementsOf(context.sql, order.id);
  const refunded = await refundedOfSellers(context.sql, order);
  for (const share of await sharesOf(context.sql, order.id)) {
    const account = { order, share, movements };
    const own = reversalsOf(account, refund.id);
    for (const reversal of own) {
      if (reversal.status === 'done') {
        await planRetransfer(account, { subject: reversal.subject, value: reversal.amount.value }, context);
      } else await withdrawMovement(context.sql, reversal.id);
      // One that may be under way is answered when it is done: its hook comes here again.
    }
    // It was refunded before the transfer was made, which was therefore smaller.
    const back = Math.min(share.withheld, takenOf(account) - withheldOf(share, { ...order, refunded }));
    if (isOne || own.length > 0 || share.transfer === null || back <= 0) continue;
    await planRetransfer(account, { subject: `${refund.id}/${share.seller}/withheld`, value: back }, context);
  }
}

async function giveToOne(
  order: OrderRow,
  { refund, found }: { refund: RefundRow; found: Stripe.Refund | null },
  context: Context,
): Promise<void> {
  const reversal = found?.transfer_reversal;
  const [share] = await sharesOf(context.sql, order.id);
  if (!share || !reversal || typeof reversal === 'string' || order.destination === null) return;
  const value = await takenBy(reversal, order.destination, context.stripe);
  await planRetransfer(
    { order, share: { ...share, account: order.destination }, movements: [] },
    // Stripe's transfer may be in another currency than the charge.
    { subject: `${refund.id}/${share.seller}/${reversal.id}`, value, currency: reversal.currency },
    context,
  );
}

async function planRetransfer(
  { order, share }: Account,
  { subject, value, currency = share.currency }: { subject: string; value: number; currency?: string },
  context: Context,
): Promise<void> {
  if (value <= 0) return;
  await planMovement(context, {
    account: '',
    livemode: order.livemode,
    kind: 'transfer',
    purpose: RETRANSFER,
    subject,
    orderId: order.id,
    amount: { value, currency },
    // Not of the charge: its own money went to the buyer and came back as the platform's.
    params: { destination: share.account, transfer_group: order.id },
  });
}

/** What the seller does not have of the share, because of refunds. */
function takenOf(account: Account): number {
  const { share } = account;
  const isOf = (purpose: string) => (movement: Movement) =>
    movement.purpose === purpose && isAlive(movement) && movement.subject.split('/')[1] === share.seller;
  const { movements } = account;
  return share.withheld + sum(movements.filter(isOf(REVERSAL))) - sum(movements.filter(isOf(RETRANSFER)));
}

function reversalsOf({ movements, share }: Account, refund: string): Movement[] {
  return movements.filter(
    (movement) =>
      movement.purpose === REVERSAL &&
      isAlive(movement) &&
      movement.subject.startsWith(`${refund}/${share.seller}/`),
  );
}

/** The transfers that brought the seller money of this order, and what can still be taken of each. */
function transfersOf({ movements, share }: Account): { id: string; left: number }[] {
  return movements.flatMap(({ kind, params, stripe_id: id, amount }) => {
    if (kind !== 'transfer' || id === null || params.destination !== share.account) return [];
    const gone = movements.filter((each) => each.target === id && isAlive(each));
    return [{ id, left: amount.value - sum(gone) }];
  });
}

function isAlive({ status }: Movement): boolean {
  return status !== 'refused';
}

function sum(movements: readonly Movement[]): number {
  return movements.reduce((all, { amount }) => all + amount.value, 0);
}
