import type Stripe from 'stripe';
import { mergeMetadata } from '../../contract/metadata.ts';
import type { Params } from '../../contract/validate.ts';
import { idOf } from '../../kinds.ts';
import type { Realm } from '../../realm.ts';
import type { Call, Resource } from '../../server/call.ts';
import { missingParameter, refused } from '../../server/errors.ts';
import { differences } from '../../server/hashes.ts';
import type { StripeObject } from '../../store/store.ts';
import { answer, filled, group, number, text } from '../params.ts';

const CODE_CHARS = 8;

const NO_RESTRICTIONS: Stripe.PromotionCode.Restrictions = {
  first_time_transaction: false,
  minimum_amount: null,
  minimum_amount_currency: null,
};

/** docs.stripe.com/api/promotion_codes */
export const promotionCodes: Resource = {
  routes: { 'POST /v1/promotion_codes': create, 'POST /v1/promotion_codes/{}': update },
  filters: {
    'promotion_code.coupon': (object, coupon) =>
      couponOf(object as unknown as Stripe.PromotionCode) === coupon,
    'promotion_code.code': ({ code }, wanted) =>
      typeof wanted !== 'string' || (code as string).toUpperCase() === wanted.toUpperCase(),
  },
};

/** The coupon behind a promotion code. */
export function couponOf({ promotion }: Stripe.PromotionCode): string {
  return idOf(promotion.coupon) ?? '';
}

/** The code that a buyer typed, if it is one that counts now; capitals or not does not matter. */
export function codeTyped(realm: Realm, code: string): Stripe.PromotionCode | undefined {
  return realm.where('promotion_code', 'typed', code.toUpperCase()).findLast(({ active }) => active);
}

function create({ realm, params }: Call): StripeObject {
  // Versions before 2025-09-30.clover had `coupon` where there is `promotion` now.
  const coupon = text(group(params, 'promotion'), 'coupon') ?? text(params, 'coupon');
  if (coupon === undefined) throw missingParameter('promotion[coupon]');
  realm.need('coupon', coupon, 'promotion[coupon]');
  const customer = text(params, 'customer');
  if (customer !== undefined) realm.need('customer', customer, 'customer');
  const code = text(params, 'code') ?? realm.secret(CODE_CHARS).toUpperCase();
  if (params['active'] !== false) checkUnused(realm, code);
  const fields: Partial<Stripe.PromotionCode> = {
    active: params['active'] !== false,
    code,
    customer: customer ?? null,
    expires_at: number(params, 'expires_at') ?? null,
    max_redemptions: number(params, 'max_redemptions') ?? null,
    metadata: mergeMetadata({}, params['metadata']),
    promotion: { coupon, type: 'coupon' },
    restrictions: filled(NO_RESTRICTIONS, params['restrictions']),
    times_redeemed: 0,
  };
  const made = realm.insert('promotion_code', fields, { typed: code.toUpperCase() });
  realm.emit('promotion_code.created', made);
  return answer(made);
}

function update({ realm, params, ids: [id = ''] }: Call): StripeObject {
  const before = realm.named('promotion_code', id, 'promotion_code');
  const active = params['active'] as boolean | undefined;
  if (active === true && !before.active) checkUnused(realm, before.code);
  const options = group(params, 'restrictions')['currency_options'] as Params | undefined;
  const after = realm.change('promotion_code', id, {
    ...(active !== undefined && { active }),
    ...(options && {
      restrictions: {
        ...before.restrictions,
        currency_options: { ...before.restrictions.currency_options, ...options } as never,
      },
    }),
    metadata: mergeMetadata(before.metadata, params['metadata']),
  });
  realm.emit('promotion_code.updated', after, differences(answer(before), answer(after)));
  return answer(after);
}

function checkUnused(realm: Realm, code: string): void {
  if (codeTyped(realm, code))
    throw refused(`An active promotion code with \`code: ${code}\` already exists.`, {
      code: 'resource_already_exists',
      param: 'code',
    });
}
