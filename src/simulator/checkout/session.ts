import type Stripe from 'stripe';
import { mergeMetadata } from '../contract/metadata.ts';
import type { Params } from '../contract/validate.ts';
import { checkConnectParams } from '../money/connect-params.ts';
import { checkCurrency } from '../payments/amounts.ts';
import { METHOD_CONFIGURATION, methodTypes } from '../payments/method-types.ts';
import { namedOwner, owned } from '../payments/owner.ts';
import type { Realm } from '../realm.ts';
import { makeSetupIntent } from '../payments/make-setup-intent.ts';
import { readCart, type Cart } from './line-items.ts';
import { EXPIRES_SECONDS_MAX, checkSession, uiModeOf } from './rules.ts';

type Session = Stripe.Checkout.Session;

const NO_CUSTOM_TEXT = {
  after_submit: null,
  shipping_address: null,
  submit: null,
  terms_of_service_acceptance: null,
};
const NO_TAX = { enabled: false, liability: null, provider: null, status: null };

/** Opens a Checkout Session; see docs.stripe.com/api/checkout/sessions/create. */
export function openSession(realm: Realm, params: Params): Session {
  checkSession(params, realm.now);
  const owner = namedOwner(realm, params);
  const known = realm.get('customer', owner);
  const mode = params['mode'] as Session['mode'];
  const cart = mode === 'setup' ? undefined : readCart(realm, params);
  const currency = cart?.currency ?? checkCurrency((params['currency'] as string | undefined) ?? 'usd');
  const split = params['payment_intent_data'] as Params | undefined;
  if (split) checkConnectParams(realm, split, cart?.total ?? null, 'payment_intent_data');
  const types = methodTypes(params, currency);
  const expiresAt = (params['expires_at'] as number | undefined) ?? realm.now + EXPIRES_SECONDS_MAX;
  const email = params['customer_email'] as string | undefined;
  const session = realm.insert(
    'checkout.session',
    {
      ...plain(params),
      ...amounts(cart),
      ...surface(params),
      currency,
      ...owned(owner ?? null),
      customer_creation: creation(params, mode),
      customer_details:
        email === undefined && !known ? null : details(known?.email ?? email ?? null, known?.name ?? null),
      customer_email: email ?? null,
      expires_at: expiresAt,
      invoice_creation: mode === 'payment' ? invoiceCreation(params) : null,
      metadata: mergeMetadata({}, params['metadata']),
      mode,
      payment_method_collection: collection(params, mode),
      payment_method_configuration_details: { id: METHOD_CONFIGURATION, parent: null },
      payment_method_options: { card: { request_three_d_secure: 'automatic' } },
      payment_method_types: types,
      payment_status: mode === 'setup' || cart?.total === 0 ? 'no_payment_required' : 'unpaid',
      saved_payment_method_options:
        owner === undefined
          ? null
          : {
              allow_redisplay_filters: ['always'],
              payment_method_remove: 'disabled',
              payment_method_save: null,
            },
      setup_intent: mode === 'setup' ? setupIntent(realm, params, types) : null,
      status: 'open',
    },
    { params: kept(params) },
  );
  for (const item of cart?.items ?? []) realm.insert('item', item, { session: session.id });
  realm.later('checkout.expire', session.id, expiresAt - realm.now);
  return realm.change('checkout.session', session.id, addresses(realm, session));
}

/** What a buyer is called in a session. */
export function details(email: string | null, name: string | null): Stripe.Checkout.Session.CustomerDetails {
  const known = { address: null, email, name, phone: null, tax_exempt: 'none' as const, tax_ids: null };
  return { ...known, business_name: null, individual_name: null };
}

/** The line items of a session, in the order in which they were given. */
export function itemsOf(realm: Realm, session: string): Stripe.LineItem[] {
  return realm.where('item', 'session', session);
}

