import type { ApiObject, ApiResult, BrowserApi } from './api.ts';
import { checkDeferred } from './deferred.ts';
import { authenticateInDialog } from './dialog.ts';
import { Element } from './element.ts';
import { intentPath, readIntent, type Elements } from './elements.ts';
import type { BillingDetails, JsError } from './protocol.ts';

/** What a confirmation ends with: the intent under its name, or an error. */
export interface IntentResult {
  paymentIntent?: ApiObject;
  setupIntent?: ApiObject;
  error?: JsError;
}

export interface ConfirmOptions {
  elements?: Elements;
  clientSecret?: string;
  confirmParams?: {
    return_url?: string;
    payment_method?: string;
    confirmation_token?: string;
    payment_method_data?: { billing_details?: BillingDetails };
    shipping?: Record<string, unknown>;
    receipt_email?: string;
    [param: string]: unknown;
  };
  redirect?: 'always' | 'if_required';
}

type MethodChoice = string | { billing_details?: BillingDetails; [type: string]: unknown };

/** What `confirmCardPayment` and its like take beside the secret. */
export interface ConfirmData {
  payment_method?: MethodChoice;
  payment_method_options?: Record<string, Record<string, unknown>>;
  return_url?: string;
  [param: string]: unknown;
}

/** Payments and set-ups by client secret; `next` gives each frame of the page its number. */
export class Intents {
  readonly #api: BrowserApi;
  readonly #next: () => number;

  constructor(api: BrowserApi, next: () => number) {
    this.#api = api;
    this.#next = next;
  }

  async retrieve(clientSecret: string): Promise<IntentResult> {
    const result = await this.#api.get(intentPath(clientSecret), { client_secret: clientSecret });
    return result.ok ? named(result.body) : { error: result.error };
  }

