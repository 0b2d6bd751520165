import { mergeMetadata, type Metadata } from '../contract/metadata.ts';
import type { Params } from '../contract/validate.ts';
import type Stripe from 'stripe';
import { discountCustomer } from '../billing/discounts/customer-discount.ts';
import { isLiving } from '../billing/subscriptions/store.ts';
import { onClock } from '../billing/time/moments.ts';
import { newCustomer } from '../customers/new-customer.ts';
import { attach } from '../payments/attach.ts';
import { findMethod } from '../payments/methods.ts';
import { ownMethod } from '../payments/own-method.ts';
import { shippingOf } from '../payments/shipping.ts';
import type { Call, Resource } from '../server/call.ts';
import { badParameter, noSuch } from '../server/errors.ts';
import { applyParams, list } from '../server/generic.ts';
import { differences } from '../server/hashes.ts';
import { emptyList } from '../server/list.ts';
import { findAny } from '../server/lookup.ts';
import type { StripeObject } from '../store/store.ts';

const EMAIL_CHARS_MAX = 512;

/** docs.stripe.com/api/customers */
export const customers: Resource = {
  routes: {
    'POST /v1/customers': create,
    'POST /v1/customers/{}': update,
    'GET /v1/customers/{}/payment_methods': (call) => {
      const id = customerOf(call).id;
      return list({ ...call, ids: [], params: { ...call.params, customer: id } }, { filters: {} });
    },
    'GET /v1/customers/{}/payment_methods/{}': (call) => {
      const { realm, ids } = call;
      const method = realm.get('payment_method', ids[1]);
      if (method?.customer !== customerOf(call).id)
        throw noSuch('PaymentMethod', ids[1] ?? '', 'payment_method', 404);
      return method as unknown as StripeObject;
    },
  },
  includes: {
    'customer.subscriptions': (realm, { id }) => ({
      ...emptyList(`/v1/customers/${id}/subscriptions`),
      data: realm
        .where('subscription', 'customer', id ?? '')
        .filter(isLiving)
        .toReversed(),
    }),
    'customer.tax_ids': (_realm, { id }) => emptyList(`/v1/customers/${id}/tax_ids`),
    'customer.tax': () => ({
      ip_address: null,
      location: null,
      provider: 'stripe',
      automatic_tax: 'unrecognized_location',
    }),
    'customer.invoice_credit_balance': () => ({}),
  },
};

function create(call: Call): StripeObject {
  const { realm, params } = call;
  checkEmail(params['email']);
  const fields = fieldsOf(params);
  const clock = params['test_clock'] as string | undefined;
  if (clock !== undefined) realm.need('test_helpers.test_clock', clock, 'test_clock');
  const customer = newCustomer(realm, {
    created: onClock(realm, { id: '', test_clock: clock ?? null }).now,
    ...(applyParams({}, fields) as Partial<Stripe.Customer>),
    metadata: mergeMetadata({}, params['metadata']),
  });
  realm.emit('customer.created', customer);
  const method = params['payment_method'] as string | undefined;
  if (method !== undefined) attach(realm, findMethod(call, method, 'payment_method'), customer.id);
  takeSource(call, customer.id);
  discountCustomer(realm, customer.id, params);
  return withInvoiceSettings(call, realm.need('customer', customer.id));
}

function update(call: Call): StripeObject {
  const { realm, params, ids } = call;
  if (findAny(realm, ['customer'], ids[0] ?? '')?.['deleted'] === true)
    throw noSuch('customer', ids[0] ?? '');
  const before = customerOf(call);
  checkEmail(params['email']);
  const changes = applyParams(
    before as unknown as StripeObject,
    fieldsOf(params),
  ) as Partial<Stripe.Customer>;
  const metadata = mergeMetadata(before.metadata, params['metadata']);
  realm.change('customer', before.id, { ...changes, metadata });
  takeSource(call, before.id);
  discountCustomer(realm, before.id, params);
  const after = withInvoiceSettings(call, realm.need('customer', before.id));
  const previous = differences(before as unknown as StripeObject, after);
  if (Object.keys(previous).length > 0) realm.emit('customer.updated', after, previous);
  return after;
}

function fieldsOf(params: Params): Params {
  const {
    payment_method: _method,
    invoice_settings: _settings,
    metadata: _metadata,
    source: _source,
    tax: _tax,
    tax_id_data: _ids,
    cash_balance: _cash,
    coupon: _coupon,
    promotion_code: _code,
    ...fields
  } = params;
  const { shipping, address } = fields;
  return {
    ...fields,
    ...(shipping !== undefined && { shipping: shipping && withoutParcel(shippingOf(shipping as Params)) }),
    ...(address !== undefined && { address: address && shippingOf({ address })?.['address'] }),
  };
}

/** `source`: a token that becomes what the customer pays with by default. */
function takeSource(call: Call, customer: string): void {
  const token = call.params['source'] as string | undefined;
  if (typeof token !== 'string') return;
  const method = attach(call.realm, findMethod(call, token, 'source'), customer);
  call.realm.change('customer', customer, { default_source: method.id });
}

function withInvoiceSettings(call: Call, customer: Stripe.Customer): StripeObject {
  const given = call.params['invoice_settings'] as Params | undefined;
  if (!given) return customer as unknown as StripeObject;
  const { realm } = call;
  let chosen = {};
  const method = given['default_payment_method'] as string | null | undefined;
  if (method) {
    const param = 'invoice_settings[default_payment_method]';
    const found = ownMethod(call, method, customer.id, param);
    chosen = { default_payment_method: found.id };
  }
  const invoice_settings = { ...customer.invoice_settings, ...given, ...chosen };
  return realm.change('customer', customer.id, { invoice_settings }) as unknown as StripeObject;
}

function customerOf({ realm, ids }: Call): Stripe.Customer & { metadata: Metadata } {
  return realm.named('customer', ids[0] ?? '');
}

function withoutParcel(shipping: Record<string, unknown> | null): Record<string, unknown> | null {
  const { carrier: _carrier, tracking_number: _number, ...rest } = shipping ?? {};
  return shipping && rest;
}

function checkEmail(email: unknown): void {
  if (typeof email !== 'string' || (email.length <= EMAIL_CHARS_MAX && /^[^\s@]+@[^\s@]+$/.test(email)))
    return;
  throw badParameter(`Invalid email address: ${email.slice(0, 100)}`, {
    code: 'email_invalid',
    param: 'email',
  });
}
