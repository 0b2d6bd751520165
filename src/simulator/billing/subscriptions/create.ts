import type Stripe from 'stripe';
import { mergeMetadata } from '../../contract/metadata.ts';
import type { Params } from '../../contract/validate.ts';
import { idOf } from '../../kinds.ts';
import { makeSetupIntent } from '../../payments/make-setup-intent.ts';
import { methodTypes } from '../../payments/method-types.ts';
import type { Realm } from '../../realm.ts';
import type { Call } from '../../server/call.ts';
import { badParameter, missingParameter, refused } from '../../server/errors.ts';
import { checkPriceCurrency } from '../catalog/amounts.ts';
import { redeemAll } from '../discounts/redeem.ts';
import { methodOf } from '../invoices/methods.ts';
import { list, text } from '../params.ts';
import { onClock } from '../time/moments.ts';
import { TRIAL_WARNING_SECONDS } from './agenda.ts';
import { makeBill } from './bill.ts';
import { endOf } from './ending.ts';
import { NOTHING_SAID, fieldsOf } from './fields.ts';
import { addItem, itemsOf, periodIn, periodOf, readItems, type WantedItem } from './items.ts';
import { payBill } from './pay-bill.ts';
import { chargeRest } from './prorate.ts';
import { firstPeriod, readStart, type Start } from './start.ts';
import { refresh, type Subscription } from './store.ts';

/** Since this version subscriptions are billed flexibly unless something else is said. */
const FLEXIBLE = '2025-09-30.clover';

/** What is asked for, by a caller or by something that was planned. */
export type Asked = Pick<Call, 'realm' | 'params' | 'version' | 'magic'>;

/** What a subscription was planned by: a quote, or the schedule that goes on leading it. */
interface Plan {
  schedule?: string;
}

/**
 * Begins a subscription: see docs.stripe.com/api/subscriptions/create. One that was `planned` begins without
 * its first payment: the invoice waits an hour as a draft.
 */
export function createSubscription(call: Asked, plan?: Plan): Subscription {
  const { params } = call;
  const id = text(params, 'customer');
  if (id === undefined) throw missingParameter('customer');
  const customer = call.realm.need('customer', id, 'customer');
  const realm = onClock(call.realm, customer);
  const wanted = readItems(realm, list(params, 'items'), 'items');
  if (wanted.length === 0) throw missingParameter('items');
  const currency = currencyOf(realm, params, wanted);
  const start = readStart(params, wanted, realm.now);
  const made = insert({ ...call, realm }, customer, start, currency);
  for (const item of wanted)
    addItem(realm, { id: made.id, customer: id }, item, firstPeriod(start, item, realm.now));
  claimCurrency(realm, customer, currency);
  discount(realm, made, params, id);
  const subscription = refresh(realm, made.id);
  const ends = endOf(subscription, params);
  if (ends) realm.change('subscription', made.id, ends);
  if (plan?.schedule !== undefined) realm.change('subscription', made.id, { schedule: plan.schedule });
  firstBill(realm, realm.need('subscription', made.id), start, params, plan !== undefined);
  return announce(realm, made.id);
}

function insert(call: Asked, customer: Stripe.Customer, start: Start, currency: string): Subscription {
  const { realm, params, version } = call;
  return realm.insert(
    'subscription',
    {
      ...NOTHING_SAID,
      ...fieldsOf(call, customer.id),
      billing_cycle_anchor: start.anchor,
      billing_cycle_anchor_config: (params['billing_cycle_anchor_config'] ?? null) as never,
      billing_mode: billingMode(params, version, realm.now),
      cancellation_details: { comment: null, feedback: null, feedback_option: null, reason: null },
      currency,
      customer: customer.id,
      discounts: [],
      metadata: mergeMetadata({}, params['metadata']),
      start_date: start.begins,
      status: start.trialEnd === null ? 'incomplete' : 'trialing',
      test_clock: idOf(customer.test_clock ?? null),
      trial_end: start.trialEnd,
      trial_start: start.trialEnd === null ? null : realm.now,
    },
    { announced: false },
  );
}

function billingMode(params: Params, version: string, now: number): Stripe.Subscription.BillingMode {
  const given = params['billing_mode'] as { type: string; flexible?: object } | undefined;
  const type = given?.type ?? (version >= FLEXIBLE ? 'flexible' : 'classic');
  if (type === 'classic') return { flexible: null, type };
  const flexible = { proration_discounts: 'included' as const, ...given?.flexible };
  return { flexible, type: 'flexible', updated_at: now };
}

