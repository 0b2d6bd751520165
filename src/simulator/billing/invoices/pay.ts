import type Stripe from 'stripe';
import { idOf } from '../../kinds.ts';
import { ownMethod } from '../../payments/own-method.ts';
import { declinedError } from '../../payments/declines.ts';
import type { Realm } from '../../realm.ts';
import type { Call } from '../../server/call.ts';
import { StripeError, refused } from '../../server/errors.ts';
import type { StripeObject } from '../../store/store.ts';
import { answer, text } from '../params.ts';
import { onClock } from '../time/moments.ts';
import { collect } from './collect.ts';
import { finalizeInvoice } from './finalize.ts';
import { methodFor } from './methods.ts';
import { settleElsewhere } from './settle.ts';

type Invoice = Stripe.Invoice;

/** POST /v1/invoices/{}/pay: one try, at once; a draft is finalized first. */
export function payInvoice(call: Call): StripeObject {
  const { params, ids } = call;
  const before = call.realm.named('invoice', ids[0] ?? '', 'invoice');
  const realm = onClock(call.realm, before);
  const method = methodOf({ ...call, realm });
  const open = before.status === 'draft' ? finalizeInvoice(realm, before.id) : before;
  if (open.status === 'paid' && before.status === 'draft') return answer(open);
  checkPayable(open);
  if (params['paid_out_of_band'] === true) return answer(settleElsewhere(realm, open));
  if (open.amount_remaining === 0) return answer(open);
  if (!method && !methodFor(realm, open)) throw noMethod(realm, open);
  const result = collect(realm, open.id, { method, offSession: params['off_session'] !== false });
  if (result.refusal && result.intent) throw declinedError(result.refusal, result.intent);
  if (result.intent?.status === 'requires_action') throw needsBuyer('invoice', result.intent);
  return answer(realm.need('invoice', open.id));
}

/** The 402 of a payment that waits for its buyer; what happened so far stays. */
export function needsBuyer(noun: 'invoice' | 'subscription', intent: Stripe.PaymentIntent): StripeError {
  const message =
    'This payment requires additional user action before it can be completed successfully. Payment can be ' +
    `completed using the PaymentIntent associated with the ${noun}. For more details see: ` +
    'https://stripe.com/docs/billing/subscriptions/overview#requires-action';
  return new StripeError(message, {
    status: 402,
    type: 'card_error',
    code: `${noun}_payment_intent_requires_action`,
    payment_intent: answer(intent),
    keepsChanges: true,
  });
}

function methodOf(call: Call): Stripe.PaymentMethod | undefined {
  const { realm, params, ids } = call;
  const id = text(params, 'payment_method') ?? text(params, 'source');
  if (id === undefined) return undefined;
  const customer = idOf(realm.need('invoice', ids[0] ?? '').customer) ?? '';
  return ownMethod(call, id, customer, 'payment_method');
}

function checkPayable({ status }: Invoice): void {
  if (status === 'paid') throw refused('Invoice is already paid');
  if (status === 'void') throw refused('This invoice can no longer be paid: it is void.');
}

function noMethod(realm: Realm, { customer }: Invoice): Error {
  const id = idOf(customer) ?? '';
  return refused(
    `There is no \`default_payment_method\` set on this Customer or Invoice. Please set either an ` +
      `\`invoice_settings[default_payment_method]\` on Customer ${id} or a \`default_payment_method\` on ` +
      'the Invoice.',
    { code: realm.get('customer', id) ? 'invoice_no_payment_method' : 'resource_missing' },
  );
}
