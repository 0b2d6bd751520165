import type Stripe from 'stripe';
import { intentOf } from '../billing/invoices/intents.ts';
import { idOf } from '../kinds.ts';
import type { Realm } from '../realm.ts';
import type { StripeObject } from '../store/store.ts';
import { APRIL_2024, BASIL } from './names.ts';
import type { OlderField } from './older-field.ts';
import { firstDiscount, taxAmounts, type Tax } from './older-money.ts';

type Was = (realm: Realm, invoice: Stripe.Invoice) => unknown;

/** What invoices showed while each had one payment intent and at most one subscription. */
export const OLDER_INVOICES: readonly OlderField[] = [
  field(
    'application_fee_amount',
    (realm, invoice) => payment(realm, invoice)?.application_fee_amount ?? null,
  ),
  field('charge', (realm, invoice) => idOf(payment(realm, invoice)?.latest_charge), ['charge']),
  field('discount', firstDiscount),
  field('paid', (_realm, { status }) => status === 'paid'),
  field('paid_out_of_band', (_realm, { amount_paid_off_stripe: off = 0 }) => off > 0),
  field('payment_intent', (realm, invoice) => payment(realm, invoice)?.id ?? null, ['payment_intent']),
  field('quote', () => null, ['quote']),
  field('subscription', (_realm, invoice) => subscribed(invoice)?.subscription ?? null, ['subscription']),
  field('subscription_details', (_realm, invoice) => ({ metadata: subscribed(invoice)?.metadata ?? null })),
  field('subscription_proration_date', (_realm, invoice) => subscribed(invoice)?.subscription_proration_date),
  field('tax', (_realm, { total_taxes: taxes }) => sum(taxes)),
  field('total_tax_amounts', (_realm, { total_taxes: taxes }) => taxAmounts(taxes)),
  field('transfer_data', (realm, invoice) => payment(realm, invoice)?.transfer_data ?? null),
  {
    before: APRIL_2024,
    kind: 'invoice',
    field: 'rendering_options',
    was: (_realm, { rendering }) => {
      const { amount_tax_display = null } = (rendering ?? {}) as Partial<Stripe.Invoice.Rendering>;
      return amount_tax_display === null ? null : { amount_tax_display };
    },
  },
];

/** What credit notes showed while they could have one refund only. */
export const OLDER_CREDIT_NOTES: readonly OlderField[] = [
  {
    before: BASIL,
    kind: 'credit_note',
    field: 'refund',
    holds: ['refund'],
    was: (_realm, { refunds }) => idOf((refunds as Stripe.CreditNote.Refund[] | undefined)?.[0]?.refund),
  },
  {
    before: BASIL,
    kind: 'credit_note',
    field: 'tax_amounts',
    was: (_realm, { total_taxes: taxes }) => taxAmounts(taxes as Tax[]),
  },
  {
    before: BASIL,
    kind: 'credit_note_line_item',
    field: 'tax_amounts',
    was: (_realm, { taxes }) => taxAmounts(taxes as Tax[]),
  },
];

function field(name: string, was: Was, holds?: readonly string[]): OlderField {
  const value = (realm: Realm, invoice: StripeObject): unknown =>
    was(realm, invoice as unknown as Stripe.Invoice);
  return { before: BASIL, kind: 'invoice', field: name, was: value, ...(holds && { holds }) };
}

function payment(realm: Realm, { id }: Stripe.Invoice): Stripe.PaymentIntent | undefined {
  return intentOf(realm, id);
}

function subscribed({
  parent,
}: Stripe.Invoice): Stripe.Invoice.Parent.SubscriptionDetails | null | undefined {
  return parent?.subscription_details;
}

function sum(taxes: Stripe.Invoice['total_taxes']): number | null {
  return taxes && taxes.length > 0 ? taxes.reduce((total, { amount }) => total + amount, 0) : null;
}
