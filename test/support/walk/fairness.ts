import type Stripe from 'stripe';
import { idOf } from '../../simulator/support/simulator.ts';
import { isBack, type Books } from './books.ts';
import type { Town } from './town.ts';

interface Part {
  order_id: string;
  amount: number;
  fee: number;
  account: string;
  whole: number;
  charge: string;
  charge_type: string;
  transfer: string | null;
}

/**
 * Which sellers have not got what is theirs, counted from Stripe's objects alone: of each sale that no bank
 * keeps, and whose refunds all who were paid share in: gross less fee, less their part of what went back.
 */
export async function fairnessProblems({ sql }: Town, [own]: readonly Books[]): Promise<string[]> {
  if (!own) return [];
  const parts = await sql<Part>`
    select share.order_id, share.amount, share.fee, share.transfer, seller.account,
      orders.amount as whole, orders.charge, orders.charge_type
    from quittance.order_share share
    join quittance.seller on seller.id = share.seller
    join quittance.orders on orders.id = share.order_id
    where charge is not null and charge_type in ('destination', 'separate') and orders.status <> 'review'
      and coalesce(dispute_state, 'won') in ('won', 'inquiry')
      and not exists (select from quittance.refund where order_id = orders.id
        and (not reverse_transfer or source = 'stripe' or status in ('requested', 'refused')
          or (charge_type = 'destination' and not refund_application_fee and orders.fee > 0)))
      and not exists (select from quittance.movement where order_id = orders.id and status <> 'done')`;
  return parts.flatMap((part) => problemsOf(part, own));
}

function problemsOf(part: Part, own: Books): string[] {
  const { order_id: order, amount, fee, whole, account } = part;
  const refunds = own.refunds.filter(({ charge }) => idOf(charge) === part.charge);
  const back = refunds.filter(isBack).reduce((sum, each) => sum + each.amount, 0);
  const should = amount - fee - Math.round(((amount - fee) * back) / whole);
  const has = kept(part, own);
  // Stripe rounds the fee that goes back with each refund of a destination charge by itself.
  const tolerance = part.charge_type === 'destination' ? refunds.length : 0;
  if (Math.abs(has - should) <= tolerance) return [];
  return [
    `${order}: ${account} has ${has} of it, ${should} are theirs (${amount} less ${fee}, ${back} back)`,
  ];
}

/** What transfers for this order brought and left to the seller, less the fee that was taken of them. */
function kept({ order_id: order, account, transfer: id, charge }: Part, own: Books): number {
  const isOfIt = (each: Stripe.Transfer): boolean =>
    (each.id === id || each.metadata['quittance_order'] === order) && idOf(each.destination) === account;
  const brought = own.transfers
    .filter(isOfIt)
    .reduce((sum, each) => sum + each.amount - each.amount_reversed, 0);
  const taken = own.applicationFees
    .filter((each) => idOf(each.originating_transaction) === charge)
    .reduce((sum, each) => sum + each.amount - each.amount_refunded, 0);
  return brought - taken;
}
