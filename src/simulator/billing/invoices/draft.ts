import type Stripe from 'stripe';
import { idOf } from '../../kinds.ts';
import type { Realm } from '../../realm.ts';
import type { Hidden } from '../../store/store.ts';
import type { Period } from '../time/calendar.ts';
import { DAY_SECONDS } from '../time/calendar.ts';

/** docs.stripe.com/invoicing/integration/automatic-advancement-collection: how long a draft stays one. */
export const DRAFT_SECONDS = 3600;

const ACCOUNT_COUNTRY = 'US';
const ACCOUNT_NAME = 'Quittance Simulator';
const SECRET_CHARS = 40;

const NO_TAX: Stripe.Invoice.AutomaticTax = {
  disabled_reason: null,
  enabled: false,
  liability: null,
  provider: null,
  status: null,
};

/** What a new invoice is to be. */
export interface Draft {
  customer: Stripe.Customer;
  currency: string;
  reason: Stripe.Invoice.BillingReason;
  collection: Stripe.Invoice.CollectionMethod;
  /** Finalized and collected by itself. */
  advances: boolean;
  period?: Period;
  subscription?: Stripe.Subscription;
  daysUntilDue?: number | null;
  fields?: Partial<Stripe.Invoice>;
  hidden?: Hidden;
}

/** Makes an empty draft. It is announced by `announceDraft` once its lines are there. */
export function makeDraft(realm: Realm, draft: Draft): Stripe.Invoice {
  const { customer, subscription, period, fields } = draft;
  const days = draft.daysUntilDue ?? null;
  return realm.insert(
    'invoice',
    {
      ...buyerOf(customer),
      account_country: ACCOUNT_COUNTRY,
      account_name: ACCOUNT_NAME,
      auto_advance: draft.advances,
      automatic_tax: NO_TAX,
      automatically_finalizes_at: draft.advances ? realm.now + DRAFT_SECONDS : null,
      billing_reason: draft.reason,
      collection_method: draft.collection,
      currency: draft.currency,
      customer: customer.id,
      default_tax_rates: [],
      discounts: [],
      due_date: days === null ? null : realm.now + days * DAY_SECONDS,
      hosted_invoice_url: null,
      invoice_pdf: null,
      issuer: { type: 'self' },
      metadata: {},
      payment_settings: { default_mandate: null, payment_method_options: null, payment_method_types: null },
      period_end: period?.end ?? realm.now,
      period_start: period?.start ?? realm.now,
      starting_balance: balanceIn(customer, draft.currency),
      status: 'draft',
      test_clock: idOf(customer.test_clock ?? null),
      webhooks_delivered_at: realm.now,
      ...(subscription && subscriptionFields(subscription, customer)),
      ...fields,
    },
    {
      secret: realm.secret(SECRET_CHARS),
      ...(subscription && { subscription: subscription.id }),
      ...draft.hidden,
    },
  );
}

/** Tells of a new invoice, now that it has its lines and its totals. */
export function announceDraft(realm: Realm, id: string): Stripe.Invoice {
  const invoice = realm.need('invoice', id);
  realm.emit('invoice.created', invoice);
  return invoice;
}

/** What an invoice says about who gets it; kept up to date until it is finalized. */
export function buyerOf(customer: Stripe.Customer): Partial<Stripe.Invoice> {
  return {
    customer_address: customer.address ?? null,
    customer_email: customer.email,
    customer_name: customer.name ?? null,
    customer_phone: customer.phone ?? null,
    customer_shipping: customer.shipping ?? null,
    customer_tax_exempt: customer.tax_exempt ?? 'none',
    customer_tax_ids: [],
  };
}

/** What the customer owes (above zero) or has to their credit (below), in this currency. */
export function balanceIn(customer: Stripe.Customer, currency: string): number {
  return customer.currency === null || customer.currency === undefined || customer.currency === currency
    ? customer.balance
    : 0;
}

function subscriptionFields(
  subscription: Stripe.Subscription,
  { discount }: Stripe.Customer,
): Partial<Stripe.Invoice> {
  const own = subscription.discounts as string[];
  const { invoice_settings: settings } = subscription;
  return {
    account_tax_ids: settings.account_tax_ids,
    automatic_tax: {
      ...NO_TAX,
      enabled: subscription.automatic_tax.enabled,
      liability: subscription.automatic_tax.liability,
      ...(subscription.automatic_tax.enabled && { provider: 'stripe', status: 'complete' }),
    },
    custom_fields: settings.custom_fields ?? null,
    default_tax_rates: subscription.default_tax_rates ?? [],
    description: settings.description ?? null,
    // A customer's own discount is for subscriptions that have none.
    discounts: own.length > 0 || !discount ? own : [discount.id],
    footer: settings.footer ?? null,
    issuer: settings.issuer,
    on_behalf_of: idOf(subscription.on_behalf_of),
    parent: {
      quote_details: null,
      subscription_details: { metadata: subscription.metadata, subscription: subscription.id },
      type: 'subscription_details',
    },
    payment_settings: {
      default_mandate: null,
      payment_method_options: (subscription.payment_settings?.payment_method_options ?? null) as never,
      payment_method_types: (subscription.payment_settings?.payment_method_types ?? null) as never,
    },
  };
}
