import Stripe from 'stripe';
import { control } from '../../simulator/support/simulator.ts';
import { CARD, pay, visitSuccess } from '../buyer.ts';
import { orderOf } from '../cart.ts';
import { DAY_SECONDS } from '../marketplace.ts';
import { API_KEY } from '../quittance.ts';
import type { Seeded } from '../seeded.ts';
import { priceOf, type Sale, type Town } from './town.ts';

const HOUR_SECONDS = 3_600;
/** Stripe's test cards: pays, pays at once, is disputed, its refunds fail, its refunds take time. */
const CARDS = [
  '4242424242424242',
  '4000000000000077',
  '4000000000000259',
  '4000000000005126',
  '4000000000007726',
];
const USD = ['coffee', 'cabin', 'boat', 'hut', 'gift'];
const CARTS = [...USD, 'tent', 'bath', 'tea', 'map', 'villa', 'barn'].map((id) => [id]);
const EVENTS = [
  'charge.',
  'payment_intent.',
  'checkout.',
  'dispute',
  'refund',
  'payout',
  'transfer',
  'balance',
  '',
];
const CALLS = [
  'POST /v1/refunds',
  'POST /v1/transfers',
  'POST /v1/payouts',
  '/reversals',
  'GET /v1/',
  'POST /v1/',
];

/** One thing that happens; nothing when there is nothing to do it to. */
export type Move = (town: Town, dice: Seeded) => Promise<unknown>;

/** Everything that may happen, with how likely it is beside the others. */
const MOVES: readonly [weight: number, move: Move][] = [
  [10, sell],
  [5, refund],
  [1, refundTwiceAtOnce],
  [1, refundInDashboard],
  [3, dispute],
  [3, decide],
  [2, payOut],
  [4, letTimePass],
  [3, disturbEvents],
  [3, disturbCalls],
  [1, restart],
];

/** What can't happen beside something else. */
const ALONE = new Set<Move>([decide, letTimePass, restart]);

/** What happens next, chosen by the dice: one move, or two at once. */
export function nextMoves(dice: Seeded): Move[] {
  const moves = [oneOf(dice), oneOf(dice)];
  const alone = moves.find((move) => ALONE.has(move));
  if (alone) return [alone];
  return dice.chance(0.3) ? moves : moves.slice(1);
}

function oneOf(dice: Seeded): Move {
  let at = dice.below(MOVES.reduce((sum, [weight]) => sum + weight, 0));
  for (const [weight, move] of MOVES) {
    at -= weight;
    if (at < 0) return move;
  }
  return sell;
}

export async function sell(town: Town, dice: Seeded): Promise<void> {
  const ids = dice.chance(0.4) ? [dice.pick(USD), dice.pick(USD)] : dice.pick(CARTS);
  const items = [...new Set(ids)].map((id) => ({ id, quantity: 1 + dice.below(3) }));
  const separate = dice.chance(0.2) && !['tent', 'map', 'coffee'].includes(ids[0] ?? '');
  const card = { ...CARD, number: dice.pick(CARDS) };
  const more = separate ? { charge: 'separate' } : {};
  // Stripe may be disturbed just now: then nothing is sold.
  const made = await orderOf(town, { items, ...more }).catch((error: Error) => tell(town, error.message));
  if (!made) return;
  tell(town, `sell ${made.order} ${JSON.stringify(items)} ${separate} ${card.number}`);
  if (!(await pay(made, card))) return;
  const amount = items.reduce((sum, { id, quantity }) => sum + priceOf(id) * quantity, 0);
  town.sales.push({ order: made.order, account: made.account, amount });
  if (dice.chance(0.8)) await visitSuccess(town, made);
}

function refund(town: Town, dice: Seeded): Promise<void> {
  const sale = dice.pick(town.sales);
  return sale ? askRefund(town, sale, refundBody(sale, dice)) : Promise.resolve();
}

/** The same request twice, and another one beside it. */
async function refundTwiceAtOnce(town: Town, dice: Seeded): Promise<void> {
  const sale = dice.pick(town.sales);
  if (!sale) return;
  const [one, other] = [refundBody(sale, dice), refundBody(sale, dice)];
  const key = `refund-${dice.below(1e9)}`;
  await Promise.all([
    askRefund(town, sale, one, key),
    askRefund(town, sale, one, key),
    askRefund(town, sale, other),
  ]);
}

function refundBody({ amount }: Sale, dice: Seeded): Record<string, unknown> {
  return {
    ...(dice.chance(0.6) ? { amount: 1 + dice.below(amount) } : {}),
    ...(dice.chance(0.15) ? { reverse_transfer: dice.chance(0.5) } : {}),
    ...(dice.chance(0.15) ? { refund_application_fee: dice.chance(0.5) } : {}),
  };
}

async function askRefund(town: Town, { order }: Sale, body: unknown, key?: string): Promise<void> {
  await ask(town, `/api/orders/${order}/refunds`, body, key);
}

async function refundInDashboard(town: Town, dice: Seeded): Promise<void> {
  const sale = dice.pick(town.sales);
  if (!sale) return;
  const params = { amount: 1 + dice.below(sale.amount), reverse_transfer: dice.chance(0.5) };
  const order = await read<WholeOrder>(town, `/api/orders/${sale.order}`);
  const payment_intent = order?.payment_intent;
  if (!payment_intent) return;
  await atStripe(town, `refund in the Dashboard ${sale.order} ${JSON.stringify(params)}`, () =>
    town.stripe.refunds.create(
      {
        payment_intent,
        amount: params.amount,
        ...(order.charge_type === 'destination' ? { reverse_transfer: params.reverse_transfer } : {}),
      },
      sale.account ? { stripeAccount: sale.account } : {},
    ),
  );
}

