import type Stripe from 'stripe';
import { confirmIntent } from '../../payments/confirm.ts';
import type { Refusal } from '../../payments/declines.ts';
import type { Realm } from '../../realm.ts';
import { intentOf, requestPayment } from './intents.ts';
import { methodFor } from './methods.ts';
import { paymentFailed } from './follow.ts';

/** One try to get an invoice paid. */
export interface Attempt {
  /** What to pay with; otherwise what the invoice, its subscription or its customer name. */
  method?: Stripe.PaymentMethod | undefined;
  /** Made by time and not by a caller; only these go on with the plan of retries. */
  automatic?: boolean;
  offSession?: boolean;
  /** Where the bank leads a buyer back to who pays on a page. */
  returnUrl?: string | null;
}

/** Where the invoice stands after a try. */
export interface Collected {
  invoice: Stripe.Invoice;
  intent: Stripe.PaymentIntent | undefined;
  refusal?: Refusal | undefined;
}

/**
 * Tries to have an open invoice paid. What comes of it is written to the invoice by those who follow its
 * PaymentIntent, as it is when a buyer confirms the intent elsewhere.
 */
export function collect(realm: Realm, id: string, attempt: Attempt = {}): Collected {
  const invoice = realm.need('invoice', id);
  const method = attempt.method ?? methodFor(realm, invoice);
  realm.conceal('invoice', id, { automatic: attempt.automatic === true });
  if (!method) {
    paymentFailed(realm, realm.need('invoice', id), false);
    return { invoice: realm.need('invoice', id), intent: intentOf(realm, id) };
  }
  const usable = intentOf(realm, id);
  if (!usable || usable.status === 'canceled') requestPayment(realm, invoice);
  const intent = intentOf(realm, id) as Stripe.PaymentIntent;
  const { intent: after, refusal } = confirmIntent(realm, intent, {
    method,
    offSession: attempt.offSession ?? true,
    failOnAction: false,
    waits: true,
    returnUrl: attempt.returnUrl ?? null,
  });
  return { invoice: realm.need('invoice', id), intent: after, refusal };
}
