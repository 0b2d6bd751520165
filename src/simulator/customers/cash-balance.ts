import type Stripe from 'stripe';
import { finishAction } from '../payments/confirm.ts';
import type { Realm } from '../realm.ts';
import type { Call, Resource } from '../server/call.ts';
import { badParameter } from '../server/errors.ts';
import { listPage } from '../server/list.ts';
import { needRow } from '../server/lookup.ts';
import type { StripeObject } from '../store/store.ts';

const KIND = 'cash_balance';
const TRANSACTION = 'customer_cash_balance_transaction';
const BY_TRANSFER = 'display_bank_transfer_instructions';

interface CashBalance {
  available: Record<string, number>;
  settings: { reconciliation_mode: string; using_merchant_default: boolean };
}

/** docs.stripe.com/payments/customer-balance: money that customers sent before, or beyond, what they owe. */
export const cashBalances: Resource = {
  routes: {
    'GET /v1/customers/{}/cash_balance': ({ realm, ids }) => shown(realm, customerOf(realm, ids)),
    'POST /v1/customers/{}/cash_balance': settings,
    'GET /v1/customers/{}/cash_balance_transactions': ({ realm, params, path, ids }) => {
      const rows = realm.engine.store.table(realm, TRANSACTION).where('customer', customerOf(realm, ids));
      return listPage({ realm, kind: TRANSACTION, params, url: path, rows });
    },
    'GET /v1/customers/{}/cash_balance_transactions/{}': ({ realm, ids }) =>
      needRow(realm, TRANSACTION, ids[1] ?? '').object,
    'POST /v1/test_helpers/customers/{}/fund_cash_balance': fund,
  },
  includes: { 'customer.cash_balance': (realm, { id = '' }) => shown(realm, id) },
};

function settings({ realm, params, ids }: Call): StripeObject {
  const customer = customerOf(realm, ids);
  const { reconciliation_mode: mode } = (params['settings'] ?? {}) as { reconciliation_mode?: string };
  const merchant = mode === undefined || mode === 'merchant_default';
  const chosen = { reconciliation_mode: merchant ? 'automatic' : mode, using_merchant_default: merchant };
  keep(realm, customer, { ...read(realm, customer), settings: chosen });
  return shown(realm, customer);
}

/** A transfer has arrived: it pays what the customer was told to pay, oldest first, and the rest stays. */
function fund({ realm, params, ids }: Call): StripeObject {
  const customer = customerOf(realm, ids);
  const amount = params['amount'] as number;
  const currency = (params['currency'] as string).toLowerCase();
  if (amount <= 0) throw badParameter('This value must be greater than or equal to 1.', { param: 'amount' });
  const reference = (params['reference'] as string | undefined) ?? null;
  const funded = { bank_transfer: { reference, type: 'us_bank_transfer' } };
  const transaction = move(realm, { customer, currency, amount, type: 'funded', about: { funded } });
  if (read(realm, customer).settings.reconciliation_mode === 'automatic')
    reconcile(realm, customer, currency);
  if ((read(realm, customer).available[currency] ?? 0) > 0)
    realm.emit('cash_balance.funds_available', shown(realm, customer));
  return transaction;
}

function reconcile(realm: Realm, customer: string, currency: string): void {
  for (const intent of realm.where('payment_intent', 'customer', customer)) {
    const asked = intent.next_action?.type === BY_TRANSFER && intent.currency === currency;
    const left = read(realm, customer).available[currency] ?? 0;
    if (asked && intent.status === 'requires_action' && left > 0) apply(realm, customer, intent, left);
  }
}

function apply(realm: Realm, customer: string, intent: Stripe.PaymentIntent, left: number): void {
  const instructions = intent.next_action?.display_bank_transfer_instructions;
  const due = instructions?.amount_remaining ?? intent.amount;
  const amount = Math.min(due, left);
  const about = { applied_to_payment: { payment_intent: intent.id } };
  move(realm, { customer, currency: intent.currency, amount: -amount, type: 'applied_to_payment', about });
  if (amount === due) {
    finishAction(realm, intent, true);
    return;
  }
  const next_action = {
    ...intent.next_action,
    display_bank_transfer_instructions: { ...instructions, amount_remaining: due - amount },
  } as Stripe.PaymentIntent.NextAction;
  realm.emit('payment_intent.partially_funded', realm.change('payment_intent', intent.id, { next_action }));
}

interface Movement {
  customer: string;
  currency: string;
  amount: number;
  type: string;
  about: object;
}

function move(realm: Realm, { customer, currency, amount, type, about }: Movement): StripeObject {
  const before = read(realm, customer);
  const ending = (before.available[currency] ?? 0) + amount;
  keep(realm, customer, { ...before, available: { ...before.available, [currency]: ending } });
  const fields = { currency, customer, ending_balance: ending, net_amount: amount, type, ...about };
  const transaction = realm.insertRaw(TRANSACTION, fields);
  realm.emit(`${TRANSACTION}.created`, transaction);
  return transaction;
}

function read(realm: Realm, customer: string): CashBalance {
  const found = realm.row(KIND, customer)?.object as unknown as CashBalance | undefined;
  const standard = { reconciliation_mode: 'automatic', using_merchant_default: true };
  return found ?? { available: {}, settings: standard };
}

function keep(realm: Realm, customer: string, { available, settings: chosen }: CashBalance): void {
  realm.engine.store.put(realm, KIND, customer, { available, settings: chosen });
}

function shown(realm: Realm, customer: string): StripeObject {
  const { available, settings: chosen } = read(realm, customer);
  const left = Object.entries(available).filter(([, amount]) => amount > 0);
  return {
    object: KIND,
    available: left.length > 0 ? Object.fromEntries(left) : null,
    customer,
    customer_account: null,
    livemode: realm.livemode,
    settings: chosen,
  };
}

function customerOf(realm: Realm, [id = '']: string[]): string {
  return realm.named('customer', id, 'customer').id;
}
