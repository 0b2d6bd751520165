import { connect } from './api.ts';
import { CheckoutSdk, type SdkOptions } from './checkout-sdk.ts';
import { confirmMethods } from './confirm-methods.ts';
import { Elements, type ElementsOptions } from './elements.ts';
import { EmbeddedPages } from './embedded-page.ts';
import { Intents } from './intents.ts';
import { createConfirmationToken, createMethod, createToken } from './methods.ts';
import { paymentRequest, unsupportedMethods } from './unsupported.ts';

/** What `Stripe(publishableKey)` returns. */
export type StripeInstance = Record<string, unknown>;

interface StripeOptions {
  stripeAccount?: string;
}

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
  const pages = new EmbeddedPages(base, next);
  const checkout = (options: SdkOptions): StripeInstance => sdkSurface(new CheckoutSdk(api, options, next));
  return {
    elements: (options: ElementsOptions = {}) => new Elements(api, options, next),
    ...intentMethods(new Intents(api, next)),
    createPaymentMethod: (data: Parameters<typeof createMethod>[1]) => createMethod(api, data),
    createConfirmationToken: (data: Parameters<typeof createMethod>[1]) => createConfirmationToken(api, data),
    createToken: (what: unknown, data?: unknown) => createToken(api, what, data),
    createRadarSession: async () => ({ radarSession: { id: `rse_${String(Date.now())}` } }),
    createEmbeddedCheckoutPage: pages.create.bind(pages),
    initEmbeddedCheckout: pages.create.bind(pages),
    initCheckoutElementsSdk: checkout,
    initCheckoutFormSdk: checkout,
    initCheckout: async (options: SdkOptions) => checkout(options),
    ...unsupportedMethods(),
    paymentRequest,
    _registerWrapper: () => undefined,
    registerAppInfo: () => undefined,
  };
}

function intentMethods(intents: Intents): StripeInstance {
  return {
    ...confirmMethods(intents),
    confirmPayment: intents.confirm.bind(intents),
    confirmSetup: intents.confirm.bind(intents),
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
