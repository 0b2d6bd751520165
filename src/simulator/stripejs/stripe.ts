import { connect, type BrowserApi } from './api.ts';
import { CheckoutSdk } from './checkout-sdk.ts';
import { Element } from './element.ts';
import { Elements, type ElementsOptions } from './elements.ts';
import { createEmbeddedPage } from './embedded-page.ts';
import { Intents } from './intents.ts';
import type { BillingDetails, JsError } from './protocol.ts';

/** What `Stripe(publishableKey)` returns. */
export type StripeInstance = Record<string, unknown>;

interface StripeOptions {
  stripeAccount?: string;
}

type MethodData = { elements?: Elements; params?: { billing_details?: BillingDetails } } & Record<
  string,
  unknown
>;

/** Kinds of element that the Checkout SDK makes, by what stands between `create` and `Element`. */
const SDK_ELEMENTS: Record<string, string> = {
  Payment: 'payment',
  BillingAddress: 'address',
  ShippingAddress: 'shippingAddress',
  ExpressCheckout: 'expressCheckout',
  CurrencySelector: 'currencySelector',
  ContactDetails: 'contactDetails',
  TaxId: 'taxId',
  Terms: 'terms',
  LinkSignup: 'linkSignup',
};

/** Makes the object that a shop's page works with. `base` is where this script came from. */
export function makeStripe(base: string, key: string, { stripeAccount }: StripeOptions = {}): StripeInstance {
  if (!/^pk_(test|live)_\w+$/.test(key))
    throw new Error(
      'IntegrationError: Invalid value for Stripe(): apiKey should be a publishable key (pk_…).',
    );
  const api = connect(base, key, stripeAccount);
  let frames = 0;
  const next = (): number => (frames += 1);
  const intents = new Intents(api, next);
  const embedded = (options: object): Promise<unknown> => createEmbeddedPage(base, options, next);
  const checkout = (options: ConstructorParameters<typeof CheckoutSdk>[1]): unknown =>
    sdkSurface(new CheckoutSdk(api, options, next));
  return {
    elements: (options: ElementsOptions = {}) => new Elements(api, options, next),
    ...intentMethods(intents),
    createPaymentMethod: (data: MethodData) => createMethod(api, data),
    createConfirmationToken: (data: MethodData) => createConfirmationToken(api, data),
    createToken: (element: unknown, data: Record<string, unknown> = {}) => createToken(api, element, data),
    createEmbeddedCheckoutPage: embedded,
    initEmbeddedCheckout: embedded,
    initCheckoutElementsSdk: checkout,
    initCheckoutFormSdk: checkout,
    initCheckout: async (options: Parameters<typeof checkout>[0]) => checkout(options),
    _registerWrapper: () => undefined,
    registerAppInfo: () => undefined,
  };
}

function intentMethods(intents: Intents): StripeInstance {
  type Data = { payment_method?: Parameters<Intents['confirmWith']>[2] };
  const confirmAs =
    (type: string) =>
    (secret: string, data: Data = {}, { handleActions = true } = {}): Promise<unknown> =>
      intents.confirmWith(secret, type, data.payment_method, handleActions);
  return {
    confirmPayment: intents.confirm.bind(intents),
    confirmSetup: intents.confirm.bind(intents),
    confirmCardPayment: confirmAs('card'),
    confirmCardSetup: confirmAs('card'),
    confirmSepaDebitPayment: confirmAs('sepa_debit'),
    confirmSepaDebitSetup: confirmAs('sepa_debit'),
    handleCardAction: (secret: string) => intents.handleNextAction(secret),
    handleNextAction: ({ clientSecret }: { clientSecret: string }) => intents.handleNextAction(clientSecret),
    retrievePaymentIntent: (secret: string) => intents.retrieve(secret),
    retrieveSetupIntent: (secret: string) => intents.retrieve(secret),
  };
}

function sdkSurface(sdk: CheckoutSdk): StripeInstance {
  const surface: StripeInstance = {
    on: (name: string, handler: (session: never) => unknown) => void sdk.on(name, handler),
    loadActions: () => sdk.loadActions(),
    changeAppearance: () => undefined,
    loadFonts: () => undefined,
    createForm: (options: Record<string, unknown>) => sdk.create('payment', options),
    getForm: () => sdk.get('payment'),
  };
  for (const [name, kind] of Object.entries(SDK_ELEMENTS)) {
    surface[`create${name}Element`] = (options: Record<string, unknown>) => sdk.create(kind, options);
    surface[`get${name}Element`] = () => sdk.get(kind);
  }
  return surface;
}

async function createMethod(api: BrowserApi, data: MethodData): Promise<unknown> {
  const { elements, params, ...direct } = data;
  if (elements) {
    const made = await elements.createPaymentMethod(params?.billing_details ?? {});
    return 'error' in made ? made : retrieveMethod(made.paymentMethod);
  }
  const element = Object.values(direct).find((value) => value instanceof Element);
  if (element) {
    const made = await element.createPaymentMethod(direct['billing_details'] ?? {});
    return 'error' in made ? made : retrieveMethod(made.paymentMethod);
  }
  const made = await api.post('/v1/payment_methods', direct);
  return made.ok ? { paymentMethod: made.body } : { error: made.error };
}

/** A browser may not read PaymentMethods, so only what it needs for the server is handed over. */
function retrieveMethod(id: string): { paymentMethod: { id: string; object: string } } {
  return { paymentMethod: { id, object: 'payment_method' } };
}

async function createConfirmationToken(api: BrowserApi, { elements, params }: MethodData): Promise<unknown> {
  if (!elements) return { error: noElements() };
  const made = await elements.createPaymentMethod(params?.billing_details ?? {});
  if ('error' in made) return made;
  const token = await api.post('/v1/confirmation_tokens', { payment_method: made.paymentMethod, ...params });
  return token.ok ? { confirmationToken: token.body } : { error: token.error };
}

async function createToken(
  api: BrowserApi,
  element: unknown,
  data: Record<string, unknown>,
): Promise<unknown> {
  if (element instanceof Element) {
    const message = 'createToken with an Element is not supported by the simulator: use createPaymentMethod.';
    return { error: { type: 'invalid_request_error', message } satisfies JsError };
  }
  const token = await api.post('/v1/tokens', { [String(element)]: data });
  return token.ok ? { token: token.body } : { error: token.error };
}

function noElements(): JsError {
  return { type: 'invalid_request_error', message: 'createConfirmationToken needs elements.' };
}