function discount(realm: Realm, { id }: Subscription, params: Params, customer: string): void {
  const given = list(params, 'discounts');
  const coupon = text(params, 'coupon');
  const code = text(params, 'promotion_code');
  if (coupon !== undefined) given.push({ coupon });
  if (code !== undefined) given.push({ promotion_code: code });
  const discounts = redeemAll(realm, given, { customer, subscription: id }, 'discounts');
  realm.change('subscription', id, { discounts });
}

/** The first invoice, which is paid at once where the subscription is charged automatically. */
function firstBill(
  realm: Realm,
  subscription: Subscription,
  start: Start,
  params: Params,
  planned: boolean,
): void {
  const { id, trial_end } = subscription;
  const held = itemsOf(realm, id);
  if (start.stub && params['proration_behavior'] !== 'none')
    for (const item of held) {
      const period = periodOf(item.price, start.anchor, realm.now);
      chargeRest(realm, subscription, { item, period }, realm.now);
    }
  const items = held.map((item) => ({ item, period: periodIn(item), trial: trial_end !== null }));
  const waits = planned || subscription.collection_method === 'send_invoice';
  const invoice = makeBill(realm, subscription, {
    reason: 'subscription_create',
    items: start.stub ? [] : items,
    period: { start: realm.now, end: realm.now },
    extras: list(params, 'add_invoice_items'),
    waits,
  });
  realm.conceal('subscription', id, { firstInvoice: invoice.id });
  const behaviour = text(params, 'payment_behavior') ?? 'allow_incomplete';
  const customer = realm.need('customer', idOf(subscription.customer) ?? '');
  const method = methodOf(realm, subscription, customer);
  if (waits) {
    realm.change('subscription', id, { status: trial_end === null ? 'active' : 'trialing' });
    return;
  }
  if (invoice.amount_due > 0 && !method && behaviour !== 'default_incomplete') throw noMethod();
  if (invoice.amount_due === 0 && !method && waitsForBuyer(params)) askForMethod(realm, subscription);
  payBill(realm, invoice.id, { behaviour, offSession: params['off_session'] === true });
}

/** Free for now: the method for later is asked for by a SetupIntent. */
function askForMethod(realm: Realm, { id, customer, currency }: Subscription): void {
  const intent = makeSetupIntent(realm, {
    customer: idOf(customer),
    payment_method_types: methodTypes({}, currency),
    usage: 'off_session',
  });
  realm.change('subscription', id, { pending_setup_intent: intent.id });
  realm.emit('setup_intent.created', intent);
}

function waitsForBuyer(params: Params): boolean {
  return text(params, 'payment_behavior') === 'default_incomplete';
}

function announce(realm: Realm, id: string): Subscription {
  const first = realm.need('subscription', id);
  // A payment that needs no waiting for has ended already; a trial never waits.
  realm.conceal('subscription', id, { announced: true });
  const made = refresh(realm, id);
  realm.emit('customer.subscription.created', made);
  const warned = first.trial_end !== null && first.trial_end - TRIAL_WARNING_SECONDS <= realm.now;
  if (warned) {
    realm.conceal('subscription', id, { trialWarned: true });
    realm.emit('customer.subscription.trial_will_end', made);
  }
  return refresh(realm, id);
}

function currencyOf(realm: Realm, params: Params, wanted: readonly WantedItem[]): string {
  const currency = text(params, 'currency')?.toLowerCase() ?? wanted[0]?.price.currency ?? 'usd';
  for (const { price, path } of wanted) checkPriceCurrency(realm, price, currency, `${path}[price]`);
  if (new Set(wanted.map(({ price }) => price.id)).size < wanted.length)
    throw badParameter('Subscription items must not name the same price twice.', { param: 'items' });
  return currency;
}

/** The currency of a customer's first subscription is theirs from then on. */
function claimCurrency(realm: Realm, customer: Stripe.Customer, currency: string): void {
  if (customer.currency !== null && customer.currency !== undefined) return;
  const after = realm.change('customer', customer.id, { currency });
  realm.emit('customer.updated', after, { currency: null });
}

function noMethod(): Error {
  return refused(
    'This customer has no attached payment source or default payment method. Please consider adding a ' +
      'default payment method. For more information, visit https://stripe.com/docs/billing/subscriptions/' +
      'payment-methods-setting#payment-method-priority.',
    { code: 'resource_missing' },
  );
}
