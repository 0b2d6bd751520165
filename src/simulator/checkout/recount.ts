import type Stripe from 'stripe';
import { lapsed } from '../billing/discounts/coupons.ts';
import { codeTyped, couponOf } from '../billing/discounts/promotion-codes.ts';
import { checkCode } from '../billing/discounts/redeem.ts';
import { idOf } from '../kinds.ts';
import type { Realm } from '../realm.ts';
import { badParameter, noSuch, refused } from '../server/errors.ts';
import { discountOn, share } from './line-items.ts';
import { QUANTITY_MAX } from './page-view.ts';
import { itemsOf } from './session.ts';

type Session = Stripe.Checkout.Session;

/** The buyer wants another number of something, within the bounds that the shop has set. */
export function changeQuantity(realm: Realm, session: Session, id: string, quantity: number): void {
  const item = itemsOf(realm, session.id).find((each) => each.id === id);
  if (!item) throw noSuch('line item', id, 'line_item');
  const bounds = item.adjustable_quantity;
  if (!bounds?.enabled) throw badParameter(`The quantity of ${id} can't be changed.`, { param: 'quantity' });
  const { minimum, maximum } = { minimum: bounds.minimum ?? 1, maximum: bounds.maximum ?? QUANTITY_MAX };
  if (!Number.isInteger(quantity) || quantity < minimum || quantity > maximum)
    throw badParameter(`The quantity must be between ${minimum} and ${maximum}.`, { param: 'quantity' });
  realm.change('item', id, { quantity, amount_subtotal: (item.price?.unit_amount ?? 0) * quantity });
  recount(realm, session);
}

/** The buyer typed a promotion code; an empty one takes the last back. */
export function changeCode(realm: Realm, session: Session, typed: string): void {
  if (session.allow_promotion_codes !== true)
    throw badParameter('This Checkout Session takes no promotion codes: see allow_promotion_codes.', {
      param: 'promotion_code',
    });
  if (typed === '') return recount(realm, realm.change('checkout.session', session.id, { discounts: [] }));
  const code = codeTyped(realm, typed);
  const coupon = code && realm.get('coupon', couponOf(code));
  if (!code || !coupon || lapsed(realm, coupon))
    throw refused('This code is invalid.', { code: 'invalid_promotion_code', param: 'promotion_code' });
  const purchase = { amount: session.amount_subtotal ?? 0, currency: session.currency ?? 'usd' };
  checkCode(realm, code, { customer: idOf(session.customer) }, 'promotion_code', purchase);
  const discounts = [{ coupon: null, promotion_code: code.id }];
  return recount(realm, realm.change('checkout.session', session.id, { discounts }));
}

/** Adds everything up again, and lets an intent that was begun ask for the new sum. */
function recount(realm: Realm, session: Session): void {
  const items = itemsOf(realm, session.id);
  const subtotal = items.reduce((sum, item) => sum + item.amount_subtotal, 0);
  const discounts = (session.discounts ?? []).map(({ coupon, promotion_code: code }) =>
    code === null ? { coupon: idOf(coupon) } : { promotion_code: idOf(code) },
  );
  const discount = discountOn(realm, subtotal, session.currency ?? 'usd', discounts);
  const plain = items.map((item) => ({ ...item, amount_discount: 0, amount_total: item.amount_subtotal }));
  for (const { id = '', amount_discount = 0, amount_total = 0 } of share(plain, discount, subtotal))
    realm.change('item', id, { amount_discount, amount_total });
  const { amount_shipping = 0, amount_tax = 0 } = session.total_details ?? {};
  const amount = subtotal - discount + (amount_shipping ?? 0) + amount_tax;
  realm.change('checkout.session', session.id, {
    amount_subtotal: subtotal,
    amount_total: amount,
    total_details: { ...session.total_details, amount_shipping, amount_tax, amount_discount: discount },
  });
  const intent = idOf(session.payment_intent);
  if (intent !== null) realm.change('payment_intent', intent, { amount });
}
