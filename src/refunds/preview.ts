import type { Sql } from '../db/sql.ts';
import type { Movement } from '../movements/movement.ts';
import { movementsOf } from '../movements/rows.ts';
import type { OrderRow } from '../orders/order.ts';
import { sharesOf, type SellersShare } from '../orders/share-rows.ts';
import { SPLIT, withheldOf } from '../orders/split.ts';
import type { Allowed } from './allowed.ts';
import type { RefundPreview } from './operations.ts';
import { isTaken, type RefundRow } from './refund.ts';
import {
  takenOf,
  takingsOfDestination,
  takingsOfSeparate,
  total,
  transfersOf,
  type ShareAccount,
} from './takings.ts';

/** The refund that is only thought of. */
const THOUGHT = 'thought';

interface Thought {
  allowed: Allowed;
  /** Those that were asked for before. */
  refunds: readonly RefundRow[];
}

/**
 * What a refund would cost whom. What we take from sellers is told by the code that takes it; what Stripe
 * takes, of the fee of a destination or direct charge and of the transfer of a destination charge, by the
 * proportion in which Stripe says it does.
 */
export async function previewOf(
  order: OrderRow,
  { allowed, refunds }: Thought,
  sql: Sql,
): Promise<RefundPreview> {
  const { bearing, value, left } = allowed;
  const before = refunds.filter(isTaken);
  const fee = bearing.refundApplicationFee ? feeBack(order, { allowed, refunds: before }) : 0;
  const movements = await movementsOf(sql, order.id);
  const shares = (await sharesOf(sql, order.id)).map((share) => ({
    seller: share.reference,
    amount: borneBy({ order, share, movements }, { allowed, refunds: before }, fee),
  }));
  const { currency } = order.amount;
  return {
    order: order.id,
    amount: { value, currency },
    left: { value: left, currency },
    reverse_transfer: bearing.reverseTransfer,
    refund_application_fee: bearing.refundApplicationFee,
    platform: value - shares.reduce((sum, { amount }) => sum + amount, 0),
    fee_returned: fee,
    shares,
  };
}

function borneBy(account: ShareAccount, thought: Thought, fee: number): number {
  const { value, bearing } = thought.allowed;
  const type = account.order.charge_type;
  if (type === 'direct') return value - fee;
  if (type === 'destination') return (bearing.reverseTransfer ? ofDestination(account, value) : 0) - fee;
  return type === 'separate' && bearing.reverseTransfer ? ofSeparate(account, thought) : 0;
}

function ofDestination(account: ShareAccount, value: number): number {
  const { share, order, movements } = account;
  const reversed = Math.min(value, share.amount - reversedByStripe(share, movements));
  const thought = { id: THOUGHT, amount: { value, currency: order.amount.currency } };
  return reversed + total(takingsOfDestination(account, [thought], () => reversed));
}

/** What is gone of Stripe's own transfer: all that was reversed but what was taken of transfers of ours. */
function reversedByStripe({ transfer, reversed }: SellersShare, movements: readonly Movement[]): number {
  const ours = movements.filter(
    ({ kind, status, target }) => kind === 'reversal' && status === 'done' && target !== transfer,
  );
  return ours.reduce((rest, { amount }) => rest - amount.value, reversed);
}

function ofSeparate(account: ShareAccount, { allowed, refunds }: Thought): number {
  const { order, share, movements } = account;
  const { currency } = order.amount;
  const thought = { id: THOUGHT, amount: { value: allowed.value, currency } };
  const parts = [...refunds.filter((refund) => refund.reverse_transfer), thought];
  if (transfersOf(account).length > 0) {
    return total(takingsOfSeparate(account, parts).filter(({ refund }) => refund === THOUGHT));
  }
  // A seller whose transfer Stripe refused has nothing to give back.
  const isOver = ({ purpose, status, params }: Movement): boolean =>
    purpose === SPLIT && status === 'refused' && params.destination === share.account;
  if (movements.some(isOver)) return 0;
  // Not transferred yet: it is made smaller, or reversed as soon as it is there.
  const refunded = parts.reduce((sum, { amount }) => sum + amount.value, 0);
  return withheldOf(share, { ...order, refunded }) - takenOf(account);
}

/**
 * What Stripe takes back of the fee: its part of all that was refunded, less what it took before, so that a
 * full refund returns all of it. Of a destination charge the part follows what was reversed of the transfer.
 */
function feeBack(order: OrderRow, { allowed: { value, bearing }, refunds }: Thought): number {
  let [refunded, reversed, given] = [0, 0, 0];
  const dueAfter = (amount: number, isReversed: boolean): number => {
    refunded += amount;
    if (isReversed) reversed += amount;
    const whole = order.amount.value;
    return Math.max(0, Math.round((order.fee * (isReversed ? reversed : refunded)) / whole) - given);
  };
  for (const refund of refunds) {
    const due = dueAfter(refund.amount.value, refund.reverse_transfer);
    if (refund.refund_application_fee) given += due;
  }
  return dueAfter(value, bearing.reverseTransfer);
}
