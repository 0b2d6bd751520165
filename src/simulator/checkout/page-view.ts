import type Stripe from 'stripe';
import { idOf } from '../kinds.ts';
import type { Realm } from '../realm.ts';
import type { StripeObject } from '../store/store.ts';
import { itemsOf } from './session.ts';

/** What a buyer may choose of an adjustable line when the shop sets no bound. */
export const QUANTITY_MAX = 99;

/** What a buyer's browser may know of a Checkout Session. */
export interface PageView {
  object: 'payment_page';
  session_id: string;
  livemode: boolean;
  mode: Stripe.Checkout.Session['mode'];
  ui_mode: Stripe.Checkout.Session['ui_mode'];
  status: Stripe.Checkout.Session['status'];
  payment_status: Stripe.Checkout.Session['payment_status'];
  currency: string | null;
  amount_subtotal: number | null;
  amount_discount: number;
  amount_total: number | null;
  customer_email: string | null;
  customer_name: string | null;
  customer_phone: string | null;
  billing_address: Contact | null;
  shipping_address: Contact | null;
  payment_method_types: string[];
  return_url: string | null;
  redirect_on_completion: string | null;
  expires_at: number;
  submit_type: string | null;
  line_items: PageItem[];
  /** Whether a promotion code may be typed, and the one that counts. */
  takes_codes: boolean;
  promotion_code: { code: string; name: string; percent_off: number | null } | null;
}

/** Who is billed, or where the goods go. */
interface Contact {
  name: string | null;
  address: Stripe.Address;
}

/** One line of what is bought. */
export interface PageItem {
  id: string;
  name: string;
  description: string | null;
  image: string | null;
  quantity: number;
  unit_amount: number;
  amount_subtotal: number;
  amount_discount: number;
  amount_total: number;
  recurring: string | null;
  /** The id of its price. */
  price: string;
  /** The bounds within which the buyer may choose how many. */
  adjustable: { minimum: number; maximum: number } | null;
}

/** The session as the hosted page and Stripe.js show it. */
export function pageView(realm: Realm, session: Stripe.Checkout.Session): PageView {
  const customer = realm.get('customer', idOf(session.customer));
  const { address, name = null, phone = null } = session.customer_details ?? {};
  return {
    object: 'payment_page',
    session_id: session.id,
    livemode: session.livemode,
    mode: session.mode,
    ui_mode: session.ui_mode,
    status: session.status,
    payment_status: session.payment_status,
    currency: session.currency,
    amount_subtotal: session.amount_subtotal,
    amount_discount: session.total_details?.amount_discount ?? 0,
    amount_total: session.amount_total,
    customer_email: session.customer_email ?? session.customer_details?.email ?? customer?.email ?? null,
    customer_name: name ?? customer?.name ?? null,
    customer_phone: phone,
    billing_address: address ? { name, address } : null,
    shipping_address: session.collected_information?.shipping_details ?? null,
    payment_method_types: session.payment_method_types,
    return_url: session.return_url ?? null,
    redirect_on_completion: session.redirect_on_completion ?? null,
    expires_at: session.expires_at,
    submit_type: session.submit_type,
    takes_codes: session.allow_promotion_codes === true,
    promotion_code: codeOf(realm, session),
    line_items: itemsOf(realm, session.id).map((item) => pageItem(realm, item)),
  };
}

/** A page view as an API answer, with the intent whose next step the browser has to take. */
export function asAnswer(view: PageView, intent: { object: string } | null): StripeObject {
  const kind = intent?.object ?? 'payment_intent';
  return { ...view, ...(intent && { [kind]: intent }) };
}

function codeOf(realm: Realm, { discounts }: Stripe.Checkout.Session): PageView['promotion_code'] {
  const code = realm.get('promotion_code', idOf(discounts?.[0]?.promotion_code));
  const coupon = code && realm.get('coupon', idOf(code.promotion.coupon));
  return coupon ? { code: code.code, name: coupon.name ?? code.code, percent_off: coupon.percent_off } : null;
}

function pageItem(realm: Realm, item: Stripe.LineItem): PageItem {
  const bounds = item.adjustable_quantity?.enabled ? item.adjustable_quantity : null;
  const product = realm.get('product', item.price?.product as string | undefined);
  return {
    id: item.id,
    name: product?.name ?? item.description ?? '',
    description: product?.description ?? null,
    image: product?.images[0] ?? null,
    quantity: item.quantity ?? 1,
    unit_amount: item.price?.unit_amount ?? 0,
    amount_subtotal: item.amount_subtotal,
    amount_discount: item.amount_discount,
    amount_total: item.amount_total,
    recurring: item.price?.recurring?.interval ?? null,
    price: item.price?.id ?? '',
    adjustable: bounds ? { minimum: bounds.minimum ?? 1, maximum: bounds.maximum ?? QUANTITY_MAX } : null,
  };
}
