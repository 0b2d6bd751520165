import { mergeMetadata } from '../../contract/metadata.ts';
import { checkCurrency } from '../../payments/amounts.ts';
import type { Call, Resource } from '../../server/call.ts';
import { badParameter } from '../../server/errors.ts';
import type { StripeObject } from '../../store/store.ts';
import { answer, number, text } from '../params.ts';
import { onClock } from '../time/moments.ts';
import { changeBalance } from './balance.ts';

/** docs.stripe.com/api/customer_balance_transactions */
export const customerBalance: Resource = {
  routes: { 'POST /v1/customers/{}/balance_transactions': create },
};

function create({ realm, params, ids: [id = ''] }: Call): StripeObject {
  const customer = realm.named('customer', id, 'customer');
  const amount = number(params, 'amount') ?? 0;
  const currency = checkCurrency(text(params, 'currency') ?? 'usd');
  if (amount === 0) throw badParameter('The amount must not be zero.', { param: 'amount' });
  if (customer.currency && customer.currency !== currency && customer.balance !== 0)
    throw badParameter(`The customer's balance is in ${customer.currency}.`, { param: 'currency' });
  const change = { amount, currency, type: 'adjustment' as const };
  const description = text(params, 'description') ?? null;
  const metadata = mergeMetadata({}, params['metadata']);
  return answer(changeBalance(onClock(realm, customer), id, { ...change, description, metadata }));
}