async function dispute(town: Town, dice: Seeded): Promise<void> {
  const sale = dice.pick(town.sales);
  if (!sale) return;
  const body = {
    reason: dice.pick(['fraudulent', 'product_not_received', 'inquiry']),
    ...(dice.chance(0.4) ? { amount: 1 + dice.below(sale.amount) } : {}),
  };
  const charge = (await read<WholeOrder>(town, `/api/orders/${sale.order}`))?.charge;
  if (!charge) return;
  const made = await control(town.simulator, 'POST', `charges/${charge}/dispute`, body);
  tell(town, `dispute ${sale.order} ${JSON.stringify(body)} ${JSON.stringify(made).slice(0, 80)}`);
}

async function decide(town: Town, dice: Seeded): Promise<void> {
  type Disputes = { data: { id: string; closed_at: string | null }[] };
  const all = await read<Disputes>(town, '/api/disputes');
  const found = dice.pick((all?.data ?? []).filter(({ closed_at }) => closed_at === null));
  if (!found) return;
  if (dice.chance(0.2)) return ask(town, `/api/disputes/${found.id}/close`, {});
  const words = ['winning_evidence', 'winning_evidence', 'losing_evidence', 'escalate_inquiry_evidence'];
  const evidence = { uncategorized_text: dice.pick(words) };
  await ask(town, `/api/disputes/${found.id}/evidence`, { evidence, submit: true });
  if (dice.chance(0.6)) await town.pass(6);
}

async function payOut(town: Town, dice: Seeded): Promise<void> {
  const { id } = dice.pick(town.sellers);
  const amount = dice.chance(0.5) ? { amount: 1 + dice.below(5_000) } : {};
  const body = { ...amount, currency: dice.pick(['usd', 'usd', 'jpy', 'eur']) };
  const more = dice.chance(0.2) ? { method: 'instant' } : {};
  await ask(town, `/api/connect/sellers/${id}/payouts`, { ...body, ...more }, `payout-${dice.below(1e9)}`);
}

async function letTimePass(town: Town, dice: Seeded): Promise<void> {
  const seconds = dice.pick([6, 6, 60, HOUR_SECONDS, DAY_SECONDS, 2 * DAY_SECONDS]);
  tell(town, `${seconds} s pass`);
  await town.pass(seconds);
}

/** Some of the next events never come, come twice, late or in another order. */
async function disturbEvents(town: Town, dice: Seeded): Promise<void> {
  const kind = dice.pick(['drop', 'duplicate', 'duplicate', 'delay', 'reorder'] as const);
  const fault = { kind, match: dice.pick(EVENTS), times: 1 + dice.below(4), seconds: 1 + dice.below(200) };
  tell(town, `events: ${JSON.stringify(fault)}`);
  town.simulator.faults.add(fault);
}

/** One of the next calls fails, or its answer is lost. */
async function disturbCalls(town: Town, dice: Seeded): Promise<void> {
  const kind = dice.pick(['api_error', 'rate_limit', 'reset_before', 'reset_after', 'reset_after'] as const);
  const fault = { kind, match: dice.pick(CALLS), times: 1 + dice.below(2) };
  tell(town, `calls: ${JSON.stringify(fault)}`);
  town.simulator.faults.add(fault);
}

/** The process ends; sometimes the day goes on without it. */
async function restart(town: Town, dice: Seeded): Promise<void> {
  const seconds = dice.pick([0, 6, HOUR_SECONDS, DAY_SECONDS]);
  tell(town, `away for ${seconds} s`);
  await town.restart(() => town.pass(seconds));
}

/** What an address of the API says; null while nobody is there. */
async function read<T>(town: Town, path: string): Promise<T | null> {
  const answer = await town.api(path);
  return answer.ok ? ((await answer.json()) as T) : null;
}

export interface WholeOrder {
  id: string;
  status: string;
  amount: { value: number; currency: string };
  charge_type: string;
  destination: string | null;
  fee: number;
  refunded: number;
  charge: string | null;
  payment_intent: string | null;
  dispute_state: string | null;
  problem: string | null;
}

/** Posts to the API. It may refuse, or say that Stripe is away; it never breaks. */
async function ask(town: Town, path: string, body: unknown, key?: string): Promise<void> {
  const headers = { authorization: `Bearer ${API_KEY}`, ...(key ? { 'idempotency-key': key } : {}) };
  const answer = await fetch(`${town.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  const text = await answer.text();
  tell(town, `${path} ${JSON.stringify(body)} → ${answer.status} ${text}`);
  if (answer.status === 500) throw new Error(`${path} broke: ${text}`);
}

async function atStripe(town: Town, what: string, call: () => Promise<{ id: string }>): Promise<void> {
  try {
    tell(town, `${what} → ${(await call()).id}`);
  } catch (error) {
    if (!(error instanceof Stripe.errors.StripeError)) throw error;
    tell(town, `${what} → ${error.message}`);
  }
}

function tell(town: Town, what: string): void {
  town.story.push(what);
}
