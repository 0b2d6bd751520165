import type Stripe from 'stripe';
import type { Realm } from '../realm.ts';

const PREFIX_CHARS = 8;

/** Stores a new customer with what Stripe gives everyone; the caller announces it. */
export function newCustomer(realm: Realm, fields: Partial<Stripe.Customer>): Stripe.Customer {
  return realm.insert('customer', {
    balance: 0,
    delinquent: false,
    invoice_prefix: realm.secret(PREFIX_CHARS).toUpperCase(),
    invoice_settings: {
      custom_fields: null,
      default_payment_method: null,
      footer: null,
      rendering_options: null,
    },
    metadata: {},
    next_invoice_sequence: 1,
    preferred_locales: [],
    tax_exempt: 'none',
    ...fields,
  });
}
