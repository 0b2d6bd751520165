import { mergeMetadata } from '../../contract/metadata.ts';
import type { Params } from '../../contract/validate.ts';
import type Stripe from 'stripe';
import type { Realm } from '../../realm.ts';
import type { Call, Resource } from '../../server/call.ts';
import { badParameter } from '../../server/errors.ts';
import type { StripeObject } from '../../store/store.ts';
import { answer } from '../params.ts';

const PERCENT_MAX = 100;

/** docs.stripe.com/api/tax_rates; updating one is as general as updating anything. */
export const taxRates: Resource = {
  routes: { 'POST /v1/tax_rates': create },
};

function create({ realm, params }: Call): StripeObject {
  const { metadata, ...fields } = params;
  const percentage = fields['percentage'] as number;
  if (percentage < 0 || percentage > PERCENT_MAX)
    throw badParameter('Invalid percentage: must be between 0 and 100.', { param: 'percentage' });
  const rate = realm.insert('tax_rate', {
    active: true,
    ...(fields as Partial<Stripe.TaxRate>),
    effective_percentage: percentage,
    metadata: mergeMetadata({}, metadata),
    rate_type: 'percentage',
  });
  realm.emit('tax_rate.created', rate);
  return answer(rate);
}

/** The tax rates of these ids; one that is not there is refused, naming the parameter. */
export function taxRatesOf(realm: Realm, params: Params, name: string, path = name): Stripe.TaxRate[] {
  const ids = (params[name] ?? []) as string[];
  return ids.map((id, index) => realm.need('tax_rate', id, `${path}[${index}]`));
}