function plain(params: Params): Partial<Session> {
  const value = (name: string): unknown => params[name] ?? null;
  return {
    after_expiration: value('after_expiration'),
    allow_promotion_codes: value('allow_promotion_codes'),
    allowed_payment_method_types: value('allowed_payment_method_types'),
    billing_address_collection: value('billing_address_collection'),
    client_reference_id: value('client_reference_id'),
    consent_collection: value('consent_collection'),
    custom_fields: params['custom_fields'] ?? [],
    discounts:
      (params['discounts'] as unknown[] | undefined)?.map((each) => ({
        coupon: null,
        promotion_code: null,
        ...(each as object),
      })) ?? [],
    integration_identifier: value('integration_identifier'),
    locale: value('locale'),
    origin_context: value('origin_context'),
    permissions: value('permissions'),
    shipping_address_collection: value('shipping_address_collection'),
    shipping_options: [],
    submit_type: value('submit_type'),
    wallet_options: value('wallet_options'),
    adaptive_pricing: { enabled: true, ...(params['adaptive_pricing'] as object | undefined) },
    automatic_tax: { ...NO_TAX, ...(params['automatic_tax'] as object | undefined) },
    custom_text: { ...NO_CUSTOM_TEXT, ...(params['custom_text'] as object | undefined) },
    phone_number_collection: { enabled: false, ...(params['phone_number_collection'] as object | undefined) },
  } as unknown as Partial<Session>;
}

function amounts(cart: Cart | undefined): Partial<Session> {
  if (!cart) return { amount_subtotal: null, amount_total: null, total_details: null };
  return {
    amount_subtotal: cart.subtotal,
    amount_total: cart.total,
    total_details: { amount_discount: cart.discount, amount_shipping: 0, amount_tax: 0 },
  };
}

/** Where the buyer pays: on Stripe's page, or on ours with Stripe's parts in it. */
function surface(params: Params): Partial<Session> {
  const uiMode = uiModeOf(params) as Session['ui_mode'];
  const hosted = uiMode === 'hosted_page';
  return {
    ui_mode: uiMode,
    cancel_url: (params['cancel_url'] as string | undefined) ?? null,
    success_url: (params['success_url'] as string | undefined) ?? null,
    ...(!hosted && params['return_url'] !== undefined && { return_url: params['return_url'] as string }),
    ...(uiMode === 'embedded_page' && {
      redirect_on_completion: (params['redirect_on_completion'] ??
        'always') as Session['redirect_on_completion'] & string,
    }),
  };
}

/** The page's address and the secret; both need the session's id. */
function addresses(realm: Realm, { id, ui_mode }: Session): Partial<Session> {
  if (ui_mode === 'hosted_page') return { url: `${realm.engine.settings.url}/c/pay/${id}` };
  return { client_secret: `${id}_secret_${realm.secret(50)}` };
}

function creation(params: Params, mode: Session['mode']): Session['customer_creation'] {
  const asked = params['customer_creation'] as Session['customer_creation'] | undefined;
  if (asked !== undefined || params['customer'] || params['customer_account']) return asked ?? null;
  const invoice = params['invoice_creation'] as { enabled?: boolean } | undefined;
  return mode === 'subscription' || invoice?.enabled === true ? 'always' : 'if_required';
}

function collection(params: Params, mode: Session['mode']): Session['payment_method_collection'] {
  const asked = params['payment_method_collection'] as Session['payment_method_collection'] | undefined;
  return asked ?? (mode === 'payment' ? 'if_required' : 'always');
}

function invoiceCreation(params: Params): Stripe.Checkout.Session.InvoiceCreation {
  const nothing = {
    account_tax_ids: null,
    custom_fields: null,
    description: null,
    footer: null,
    issuer: null,
  };
  const given = params['invoice_creation'] as { enabled?: boolean; invoice_data?: object } | undefined;
  const invoice_data = { ...nothing, metadata: {}, rendering_options: null, ...given?.invoice_data };
  return { enabled: given?.enabled ?? false, invoice_data };
}

function setupIntent(realm: Realm, params: Params, types: string[]): string {
  const { customer, customer_account } = params;
  const data = (params['setup_intent_data'] ?? {}) as Params;
  const intent = makeSetupIntent(realm, {
    ...data,
    payment_method_types: types,
    customer,
    customer_account,
  });
  realm.emit('setup_intent.created', intent);
  return intent.id;
}

/** What the session does not show and the payment will need. */
function kept(params: Params): Params {
  const { payment_intent_data, subscription_data, setup_intent_data } = params;
  return { payment_intent_data, subscription_data, setup_intent_data };
}
