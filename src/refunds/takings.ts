import type { Movement } from '../movements/movement.ts';
import type { OrderRow } from '../orders/order.ts';
import type { SellersShare } from '../orders/share-rows.ts';
import { withheldOf } from '../orders/split.ts';
import type { RefundRow } from './refund.ts';

/** Takes a refund's part back from a seller of a separate charge. Subject: refund/seller/transfer. */
export const REVERSAL = 'refund_reversal';
/** Gives it to them again, because the refund failed. Subject: the reversal's. */
export const RETRANSFER = 'refund_retransfer';

/** A seller's share and what was planned for its order until now. */
export interface ShareAccount {
  order: OrderRow;
  share: SellersShare;
  movements: readonly Movement[];
}

/** What a refund is to take of a transfer. */
export interface Taking {
  refund: string;
  transfer: string;
  value: number;
}

/** A refund that sellers share in, made or only thought of. */
type Part = Pick<RefundRow, 'id' | 'amount'>;

/**
 * What refunds of a separate charge still have to take from a seller: the part of the share that was refunded
 * of the whole, rounded on the sum of all refunds, so that a full refund takes exactly what was transferred,
 * in however many parts it was made.
 */
export function takingsOfSeparate(account: ShareAccount, refunds: readonly Part[]): Taking[] {
  const { order, share } = account;
  const isBorne = (refund: Part): boolean => sum(reversalsOf(account, refund.id)) > 0;
  let covered = 0;
  let taken = takenOf(account);
  // A transfer can be reversed once; who plans for two refunds at once must not count on it twice.
  const left = transfersOf(account);
  const takings: Taking[] = [];
  // One that took something may want more: of a transfer that was made since.
  for (const refund of refunds.toSorted((a, b) => Number(isBorne(b)) - Number(isBorne(a)))) {
    covered += refund.amount.value;
    const need = withheldOf(share, { ...order, refunded: covered }) - taken;
    const own = takingsFrom(account, { refund: refund.id, need, left });
    taken += total(own);
    takings.push(...own);
  }
  return takings;
}

/**
 * What refunds of a destination charge have to take beyond what Stripe itself has reversed of its transfer
 * with each (`reversedBy`): what a refund that failed or a dispute that was won gave the seller came in
 * transfers of ours, which Stripe knows nothing of.
 */
export function takingsOfDestination(
  account: ShareAccount,
  refunds: readonly Part[],
  reversedBy: (refund: Part) => number,
): Taking[] {
  const { order, share } = account;
  const left = transfersOf(account);
  return refunds.flatMap((refund) => {
    const own = sum(reversalsOf(account, refund.id));
    const refunded = Math.max(0, refund.amount.value - reversedBy(refund));
    const need = withheldOf(share, { ...order, refunded }) - own;
    return takingsFrom(account, { refund: refund.id, need, left });
  });
}

/** What the seller does not have of the share, because of refunds. */
export function takenOf({ share, movements }: ShareAccount): number {
  const isOf = (purpose: string) => (movement: Movement) =>
    movement.purpose === purpose && isAlive(movement) && movement.subject.split('/')[1] === share.seller;
  return share.withheld + sum(movements.filter(isOf(REVERSAL))) - sum(movements.filter(isOf(RETRANSFER)));
}

/** The reversals that took a refund's part from the seller. */
export function reversalsOf({ movements, share }: ShareAccount, refund: string): Movement[] {
  return movements.filter(
    (movement) =>
      movement.purpose === REVERSAL &&
      isAlive(movement) &&
      movement.subject.startsWith(`${refund}/${share.seller}/`),
  );
}

/** The transfers that brought the seller money of this order, and what can still be taken of each. */
export function transfersOf({ movements, share }: ShareAccount): { id: string; left: number }[] {
  return movements.flatMap(({ kind, params, stripe_id: id, amount }) => {
    if (kind !== 'transfer' || id === null || params.destination !== share.account) return [];
    const gone = movements.filter((each) => each.target === id && isAlive(each));
    return [{ id, left: amount.value - sum(gone) }];
  });
}

/** The movement that makes a taking is known by this. */
export function subjectOf({ share }: ShareAccount, { refund, transfer }: Omit<Taking, 'value'>): string {
  return `${refund}/${share.seller}/${transfer}`;
}

export function total(takings: readonly Taking[]): number {
  return takings.reduce((all, { value }) => all + value, 0);
}

/** So much from what is left of transfers; what is taken here is no longer left. */
function takingsFrom(
  account: ShareAccount,
  { refund, need, left }: { refund: string; need: number; left: { id: string; left: number }[] },
): Taking[] {
  const takings: Taking[] = [];
  for (const transfer of left) {
    const value = Math.min(need - total(takings), transfer.left);
    const taking = { refund, transfer: transfer.id, value };
    if (value <= 0 || isPlanned(account, taking)) continue;
    transfer.left -= value;
    takings.push(taking);
  }
  return takings;
}

// It took of this transfer already, or could not.
function isPlanned(account: ShareAccount, taking: Taking): boolean {
  const subject = subjectOf(account, taking);
  return account.movements.some((each) => each.purpose === REVERSAL && each.subject === subject);
}

function isAlive({ status }: Movement): boolean {
  return status !== 'refused';
}

function sum(movements: readonly Movement[]): number {
  return movements.reduce((all, { amount }) => all + amount.value, 0);
}
