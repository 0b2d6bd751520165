import type Stripe from 'stripe';
import { mergeMetadata } from '../contract/metadata.ts';
import type { Params } from '../contract/validate.ts';
import type { Realm } from '../realm.ts';
import { checkConnectParams } from '../money/connect-params.ts';
import { checkAmount, checkCurrency } from './amounts.ts';
import { METHOD_CONFIGURATION, methodOptions, methodTypes } from './method-types.ts';
import { namedOwner, owned } from './owner.ts';
import { shippingOf } from './shipping.ts';

type Intent = Stripe.PaymentIntent;

/** Fields that are taken over as they are sent. */
const PLAIN = [
  'amount_details',
  'application_fee_amount',
  'description',
  'excluded_payment_method_types',
  'allowed_payment_method_types',
  'on_behalf_of',
  'payment_details',
  'receipt_email',
  'setup_future_usage',
  'statement_descriptor',
  'statement_descriptor_suffix',
  'transfer_data',
  'transfer_group',
] as const;

/** Makes an intent from parameters that were checked; Checkout makes its own this way too. */
export function makeIntent(realm: Realm, params: Params): Intent {
  const currency = checkCurrency(params['currency'] as string);
  const amount = params['amount'] as number;
  checkAmount(amount, currency);
  checkConnectParams(realm, params, amount);
  const owner = namedOwner(realm, params) ?? null;
  const types = methodTypes(params, currency);
  const legacy = params['payment_method_types'] !== undefined;
  const id = realm.newId('payment_intent');
  const automatic = {
    allow_redirects: 'always',
    enabled: true,
    ...(params['automatic_payment_methods'] as object),
  };
  const intent = realm.insert('payment_intent', {
    id,
    ...plainFields(params),
    amount,
    amount_details: { tip: {}, ...(params['amount_details'] as object | undefined) },
    automatic_payment_methods: legacy ? null : (automatic as Stripe.PaymentIntent.AutomaticPaymentMethods),
    capture_method: (params['capture_method'] ?? 'automatic_async') as Stripe.PaymentIntent.CaptureMethod,
    client_secret: `${id}_secret_${realm.secret(25)}`,
    confirmation_method: (params['confirmation_method'] ??
      'automatic') as Stripe.PaymentIntent.ConfirmationMethod,
    currency,
    ...owned(owner),
    managed_payments: { enabled: false },
    metadata: mergeMetadata({}, params['metadata']),
    payment_method_configuration_details: legacy ? null : { id: METHOD_CONFIGURATION, parent: null },
    payment_method_options: methodOptions(types, params['payment_method_options'] as Params),
    payment_method_types: types,
    shipping: shippingOf(params['shipping'] as Params | undefined),
    status: 'requires_payment_method',
  });
  return intent;
}

/** Of the parameters, those that an intent takes over unchanged. */
export function plainFields(params: Params): Partial<Intent> {
  const sent = PLAIN.filter((name) => params[name] !== undefined).map((name) => [name, params[name]]);
  return Object.fromEntries(sent) as Partial<Intent>;
}
