import type Stripe from 'stripe';
import type { Movement } from '../../../src/movements/movement.ts';
import { idOf } from '../../simulator/support/simulator.ts';
import { isBack, isOfBuyer, nameOf, type Books } from './books.ts';
import type { WholeOrder } from './moves.ts';
import type { Town } from './town.ts';

const MOVEMENT = 'quittance_movement';
const ORDER = 'quittance_order';

/** What is wrong with our records, held against Stripe's objects: both ways round. */
export async function recordProblems(town: Town, books: readonly Books[]): Promise<string[]> {
  const [own] = books as [Books];
  return [
    ...(await movementProblems(town, books)),
    ...(await reversalProblems(town, own)),
    ...(await orderProblems(town, books)),
    ...(await payoutProblems(town, books)),
    ...(await eventProblems(town)),
  ];
}

type Moved = { id: string; amount: number; currency: string; metadata: Stripe.Metadata | null };

/** Each movement that is done has its one object, and whatever calls itself a movement of ours is one. */
async function movementProblems({ sql }: Town, books: readonly Books[]): Promise<string[]> {
  const problems: string[] = [];
  const named = new Map<string, Moved[]>();
  for (const { refunds, transfers, reversals, payouts } of books) {
    for (const object of [...refunds, ...transfers, ...reversals, ...payouts] as Moved[]) {
      const name = object.metadata?.[MOVEMENT];
      if (name) named.set(name, [...(named.get(name) ?? []), object]);
    }
  }
  const rows = await sql<Movement & { amount: number; currency: string }>`select * from quittance.movement`;
  for (const row of rows) {
    const what = `movement ${row.id} (${row.purpose} ${row.subject}, ${row.amount} ${row.currency})`;
    const found = named.get(row.id) ?? [];
    named.delete(row.id);
    if (row.status === 'planned') {
      // What Stripe can't do for want of money is right to wait.
      if (row.error_code !== 'balance_insufficient') problems.push(`${what} still waits: ${row.error}`);
    }
    const one = row.status === 'done' ? 1 : 0;
    if (found.length !== one) problems.push(`${what} is ${row.status} and has ${found.length} objects`);
    for (const { id, amount, currency } of found) {
      if (id !== row.stripe_id) problems.push(`${what} has ${row.stripe_id}, Stripe has ${id}`);
      if (amount !== row.amount || currency !== row.currency) {
        problems.push(`${what}: Stripe moved ${amount} ${currency} by ${id}`);
      }
    }
  }
  for (const [name, objects] of named) problems.push(`${objects[0]?.id} says it is ${name}: there is none`);
  return problems;
}

/** Nobody but a refund of Stripe's and our movements takes anything back, and shares know how much. */
async function reversalProblems({ sql }: Town, { transfers, reversals }: Books): Promise<string[]> {
  const problems: string[] = [];
  for (const { id, metadata, source_refund: refund } of reversals) {
    if (!metadata?.[MOVEMENT] && !refund) problems.push(`${id} took money back, and nobody asked for it`);
  }
  for (const { id, metadata, transfer_group: group } of transfers) {
    const isStripes = !metadata?.[MOVEMENT] && group?.startsWith('group_');
    if (!metadata?.[MOVEMENT] && !isStripes) problems.push(`${id} sent money, and nobody asked for it`);
  }
  const shares = await sql<{ order_id: string; transfer: string | null; reversed: number; account: string }>`
    select order_id, transfer, reversed, account
    from quittance.order_share join quittance.seller on id = seller`;
  for (const { order_id: order, transfer: id, reversed, account } of shares) {
    if (id !== null && !transfers.some((each) => each.id === id)) {
      problems.push(`${order}: Stripe has no transfer ${id}`);
    }
    // What was given again after a refund that failed can be taken back as well.
    const back = transfers
      .filter((each) => each.id === id || each.metadata[ORDER] === order)
      .filter(({ destination }) => idOf(destination) === account)
      .reduce((sum, { amount_reversed: part }) => sum + part, 0);
    if (back !== reversed)
      problems.push(`${order}: ${reversed} reversed from ${account}, Stripe says ${back}`);
  }
  return problems;
}

