import type { Sql } from '../db/sql.ts';
import type { Enqueue } from '../inbox/handlers.ts';
import type { Movement } from '../movements/movement.ts';
import { planMovement } from '../movements/plan.ts';
import { movementFor, withdrawMovement } from '../movements/rows.ts';
import { borneByPlatform } from '../refunds/rows.ts';
import type { OrderRow } from './order.ts';
import { noteTransfer, noteWithheld, sharesOf, type SellersShare } from './share-rows.ts';

/** The purpose of the transfers that split a separate charge. */
export const SPLIT = 'split';

/**
 * Plans one transfer for each seller of a paid separate charge, of what is theirs: gross less the fee, less
 * their part of what was refunded before. Called again after every refund: a transfer that nobody has asked
 * Stripe for yet is planned anew with what is left. Needs the order's lock. Source:
 * docs.stripe.com/connect/separate-charges-and-transfers
 */
export async function planSplits(
  order: OrderRow,
  { sql, enqueue }: { sql: Sql; enqueue: Enqueue },
): Promise<void> {
  if (order.charge_type !== 'separate' || order.charge === null) return;
  const refunded = await refundedOfSellers(sql, order);
  for (const share of await sharesOf(sql, order.id)) {
    const known = await movementFor(sql, {
      livemode: order.livemode,
      purpose: SPLIT,
      subject: subjectOf(share),
    });
    const withheld = withheldOf(share, { ...order, refunded });
    if (
      known &&
      (known.amount.value === share.amount - share.fee - withheld || !(await withdrawn(sql, known)))
    ) {
      continue;
    }
    if (withheld !== share.withheld) await noteWithheld(sql, { ...keyOf(share), withheld });
    await planTransfer(order, share, share.amount - share.fee - withheld, { sql, enqueue });
  }
}

/** What was refunded of an order, without what the platform said that it pays alone. */
export async function refundedOfSellers(sql: Sql, order: OrderRow): Promise<number> {
  return Math.max(0, order.refunded - (await borneByPlatform(sql, order.id)));
}

/**
 * A seller's part of what was refunded, of what is theirs: in proportion, rounded half up to the minor unit,
 * and all of it when everything was refunded.
 */
export function withheldOf(share: Pick<SellersShare, 'amount' | 'fee'>, order: OrderRow): number {
  const theirs = BigInt(share.amount - share.fee);
  const whole = BigInt(order.amount.value);
  return Number((2n * theirs * BigInt(order.refunded) + whole) / (2n * whole));
}

/** What follows from a split: its transfer is kept with the share, or somebody is told that there is none. */
export function splitHooks(alarm: (code: string, subject: string, detail: string) => void): {
  done: (movement: Movement, object: { id: string }, context: { sql: Sql }) => Promise<void>;
  refused: (movement: Movement) => void;
} {
  return {
    done: async (movement, { id: transfer }, { sql }) => {
      await noteTransfer(sql, { ...placeOf(movement), transfer });
    },
    refused: (movement) => {
      const { orderId, seller } = placeOf(movement);
      alarm('split_refused', orderId, `seller ${seller} got nothing of it: ${movement.error}`);
    },
  };
}

async function planTransfer(
  order: OrderRow,
  share: SellersShare,
  value: number,
  context: { sql: Sql; enqueue: Enqueue },
): Promise<void> {
  if (value <= 0) return;
  await planMovement(context, {
    account: '',
    livemode: order.livemode,
    kind: 'transfer',
    purpose: SPLIT,
    subject: subjectOf(share),
    orderId: order.id,
    amount: { value, currency: share.currency },
    params: { destination: share.account, source_transaction: order.charge, transfer_group: order.id },
  });
}

// Once Stripe may have been asked, the transfer is made as it was planned, and a refund reverses it.
async function withdrawn(sql: Sql, { id, status, tried_at }: Movement): Promise<boolean> {
  return status === 'planned' && tried_at === null && (await withdrawMovement(sql, id));
}

function keyOf({ order_id: orderId, seller }: SellersShare): { orderId: string; seller: string } {
  return { orderId, seller };
}

function subjectOf({ order_id, seller }: SellersShare): string {
  return `order:${order_id}/${seller}`;
}

function placeOf({ subject }: Movement): { orderId: string; seller: string } {
  const [, orderId = '', seller = ''] = /^order:([^/]+)\/(.+)$/.exec(subject) ?? [];
  return { orderId, seller };
}
