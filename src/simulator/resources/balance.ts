import type Stripe from 'stripe';
import { statusNow } from '../payments/balance.ts';
import type { Call, Resource } from '../server/call.ts';
import type { StripeObject } from '../store/store.ts';

/** docs.stripe.com/api/balance and docs.stripe.com/api/balance_transactions */
export const balance: Resource = {
  routes: {
    'GET /v1/balance': show,
  },
  live: {
    balance_transaction: (realm, object) => {
      const status = statusNow(object as unknown as Stripe.BalanceTransaction, realm.now);
      return status === object['status'] ? object : { ...object, status };
    },
  },
};

function show({ realm }: Call): StripeObject {
  const sums = { available: new Map<string, number>(), pending: new Map<string, number>() };
  for (const row of realm.engine.store.table(realm, 'balance_transaction').order) {
    if (row.gone) continue;
    const transaction = row.object as unknown as Stripe.BalanceTransaction;
    const sum = sums[statusNow(transaction, realm.now)];
    sum.set(transaction.currency, (sum.get(transaction.currency) ?? 0) + transaction.net);
  }
  const amounts = (sum: Map<string, number>): StripeObject[] =>
    [...(sum.size > 0 ? sum : new Map([['usd', 0]]))].map(([currency, amount]) => ({
      amount,
      currency,
      source_types: { card: amount },
    }));
  return {
    object: 'balance',
    available: amounts(sums.available),
    livemode: realm.livemode,
    pending: amounts(sums.pending),
    refund_and_dispute_prefunding: { available: [], pending: [] },
  };
}