/** Every sale, its refunds and its disputes stand as Stripe has them. */
async function orderProblems(town: Town, books: readonly Books[]): Promise<string[]> {
  const problems: string[] = [];
  const refunds = new Map(
    (
      await town.sql<{ stripe_refund: string; status: string; amount: number }>`
        select stripe_refund, status, amount from quittance.refund where stripe_refund is not null`
    ).map((row) => [row.stripe_refund, row]),
  );
  const disputes = new Map(
    (
      await town.sql<{ id: string; status: string; amount: number; order_id: string | null }>`
      select * from quittance.dispute`
    ).map((row) => [row.id, row]),
  );
  for (const sale of town.sales) {
    const order = (await town.order(sale.order)) as unknown as WholeOrder;
    const account = sale.account;
    const book = books.find((each) => each.account === account) as Books;
    const charge = book.charges.find(
      (each) => isOfBuyer(each) && idOf(each.payment_intent) === order.payment_intent,
    );
    if (!charge) problems.push(`${sale.order} (${order.status}) was paid, and Stripe has no charge of it`);
    else problems.push(...standing(order, charge, book).map((problem) => `${sale.order} ${problem}`));
    const times = await town.fulfilments(sale.order);
    // What was disputed before it was seen to be paid waits for the bank.
    if (times > 1 || (times === 0 && order.status === 'fulfilled')) {
      problems.push(`${sale.order} was fulfilled ${times} times (${order.status}, ${order.problem})`);
    }
    for (const { id, amount, status } of refundsOf(charge, book)) {
      const row = refunds.get(id);
      if (row?.status !== status || row?.amount !== amount) {
        problems.push(`refund ${id} of ${amount} is ${status}, ours: ${row?.status} ${row?.amount}`);
      }
      refunds.delete(id);
    }
    for (const { id, status } of book.disputes.filter((each) => idOf(each.charge) === charge?.id)) {
      const row = disputes.get(id);
      if (row?.status !== status || row.order_id !== sale.order) {
        problems.push(
          `dispute ${id} of ${sale.order} is ${status}, ours: ${row?.status} of ${row?.order_id}`,
        );
      }
      disputes.delete(id);
    }
  }
  for (const id of [...refunds.keys(), ...disputes.keys()]) problems.push(`${id} is of no sale`);
  return problems;
}

function refundsOf(charge: Stripe.Charge | undefined, { refunds }: Books): Stripe.Refund[] {
  return refunds.filter((refund) => idOf(refund.charge) === charge?.id);
}

/** What an order's status and sums should be, from Stripe's charge alone. */
function standing(order: WholeOrder, charge: Stripe.Charge, book: Books): string[] {
  const problems: string[] = [];
  const back = refundsOf(charge, book)
    .filter(isBack)
    .reduce((sum, { amount }) => sum + amount, 0);
  if (order.charge !== charge.id) problems.push(`has charge ${order.charge}, Stripe ${charge.id}`);
  if (order.refunded !== back) problems.push(`has ${order.refunded} refunded, Stripe ${back}`);
  const statuses = book.disputes
    .filter((each) => idOf(each.charge) === charge.id)
    .map(({ status }) => status);
  const isDisputed = statuses.some((status) => ['needs_response', 'under_review', 'lost'].includes(status));
  const wanted = charge.refunded ? 'refunded' : isDisputed ? 'disputed' : 'fulfilled';
  if (order.status !== wanted && order.status !== 'review') {
    problems.push(`is ${order.status}, should be ${wanted} (${statuses.join()}; ${order.problem})`);
  }
  return problems;
}

/** Every payout of a seller is here, as Stripe has it. */
async function payoutProblems({ sql }: Town, books: readonly Books[]): Promise<string[]> {
  const rows = await sql<{ id: string; account: string; status: string; amount: number }>`
    select id, account, status, amount from quittance.payout`;
  const ours = new Map(rows.map((row) => [row.id, row]));
  const problems: string[] = [];
  for (const book of books) {
    for (const { id, status, amount } of book.payouts) {
      const row = ours.get(id);
      ours.delete(id);
      if (row?.status === status && row.amount === amount) continue;
      problems.push(`payout ${id} of ${nameOf(book)} is ${status}, ours: ${row?.status ?? 'none'}`);
    }
  }
  for (const id of ours.keys()) problems.push(`Stripe has no payout ${id}`);
  return problems;
}

async function eventProblems({ sql }: Town): Promise<string[]> {
  const rows = await sql<{ id: string; status: string; reason: string }>`
    select event.id, outcome.status, reason from quittance.outcome join quittance.event using (seq)
    where outcome.status <> 'ignored'`;
  return rows.map(({ id, status, reason }) => `event ${id} is ${status}: ${reason}`);
}