  /** `confirmPayment` and `confirmSetup`: pays with what was typed, then goes to `return_url` or returns. */
  async confirm(options: ConfirmOptions): Promise<IntentResult> {
    const { elements, clientSecret, confirmParams = {}, redirect = 'always' } = options;
    const secret = clientSecret ?? elements?.options.clientSecret;
    if (secret === undefined)
      throw new Error('IntegrationError: confirmPayment needs elements or a clientSecret.');
    if (redirect === 'always' && confirmParams.return_url === undefined)
      throw new Error(
        'IntegrationError: confirmParams.return_url is required unless redirect is "if_required".',
      );
    const wrong = elements && (await checkDeferred(this.#api, elements, secret));
    if (wrong) return { error: wrong };
    const chosen = await this.#choose(elements, confirmParams);
    if ('error' in chosen) return chosen;
    const { payment_method_data: _data, ...rest } = confirmParams;
    const body = { ...rest, ...chosen, client_secret: secret, use_stripe_sdk: true };
    const result = await this.#finish(await this.#api.post(`${intentPath(secret)}/confirm`, body), secret);
    if (redirect === 'always' && !result.error) return leave(confirmParams.return_url ?? '', result);
    return result;
  }

  /** `confirmCardPayment`, `confirmCardSetup` and their like: the method is given in the call. */
  async confirmWith(secret: string, type: string, data: ConfirmData, handle = true): Promise<IntentResult> {
    const { payment_method: method, payment_method_options: options, ...rest } = data;
    const extra = await this.#cvcToken(options);
    if ('error' in extra) return extra;
    const body: Record<string, unknown> = { ...rest, ...extra, client_secret: secret, use_stripe_sdk: true };
    if (typeof method === 'string') body['payment_method'] = method;
    else if (method) {
      const made = await this.#make(type, method);
      if ('error' in made) return made;
      body['payment_method'] = made.paymentMethod.id;
    }
    const answer = await this.#api.post(`${intentPath(secret)}/confirm`, body);
    if (!handle) return answer.ok ? named(answer.body) : { error: answer.error };
    return this.#finish(answer, secret);
  }

  /** Takes the step that an intent waits for, if it does. */
  async handleNextAction(secret: string): Promise<IntentResult> {
    const intent = await readIntent(this.#api, secret);
    if (!intent) return this.retrieve(secret);
    return this.#finish({ ok: true, body: intent }, secret);
  }

  /** Lets the buyer authenticate when the intent says so, then looks what came of it. */
  async #finish(answer: ApiResult, secret: string): Promise<IntentResult> {
    if (!answer.ok) return { error: answer.error };
    const step = nextStep(answer.body);
    if (!step) return named(answer.body);
    if (step.leaves) return goTo(step.url);
    await authenticateInDialog(step.url, this.#next());
    const after = await readIntent(this.#api, secret);
    if (!after) return this.retrieve(secret);
    const error = (after['last_payment_error'] ?? after['last_setup_error']) as JsError | null | undefined;
    const failed = after['status'] === 'requires_payment_method' && error;
    return failed ? { error: { ...error, [after.object]: after } } : named(after);
  }

  async #choose(
    elements: Elements | undefined,
    { payment_method, confirmation_token, payment_method_data }: NonNullable<ConfirmOptions['confirmParams']>,
  ): Promise<Record<string, unknown> | { error: JsError }> {
    if (confirmation_token !== undefined) return { confirmation_token };
    if (payment_method !== undefined) return { payment_method };
    if (!elements) return {};
    const made = await elements.createPaymentMethod(payment_method_data?.billing_details ?? {});
    if ('error' in made) return made;
    const { shipping } = await elements.known();
    return { payment_method: made.paymentMethod.id, ...(shipping && { shipping }) };
  }

  async #make(type: string, method: Exclude<MethodChoice, string>) {
    const { billing_details: billing = {}, ...details } = method;
    const element = details[type];
    if (element instanceof Element) return element.createPaymentMethod(billing);
    const made = await this.#api.post('/v1/payment_methods', { type, ...details, billing_details: billing });
    return made.ok ? { paymentMethod: made.body } : { error: made.error };
  }

  /** A security code that is asked for again travels as a token. */
  async #cvcToken(
    options: ConfirmData['payment_method_options'],
  ): Promise<Record<string, unknown> | { error: JsError }> {
    const cvc = options?.['card']?.['cvc'];
    if (!(cvc instanceof Element)) return options ? { payment_method_options: options } : {};
    const made = await cvc.createToken({ type: 'cvc_update' });
    if ('error' in made) return made;
    const { cvc: _element, ...card } = options?.['card'] ?? {};
    return { payment_method_options: { ...options, card: { ...card, cvc_token: made.token.id } } };
  }
}

/** Where the buyer has to go next: into a dialog, or away from the page. */
export function nextStep(intent: ApiObject): { url: string; leaves: boolean } | undefined {
  const action = intent['next_action'] as
    | { use_stripe_sdk?: { stripe_js: string }; redirect_to_url?: { url: string } }
    | null
    | undefined;
  if (action?.use_stripe_sdk) return { url: action.use_stripe_sdk.stripe_js, leaves: false };
  return action?.redirect_to_url && { url: action.redirect_to_url.url, leaves: true };
}

/** Leaves the page; what waits for the result waits for ever, as with Stripe. */
export function goTo(url: string): Promise<never> {
  location.assign(url);
  return new Promise(() => undefined);
}

function leave(returnUrl: string, result: IntentResult): Promise<never> {
  const intent = result.paymentIntent ?? result.setupIntent;
  const kind = result.paymentIntent ? 'payment_intent' : 'setup_intent';
  const url = new URL(returnUrl, location.href);
  url.searchParams.set(kind, intent?.id ?? '');
  url.searchParams.set(`${kind}_client_secret`, (intent?.['client_secret'] as string | undefined) ?? '');
  url.searchParams.set('redirect_status', 'succeeded');
  return goTo(url.toString());
}

function named(intent: ApiObject): IntentResult {
  return intent.object === 'setup_intent' ? { setupIntent: intent } : { paymentIntent: intent };
}
