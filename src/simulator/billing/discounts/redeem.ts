import type Stripe from 'stripe';
import type { Params } from '../../contract/validate.ts';
import { idOf } from '../../kinds.ts';
import type { Realm } from '../../realm.ts';
import { badParameter, noSuch, refused } from '../../server/errors.ts';
import type { StripeObject } from '../../store/store.ts';
import { answer, text } from '../params.ts';
import { addIntervals } from '../time/calendar.ts';
import { lapsed, termsOf } from './coupons.ts';
import { couponOf } from './promotion-codes.ts';

/** What a discount is for; it may be for several of these at once. */
export interface Owner {
  customer?: string | null;
  subscription?: string;
  subscription_item?: string;
  invoice?: string;
  invoice_item?: string;
  checkout_session?: string;
}

/** What is bought with it, as far as a promotion code's restrictions care. */
export interface Purchase {
  amount: number;
  currency: string;
}

/** Redeems coupons and promotion codes into discounts and returns the discounts' ids. */
export function redeemAll(
  realm: Realm,
  discounts: readonly Params[],
  owner: Owner,
  path: string,
  purchase?: Purchase,
): string[] {
  return discounts.map((each, index) => redeem(realm, each, owner, `${path}[${index}]`, purchase).id);
}

/** Redeems one coupon or promotion code, or takes over a discount that is there already. */
export function redeem(
  realm: Realm,
  params: Params,
  owner: Owner,
  path: string,
  purchase?: Purchase,
): Stripe.Discount {
  const at = (name: string): string => (path === '' ? name : `${path}[${name}]`);
  const discount = text(params, 'discount');
  if (discount !== undefined) return realm.need('discount', discount, at('discount'));
  const codeId = text(params, 'promotion_code');
  const couponId = text(params, 'coupon');
  if ((codeId === undefined) === (couponId === undefined))
    throw badParameter('You must specify exactly one of `coupon`, `promotion_code` and `discount`.', {
      param: path,
    });
  const code = codeId === undefined ? undefined : needCode(realm, codeId, at('promotion_code'));
  if (code) checkCode(realm, code, owner, at('promotion_code'), purchase);
  const coupon = realm.need('coupon', couponId ?? couponOf(code as Stripe.PromotionCode), at('coupon'));
  if (lapsed(realm, coupon))
    throw refused(`Coupon expired: ${coupon.id}`, { code: 'coupon_expired', param: at('coupon') });
  count(realm, coupon, code);
  const made = make(realm, coupon, code, owner);
  const ofSubscription = owner.subscription !== undefined && owner.subscription_item === undefined;
  if (ofSubscription) realm.emit('customer.discount.created', made);
  return made;
}

/**
 * Ends a discount that was the customer's or a subscription's; returns what Stripe shows of it then. It stays
 * in the store, since invoices go on naming it.
 */
export function endDiscount(realm: Realm, id: string): StripeObject {
  const discount = realm.need('discount', id);
  realm.emit('customer.discount.deleted', discount);
  return answer({ ...discount, deleted: true });
}

function make(
  realm: Realm,
  coupon: Stripe.Coupon,
  code: Stripe.PromotionCode | undefined,
  owner: Owner,
): Stripe.Discount {
  const terms = termsOf(realm, coupon);
  const months = terms.duration === 'repeating' ? (terms.duration_in_months ?? 0) : null;
  return realm.insert(
    'discount',
    {
      checkout_session: owner.checkout_session ?? null,
      customer: owner.customer ?? null,
      end: months === null ? null : addIntervals(realm.now, 'month', months),
      invoice: owner.invoice ?? null,
      invoice_item: owner.invoice_item ?? null,
      promotion_code: code?.id ?? null,
      source: { coupon: coupon.id, type: 'coupon' },
      start: realm.now,
      subscription: owner.subscription ?? null,
      subscription_item: owner.subscription_item ?? null,
    },
    { terms },
  );
}

function count(realm: Realm, coupon: Stripe.Coupon, code: Stripe.PromotionCode | undefined): void {
  const times_redeemed = coupon.times_redeemed + 1;
  const valid = !lapsed(realm, { ...coupon, times_redeemed });
  const counted = realm.change('coupon', coupon.id, { times_redeemed, valid });
  realm.emit('coupon.updated', counted, {
    times_redeemed: coupon.times_redeemed,
    ...(valid !== coupon.valid && { valid: coupon.valid }),
  });
  if (!code) return;
  const used = code.times_redeemed + 1;
  const active = code.max_redemptions === null || used < code.max_redemptions;
  const after = realm.change('promotion_code', code.id, { times_redeemed: used, active });
  realm.emit('promotion_code.updated', after, {
    times_redeemed: code.times_redeemed,
    ...(!active && { active: true }),
  });
}

function needCode(realm: Realm, id: string, param: string): Stripe.PromotionCode {
  const code = realm.get('promotion_code', id);
  if (!code) throw noSuch('promotion code', id, param);
  return code;
}

/** Refuses a promotion code that is over, or not for this customer or purchase. */
export function checkCode(
  realm: Realm,
  code: Stripe.PromotionCode,
  owner: Owner,
  param: string,
  purchase?: Purchase,
): void {
  const over = code.expires_at !== null && code.expires_at <= realm.now;
  const used = code.max_redemptions !== null && code.times_redeemed >= code.max_redemptions;
  if (over || used || !code.active)
    throw refused('This promotion code is no longer active.', { code: 'coupon_expired', param });
  const only = idOf(code.customer);
  if (only !== null && only !== owner.customer)
    throw refused('This promotion code is only for another customer.', { param });
  const {
    first_time_transaction: first,
    minimum_amount: least,
    minimum_amount_currency: money,
  } = code.restrictions;
  if (first && hasPaid(realm, owner.customer ?? ''))
    throw refused(
      'This promotion code cannot be redeemed because the associated customer has prior transactions.',
      { param },
    );
  if (least !== null && purchase && (money !== purchase.currency || purchase.amount < least))
    throw refused("This promotion code's minimum amount is not reached.", { param });
}

function hasPaid(realm: Realm, customer: string): boolean {
  return (
    realm.where('charge', 'customer', customer).some(({ paid }) => paid) ||
    realm.where('invoice', 'customer', customer).some(({ status }) => status === 'paid')
  );
}
