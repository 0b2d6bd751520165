import type Stripe from 'stripe';
import { announceDraft, makeDraft } from '../billing/invoices/draft.ts';
import { finalizeInvoice } from '../billing/invoices/finalize.ts';
import { addLine } from '../billing/invoices/lines.ts';
import { recompute } from '../billing/invoices/totals.ts';
import { idOf } from '../kinds.ts';
import type { Realm } from '../realm.ts';
import { itemsOf } from './session.ts';

/** The invoice that `invoice_creation` asks for: of a purchase that the session's PaymentIntent has paid. */
export function invoiceOf(realm: Realm, session: Stripe.Checkout.Session, customer: string): string {
  const { account_tax_ids, custom_fields, description, footer, metadata } =
    session.invoice_creation?.invoice_data ?? {};
  const { id } = makeDraft(realm, {
    customer: realm.need('customer', customer),
    currency: session.currency ?? 'usd',
    reason: 'manual',
    collection: 'charge_automatically',
    advances: false,
    fields: {
      account_tax_ids: account_tax_ids as string[] | null,
      custom_fields: custom_fields ?? null,
      description: description ?? null,
      footer: footer ?? null,
      metadata: metadata ?? {},
    },
  });
  for (const item of itemsOf(realm, session.id))
    addLine(realm, id, {
      amount: item.amount_total,
      currency: item.currency,
      description: item.description,
      period: { start: realm.now, end: realm.now },
      price: item.price,
      quantity: item.quantity,
      unit_amount_decimal: String(item.price?.unit_amount_decimal ?? '') || null,
    });
  recompute(realm, id);
  announceDraft(realm, id);
  return finalizeInvoice(realm, id, false, idOf(session.payment_intent) ?? undefined).id;
}
