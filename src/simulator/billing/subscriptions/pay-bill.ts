import { StripeError } from '../../server/errors.ts';
import { declinedError } from '../../payments/declines.ts';
import type { Realm } from '../../realm.ts';
import { collect } from '../invoices/collect.ts';
import { finalizeInvoice } from '../invoices/finalize.ts';
import { needsBuyer } from '../invoices/pay.ts';

/** How a caller wants an invoice of a subscription to be paid. */
export interface Paying {
  /** `payment_behavior`, in Stripe's words. */
  behaviour: string;
  offSession: boolean;
}

/** Finalizes an invoice of a subscription at once and has it paid as the caller wants it. */
export function payBill(realm: Realm, invoice: string, { behaviour, offSession }: Paying): void {
  const open = finalizeInvoice(realm, invoice, behaviour !== 'default_incomplete');
  if (open.status !== 'open' || open.collection_method !== 'charge_automatically') return;
  if (behaviour === 'default_incomplete') return;
  const { intent, refusal } = collect(realm, invoice, { offSession, automatic: true });
  if (behaviour !== 'error_if_incomplete' || !intent) return;
  if (refusal) throw undone(declinedError(refusal, intent));
  if (intent.status === 'requires_action') throw undone(needsBuyer('subscription', intent));
}

/** The same complaint about something that is not to have happened. */
function undone({ message, status, body }: StripeError): StripeError {
  return new StripeError(message, { ...body, status });
}
