import type { PageItem, PageView } from '../checkout/page-view.ts';
import { minorDigits } from '../../money.ts';

interface Amount {
  minorUnitsAmount: number;
  amount: string;
}

/** The session as `actions.getSession()` shows it; the form is that of @stripe/stripe-js 10. */
export function sessionView(
  view: PageView,
  canConfirm: boolean,
  lastError: string | null,
): Record<string, unknown> {
  const currency = view.currency ?? 'usd';
  const amount = (value: number): Amount => ({ minorUnitsAmount: value, amount: money(value, currency) });
  const zero = amount(0);
  return {
    billingAddress: view.billing_address,
    businessName: null,
    nameCollection: null,
    canConfirm,
    currency,
    currencyOptions: null,
    discountAmounts: discountAmounts(view, amount),
    email: view.customer_email,
    id: view.session_id,
    lastPaymentError: lastError === null ? null : { message: lastError },
    lineItems: view.line_items.map((item) => lineItem(item, amount)),
    livemode: view.livemode,
    minorUnitsAmountDivisor: 10 ** minorDigits(currency),
    phoneNumber: view.customer_phone,
    recurring: null,
    savedPaymentMethods: null,
    shipping: null,
    shippingAddress: view.shipping_address,
    shippingOptions: [],
    status:
      view.status === 'complete'
        ? { type: 'complete', paymentStatus: view.payment_status }
        : { type: view.status },
    surcharge: null,
    tax: { status: 'ready' },
    taxAmounts: null,
    taxIdInfo: null,
    optionalItems: null,
    total: {
      appliedBalance: zero,
      balanceAppliedToNextInvoice: false,
      discount: amount(view.amount_discount),
      shippingRate: zero,
      subtotal: amount(view.amount_subtotal ?? 0),
      surcharge: zero,
      taxExclusive: zero,
      taxInclusive: zero,
      total: amount(view.amount_total ?? 0),
    },
  };
}

/** The promotion code that counts, with what it takes off; null when there is none. */
function discountAmounts(
  { promotion_code: code, amount_discount: discount }: PageView,
  amount: (value: number) => Amount,
): Record<string, unknown>[] | null {
  if (!code) return null;
  const { name: displayName, code: promotionCode, percent_off: percentOff } = code;
  return [{ ...amount(discount), displayName, promotionCode, percentOff, recurring: null }];
}

function lineItem(item: PageItem, amount: (value: number) => Amount): Record<string, unknown> {
  return {
    id: item.id,
    name: item.name,
    discount: amount(item.amount_discount),
    subtotal: amount(item.amount_subtotal),
    total: amount(item.amount_total),
    taxExclusive: amount(0),
    taxInclusive: amount(0),
    unitAmount: amount(item.unit_amount),
    unitAmountDecimal: null,
    description: item.description,
    quantity: item.quantity,
    unitLabel: null,
    discountAmounts: null,
    taxAmounts: null,
    recurring:
      item.recurring === null ? null : { interval: item.recurring, intervalCount: 1, usageType: 'licensed' },
    adjustableQuantity: item.adjustable,
    images: item.image === null ? [] : [item.image],
    priceId: item.price,
    isRemovable: false,
    pricing: null,
    transformQuantity: null,
  };
}

function money(value: number, currency: string): string {
  const digits = minorDigits(currency);
  // Some systems report names which are no language tag, such as `en-US@posix`.
  const locale = /^[a-zA-Z-]+$/.test(navigator.language) ? navigator.language : 'en-US';
  const format = { style: 'currency', currency: currency.toUpperCase() } as const;
  return new Intl.NumberFormat(locale, { ...format, minimumFractionDigits: digits }).format(
    value / 10 ** digits,
  );
}
