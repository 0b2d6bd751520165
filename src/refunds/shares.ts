import type Stripe from 'stripe';
import type { MovementContext } from '../movements/movements.ts';
import { planMovement } from '../movements/plan.ts';
import { movementsOf, withdrawMovement } from '../movements/rows.ts';
import { takenBy } from '../movements/taken.ts';
import type { OrderRow } from '../orders/order.ts';
import { sharesOf } from '../orders/share-rows.ts';
import { refundedOfSellers, withheldOf } from '../orders/split.ts';
import { isLive, type RefundRow } from './refund.ts';
import { refundsOf } from './rows.ts';
import {
  RETRANSFER,
  REVERSAL,
  reversalsOf,
  subjectOf,
  takenOf,
  takingsOfDestination,
  takingsOfSeparate,
  transfersOf,
  type ShareAccount,
  type Taking,
} from './takings.ts';

type Context = Pick<MovementContext, 'sql' | 'enqueue' | 'stripe'>;

/**
 * Plans to take back from the sellers what refunds gave to the buyer, as `takings.ts` says. What is the
 * platform's own of the cart stays with the platform. Called under the order's lock, as often as one likes.
 */
export async function takeFromShares(order: OrderRow, context: Context): Promise<void> {
  if (order.charge_type !== 'separate' && order.charge_type !== 'destination') return;
  const all = await refundsOf(context.sql, order.id);
  const refunds = all.filter((refund) => refund.reverse_transfer && isLive(refund));
  if (refunds.length === 0) return;
  const movements = await movementsOf(context.sql, order.id);
  for (const share of await sharesOf(context.sql, order.id)) {
    const account = { order, share, movements };
    for (const taking of await takingsOf(account, refunds, context.stripe)) {
      await planReversal(account, taking, context);
    }
  }
}

async function takingsOf(
  account: ShareAccount,
  refunds: readonly RefundRow[],
  stripe: Stripe,
): Promise<Taking[]> {
  if (account.order.charge_type === 'separate') return takingsOfSeparate(account, refunds);
  if (transfersOf(account).length === 0) return [];
  const reversed = new Map<string, number>();
  for (const { id, stripe_refund } of refunds) {
    const found = await stripe.refunds.retrieve(stripe_refund as string, { expand: ['transfer_reversal'] });
    const reversal = found.transfer_reversal;
    reversed.set(id, typeof reversal === 'object' ? (reversal?.amount ?? 0) : 0);
  }
  return takingsOfDestination(account, refunds, ({ id }) => reversed.get(id) ?? 0);
}

async function planReversal(account: ShareAccount, taking: Taking, context: Context): Promise<void> {
  const { order, share } = account;
  await planMovement(context, {
    account: '',
    livemode: order.livemode,
    kind: 'reversal',
    purpose: REVERSAL,
    subject: subjectOf(account, taking),
    orderId: order.id,
    amount: { value: taking.value, currency: share.currency },
    target: taking.transfer,
    params: {},
  });
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
  { order, share }: ShareAccount,
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
