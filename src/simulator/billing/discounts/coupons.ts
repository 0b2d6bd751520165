import type Stripe from 'stripe';
import { mergeMetadata } from '../../contract/metadata.ts';
import type { Params } from '../../contract/validate.ts';
import { checkCurrency } from '../../payments/amounts.ts';
import type { Realm } from '../../realm.ts';
import type { Call, Resource } from '../../server/call.ts';
import { badParameter, missingParameter, refused } from '../../server/errors.ts';
import { differences } from '../../server/hashes.ts';
import type { StripeObject } from '../../store/store.ts';
import type { Terms } from '../kinds.ts';
import { answer, group, number, text, texts } from '../params.ts';

/** docs.stripe.com/api/coupons */
export const coupons: Resource = {
  routes: { 'POST /v1/coupons': create, 'POST /v1/coupons/{}': update },
  includes: {
    'coupon.applies_to': (realm, { id = '' }) => realm.hidden('coupon', id).applies_to,
    'coupon.currency_options': (realm, object) => allCurrencies(realm, object as unknown as Stripe.Coupon),
  },
  live: {
    coupon: (realm, object) =>
      object['valid'] === true && lapsed(realm, object as unknown as Stripe.Coupon)
        ? { ...object, valid: false }
        : object,
  },
};

/** Whether its date or its number of redemptions is over. */
export function lapsed(realm: Realm, { redeem_by, max_redemptions, times_redeemed }: Stripe.Coupon): boolean {
  return (
    (redeem_by !== null && redeem_by <= realm.now) ||
    (max_redemptions !== null && times_redeemed >= max_redemptions)
  );
}

/** What the coupon is worth, for a discount to keep. */
export function termsOf(realm: Realm, coupon: Stripe.Coupon): Terms {
  const { applies_to, currency_options = {} } = realm.hidden('coupon', coupon.id);
  const { percent_off, amount_off, currency, duration, duration_in_months } = coupon;
  const products = applies_to?.products ?? [];
  return { percent_off, amount_off, currency, currency_options, duration, duration_in_months, products };
}

function create({ realm, params }: Call): StripeObject {
  const id = text(params, 'id') ?? realm.newId('coupon');
  if (realm.get('coupon', id))
    throw refused(`Coupon already exists.`, { code: 'resource_already_exists', param: 'id' });
  checkWorth(realm, params);
  const amount = number(params, 'amount_off');
  const duration = text(params, 'duration') ?? 'once';
  const currency = text(params, 'currency');
  const coupon = realm.insert(
    'coupon',
    {
      id,
      amount_off: amount ?? null,
      currency: amount === undefined ? null : checkCurrency(currency ?? ''),
      duration,
      duration_in_months: number(params, 'duration_in_months') ?? null,
      max_redemptions: number(params, 'max_redemptions') ?? null,
      metadata: mergeMetadata({}, params['metadata']),
      name: text(params, 'name') ?? null,
      percent_off: number(params, 'percent_off') ?? null,
      redeem_by: number(params, 'redeem_by') ?? null,
      times_redeemed: 0,
      valid: true,
    },
    hiddenOf(params),
  );
  realm.emit('coupon.created', coupon);
  return answer(coupon);
}

function hiddenOf(params: Params): Record<string, unknown> {
  const products = texts(group(params, 'applies_to'), 'products');
  return {
    ...(products.length > 0 && { applies_to: { products } }),
    currency_options: group(params, 'currency_options'),
  };
}

function checkWorth(realm: Realm, params: Params): void {
  const percent = number(params, 'percent_off');
  const amount = number(params, 'amount_off');
  if (percent !== undefined && amount !== undefined)
    throw badParameter('You may only specify one of these parameters: amount_off, percent_off.', {
      code: 'parameters_exclusive',
    });
  if (percent === undefined && amount === undefined) throw missingParameter('percent_off');
  if (percent !== undefined && (percent <= 0 || percent > 100))
    throw badParameter('Invalid percent_off: must be greater than 0 and at most 100.', {
      param: 'percent_off',
    });
  if (amount !== undefined && amount < 1)
    throw badParameter('Invalid positive integer', {
      code: 'parameter_invalid_integer',
      param: 'amount_off',
    });
  if (amount !== undefined && params['currency'] === undefined) throw missingParameter('currency');
  if (params['duration'] === 'repeating' && params['duration_in_months'] === undefined)
    throw missingParameter('duration_in_months');
  const until = number(params, 'redeem_by');
  if (until !== undefined && until <= realm.now)
    throw badParameter('Invalid timestamp: must be an integer Unix timestamp in the future.', {
      param: 'redeem_by',
    });
  for (const id of texts(group(params, 'applies_to'), 'products'))
    realm.need('product', id, 'applies_to[products]');
}

function update({ realm, params, ids: [id = ''] }: Call): StripeObject {
  const before = realm.named('coupon', id, 'coupon');
  if (params['currency_options'] !== undefined)
    realm.conceal('coupon', id, {
      currency_options: {
        ...realm.hidden('coupon', id).currency_options,
        ...group(params, 'currency_options'),
      },
    });
  const after = realm.change('coupon', id, {
    ...(params['name'] !== undefined && { name: text(params, 'name') ?? null }),
    metadata: mergeMetadata(before.metadata, params['metadata']),
  });
  realm.emit('coupon.updated', after, differences(answer(before), answer(after)));
  return answer(after);
}

function allCurrencies(realm: Realm, { id, amount_off, currency }: Stripe.Coupon): StripeObject {
  return {
    ...(currency !== null && { [currency]: { amount_off } }),
    ...realm.hidden('coupon', id).currency_options,
  };
}
