import type Stripe from 'stripe';

/** The kinds of object that billing adds; see ../kinds.ts. */
export interface BillingKinds {
  'billing.meter': Stripe.Billing.Meter;
  'billing.meter_event': Stripe.Billing.MeterEvent;
  'billing_portal.configuration': Stripe.BillingPortal.Configuration;
  'billing_portal.session': Stripe.BillingPortal.Session;
  credit_note: Stripe.CreditNote;
  customer_balance_transaction: Stripe.CustomerBalanceTransaction;
  discount: Stripe.Discount;
  'entitlements.active_entitlement': Stripe.Entitlements.ActiveEntitlement;
  'entitlements.feature': Stripe.Entitlements.Feature;
  invoice: Stripe.Invoice;
  invoice_payment: Stripe.InvoicePayment;
  invoiceitem: Stripe.InvoiceItem;
  line_item: Stripe.InvoiceLineItem;
  payment_link: Stripe.PaymentLink;
  product_feature: Stripe.ProductFeature;
  promotion_code: Stripe.PromotionCode;
  quote: Stripe.Quote;
  subscription_item: Stripe.SubscriptionItem;
  subscription_schedule: Stripe.SubscriptionSchedule;
  tax_rate: Stripe.TaxRate;
  'test_helpers.test_clock': Stripe.TestHelpers.TestClock;
}

/** What a coupon is worth, kept with each discount so that it survives the coupon. */
export interface Terms {
  percent_off: number | null;
  amount_off: number | null;
  currency: string | null;
  /** Amounts off in other currencies. */
  currency_options: Readonly<Record<string, { amount_off: number }>>;
  duration: string;
  duration_in_months: number | null;
  /** Only lines of these products get it; empty for all. */
  products: readonly string[];
}

/** One step of a tiered price as it is stored: amounts in minor units, the last step without an end. */
export interface Tier {
  up_to: number | null;
  flat_amount: number | null;
  flat_amount_decimal: string | null;
  unit_amount: number | null;
  unit_amount_decimal: string | null;
}

/** What a price shows only when asked. */
export interface PriceExtras {
  tiers: readonly Tier[];
  currency_options: Readonly<Record<string, Record<string, unknown>>>;
}

/** What billing remembers without showing it. */
export interface BillingHidden {
  'billing_portal.session': { secret: string };
  'billing.meter_event': { customer: string; event_name: string; value: number; canceled: boolean };
  coupon: { applies_to: { products: string[] }; currency_options: Terms['currency_options'] };
  credit_note: { secret: string };
  discount: { terms: Terms };
  invoice: {
    /** Part of the hosted page's address, which whoever has it may open. */
    secret: string;
    /** The try under way was made by time, not by a caller. */
    automatic: boolean;
    overdue: boolean;
    /** Parameters that the PaymentIntent takes over. */
    transfer: Record<string, unknown>;
    /** The subscription whose period this invoice opens or whose change it bills. */
    subscription: string;
  };
  /** The PaymentIntent; a field of a field can't be looked up. */
  invoice_payment: { intent: string };
  /** Tax rates of the line's own, and the subscription's item that it is about. */
  line_item: { rates: readonly string[]; subscription_item: string; invoiceitem: string };
  /** What is sold by it, and the parameters that its sessions get. */
  payment_link: { lines: { price: string; quantity: number }[]; params: Record<string, unknown> };
  price: PriceExtras;
  /** The code in capitals, since buyers may type it either way. */
  promotion_code: { typed: string };
  quote: { params: Record<string, unknown> };
  subscription: {
    /** Its creation was announced, so that changes may be. */
    announced: boolean;
    /** The period end whose coming was announced. */
    upcoming: number;
    trialWarned: boolean;
    /** Parameters of a change that waits for its payment, and that payment's invoice. */
    pending: { params: Record<string, unknown>; invoice: string } | null;
    /** The period that was left when it was paused. */
    pausedAt: number;
    resumption: string | null;
    firstInvoice: string;
    session: string;
  };
  /** Its coming end was announced; parameters of its phases, which the subscription will need. */
  subscription_schedule: { warned: boolean; phases: readonly Record<string, unknown>[] };
}

/** The fields by which billing looks objects up. */
export const BILLING_INDEXED: Readonly<Record<string, readonly string[]>> = {
  _moment: ['clock'],
  'billing.meter_event': ['event_name', 'customer'],
  credit_note: ['invoice', 'customer'],
  customer: ['test_clock'],
  customer_balance_transaction: ['customer'],
  'entitlements.active_entitlement': ['customer'],
  invoice: ['customer', 'subscription'],
  invoice_payment: ['invoice', 'intent'],
  invoiceitem: ['customer', 'invoice'],
  line_item: ['invoice', 'subscription_item', 'invoiceitem'],
  product_feature: ['parent'],
  promotion_code: ['typed'],
  quote: ['customer', 'test_clock'],
  subscription_item: ['subscription'],
  subscription_schedule: ['customer'],
};
