import type Stripe from 'stripe';
import { mergeMetadata } from '../contract/metadata.ts';
import { defaultsOf } from '../contract/defaults.ts';
import { makeTypedToken } from '../connect/tokens.ts';
import type { Params } from '../contract/validate.ts';
import { idOf } from '../kinds.ts';
import { attach } from '../payments/attach.ts';
import { readCard, tokenEntry } from '../payments/card-details.ts';
import { billingDetails, findMethod, makeMethod } from '../payments/methods.ts';
import { namedOwner, owned, ownerOf } from '../payments/owner.ts';
import { shippingOf } from '../payments/shipping.ts';
import type { Call, Resource } from '../server/call.ts';
import { missingParameter, noSuch, refused } from '../server/errors.ts';
import { differences } from '../server/hashes.ts';
import type { StripeObject } from '../store/store.ts';

const TOKEN_SECONDS = 12 * 3600;

/** docs.stripe.com/api/payment_methods, with the tokens of Stripe.js that stand for one. */
export const paymentMethods: Resource = {
  routes: {
    'POST /v1/payment_methods': create,
    'GET /v1/payment_methods/{}': (call) => asObject(methodOf(call)),
    'POST /v1/payment_methods/{}': update,
    'POST /v1/payment_methods/{}/attach': attachToCustomer,
    'POST /v1/payment_methods/{}/detach': detach,
    'POST /v1/tokens': createToken,
    'POST /v1/confirmation_tokens': createConfirmationToken,
    'POST /v1/test_helpers/confirmation_tokens': createConfirmationToken,
  },
};

function create(call: Call): StripeObject {
  const { realm, params } = call;
  const shared = params['payment_method'] as string | undefined;
  if (shared === undefined) return asObject(makeMethod(realm, params));
  // A platform shares its customers' methods with connected accounts by cloning them there.
  const from = realm.get('payment_method', shared) ? realm : realm.platform;
  const { id: _id, customer, ...rest } = findMethod({ ...call, realm: from }, shared, 'payment_method');
  const owner = params['customer'] as string | undefined;
  if (owner !== undefined) from.need('customer', owner, 'customer');
  if (idOf(customer) !== null && idOf(customer) !== owner)
    throw refused(
      `The payment method ${shared} belongs to a customer: name that customer to clone it to this account.`,
      { param: 'customer' },
    );
  const { number } = from.hidden('payment_method', shared);
  return asObject(realm.insert('payment_method', { ...rest, created: realm.now }, { number, setUp: false }));
}

function update(call: Call): StripeObject {
  const { realm, params } = call;
  const before = methodOf(call);
  const card = params['card'] as Params | undefined;
  const billing = params['billing_details'] as Params | undefined;
  const after = realm.change('payment_method', before.id, {
    ...(billing && { billing_details: billingDetails({ ...before.billing_details, ...billing }) }),
    ...(card && before.card && { card: { ...before.card, ...card } }),
    ...(params['allow_redisplay'] !== undefined && {
      allow_redisplay: params['allow_redisplay'] as 'always',
    }),
    metadata: mergeMetadata(before.metadata, params['metadata']),
  });
  realm.emit('payment_method.updated', after, differences(asObject(before), asObject(after)));
  return asObject(after);
}

function attachToCustomer(call: Call): StripeObject {
  const { realm, params } = call;
  if (!params['customer'] && !params['customer_account']) throw missingParameter('customer');
  const method = methodOf(call);
  return asObject(attach(realm, method, namedOwner(realm, params) ?? ''));
}

function detach(call: Call): StripeObject {
  const { realm } = call;
  const method = methodOf(call);
  const customer = ownerOf(method);
  if (customer === null)
    throw refused(
      'The payment method you provided is not attached to a customer so detachment is impossible.',
    );
  const detached = realm.change('payment_method', method.id, owned(null), { used: true });
  const owner = realm.get('customer', customer);
  if (owner && idOf(owner.invoice_settings.default_payment_method) === method.id)
    realm.change('customer', customer, {
      invoice_settings: { ...owner.invoice_settings, default_payment_method: null },
    });
  realm.emit('payment_method.detached', detached, differences(asObject(method), asObject(detached)));
  return asObject(detached);
}

function createToken({ realm, params }: Call): StripeObject {
  const typed = makeTypedToken(realm, params);
  if (typed) return typed;
  const given = params['card'] as Params | undefined;
  if (!given || typeof given !== 'object') {
    const type = params['cvc_update'] ? 'cvc_update' : 'pii';
    return asObject(realm.insert('token', { client_ip: null, type, used: false }));
  }
  const entry = tokenEntry(given);
  const card = readCard(realm, entry);
  const shown = defaultsOf(realm.engine.contract, 'card');
  const token = realm.insert(
    'token',
    {
      card: {
        ...shown,
        id: realm.newId('card'),
        object: 'card',
        brand: card.brand,
        country: card.country ?? 'US',
        exp_month: entry.exp_month ?? null,
        exp_year: entry.exp_year ?? null,
        funding: card.funding ?? 'credit',
        last4: card.number.slice(-4),
        metadata: {},
      } as unknown as Stripe.Card,
      client_ip: null,
      type: 'card',
      used: false,
    },
    { entry },
  );
  return asObject(token);
}

function createConfirmationToken(call: Call): StripeObject {
  const { realm, params } = call;
  const data = params['payment_method_data'] as Params | undefined;
  const id = params['payment_method'] as string | undefined;
  if (!data && id === undefined) throw missingParameter('payment_method_data');
  const method = data
    ? makeMethod(realm, data, 'payment_method_data')
    : findMethod(call, id ?? '', 'payment_method');
  const {
    id: _id,
    object: _object,
    created: _created,
    livemode: _livemode,
    metadata: _metadata,
    ...preview
  } = method;
  const token = realm.insert(
    'confirmation_token',
    {
      expires_at: realm.now + TOKEN_SECONDS,
      payment_method_preview: preview,
      return_url: (params['return_url'] as string | undefined) ?? null,
      setup_future_usage: (params['setup_future_usage'] ?? null) as 'off_session' | null,
      shipping: shippingOf(
        params['shipping'] as Params | undefined,
      ) as unknown as Stripe.ConfirmationToken.Shipping,
      use_stripe_sdk: true,
    },
    { method: method.id },
  );
  return asObject(token);
}

function methodOf(call: Call): Stripe.PaymentMethod {
  const [id = ''] = call.ids;
  try {
    return findMethod(call, id, 'payment_method');
  } catch {
    throw noSuch('PaymentMethod', id, 'payment_method', 404);
  }
}

function asObject(object: object): StripeObject {
  return object as StripeObject;
}
