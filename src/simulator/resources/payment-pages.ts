import type Stripe from 'stripe';
import type { Params } from '../contract/validate.ts';
import { asAnswer, pageView } from '../checkout/page-view.ts';
import { paySession } from '../checkout/pay.ts';
import { updatePage } from '../checkout/page-update.ts';
import { tokenMethod } from '../payments/confirmation-tokens.ts';
import { declinedError } from '../payments/declines.ts';
import { findMethod, makeMethod } from '../payments/methods.ts';
import type { Call, Resource } from '../server/call.ts';
import { badParameter, missingParameter } from '../server/errors.ts';
import type { StripeObject } from '../store/store.ts';

/**
 * The routes by which Stripe.js and `stripe trigger` pay a Checkout Session; Stripe does not document them.
 */
export const paymentPages: Resource = {
  routes: {
    'GET /v1/payment_pages/{}': (call) => asAnswer(pageView(call.realm, sessionOf(call)), null),
    'POST /v1/payment_pages/{}': update,
    'POST /v1/payment_pages/{}/confirm': confirm,
  },
};

function update(call: Call): StripeObject {
  const after = updatePage(call.realm, sessionOf(call), call.params);
  return asAnswer(pageView(call.realm, after), null);
}

function confirm(call: Call): StripeObject {
  const { realm, params } = call;
  const session = sessionOf(call);
  const expected = params['expected_amount'];
  if (expected !== undefined && Number(expected) !== (session.amount_total ?? 0))
    throw badParameter(
      `The expected amount (${Number(expected)}) does not match the amount of the Checkout Session ` +
        `(${session.amount_total}).`,
      { param: 'expected_amount' },
    );
  const method = methodFrom(call, session);
  const { email, name, phone, address } = method.billing_details;
  const view = pageView(realm, session);
  const known = session.customer_details;
  const buyer = {
    email: view.customer_email ?? email,
    name: name ?? known?.name ?? null,
    phone: phone ?? known?.phone ?? null,
    address: known?.address ?? address,
  };
  const returnUrl = (params['return_url'] as string | undefined) ?? null;
  const paid = paySession(
    realm,
    session,
    method,
    buyer,
    params['use_stripe_sdk'] === 'true' ? null : returnUrl,
  );
  if (paid.refusal && paid.intent) throw declinedError(paid.refusal, paid.intent);
  return asAnswer(pageView(realm, paid.session), paid.intent);
}

function methodFrom(call: Call, session: Stripe.Checkout.Session): Stripe.PaymentMethod {
  const { realm, params } = call;
  const data = params['payment_method_data'] as Params | undefined;
  const token = params['confirmation_token'] as string | undefined;
  const id = params['payment_method'] as string | undefined;
  if (data) return makeMethod(realm, data, 'payment_method_data');
  if (token !== undefined)
    return tokenMethod(realm, token, { id: session.id, object: 'payment_intent' } as never);
  if (id === undefined) throw missingParameter('payment_method');
  return findMethod(call, id, 'payment_method');
}

/** The session, which a browser may only see together with its client secret if it has one. */
function sessionOf({ realm, ids, caller, params }: Call): Stripe.Checkout.Session {
  const [id = ''] = (ids[0] ?? '').split('_secret_');
  const session = realm.named('checkout.session', id, 'session');
  const open = caller.kind === 'secret' || session.client_secret === null;
  if (open || session.client_secret === params['client_secret']) return session;
  throw badParameter('The client_secret provided does not match the Checkout Session.', {
    param: 'client_secret',
  });
}
