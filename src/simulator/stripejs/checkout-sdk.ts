import type { PageView } from '../checkout/page-view.ts';
import type { ApiObject, ApiResult, BrowserApi } from './api.ts';
import { authenticateInDialog } from './dialog.ts';
import { Element } from './element.ts';
import { Emitter } from './emitter.ts';
import { readIntent } from './elements.ts';
import { goTo, nextStep } from './intents.ts';
import type { BillingDetails, JsError } from './protocol.ts';
import { sessionView } from './session-view.ts';

interface ConfirmArgs {
  returnUrl?: string;
  redirect?: 'always' | 'if_required';
  paymentMethod?: string;
  email?: string;
  phoneNumber?: string;
  billingAddress?: { name?: string | null; address: Record<string, string | null> };
}

interface SdkOptions {
  clientSecret: string | Promise<string>;
  defaultValues?: { email?: string };
}

type Session = Record<string, unknown>;
type Result = { type: 'success'; session: Session } | { type: 'error'; error: Record<string, unknown> };
type PageAnswer = PageView & { payment_intent?: ApiObject; setup_intent?: ApiObject };

/** `initCheckoutElementsSdk`: our own page around Stripe's parts, for one Checkout Session. */
export class CheckoutSdk extends Emitter {
  readonly #api: BrowserApi;
  readonly #next: () => number;
  readonly #secret: Promise<string>;
  readonly #elements = new Map<string, Element>();
  readonly #loaded: Promise<JsError | null>;
  #view: PageView | null = null;
  #lastError: string | null = null;

  constructor(api: BrowserApi, options: SdkOptions, next: () => number) {
    super();
    this.#api = api;
    this.#next = next;
    this.#secret = Promise.resolve(options.clientSecret);
    this.#loaded = this.#load(options.defaultValues?.email);
  }

  /** Resolves once the session was read: its actions, or why there are none. */
  async loadActions(): Promise<Record<string, unknown>> {
    const error = await this.#loaded;
    if (error) return { type: 'error', error: { message: error.message, code: null } };
    return { type: 'success', actions: this.#actions() };
  }

  /** Makes one of the SDK's elements; there is at most one of each kind. */
  create(kind: string, options: Record<string, unknown> = {}): Element {
    const element = new Element(kind, options, {
      base: this.#api.base,
      key: this.#api.key,
      nextNumber: this.#next,
      methods: async () => {
        await this.#loaded;
        return this.#view?.payment_method_types ?? ['card'];
      },
      onDestroy: () => this.#elements.delete(kind),
    });
    element.on('change', () => this.#changed());
    this.#elements.set(kind, element);
    return element;
  }

  get(kind: string): Element | null {
    return this.#elements.get(kind) ?? null;
  }

  #actions(): Record<string, unknown> {
    const unchanged = async (): Promise<Result> => ({ type: 'success', session: this.#session() });
    const unsupported = async (): Promise<Result> =>
      failure('The local simulator does not support this yet.');
    return {
      getSession: () => this.#session(),
      confirm: (args: ConfirmArgs = {}) => this.#confirm(args),
      updateEmail: (email: string | null) => this.#updateEmail(email),
      runServerUpdate: (update: () => Promise<unknown>) => this.#runServerUpdate(update),
      validateElements: () => this.#validateElements(),
      updatePhoneNumber: unchanged,
      updateIndividualName: unchanged,
      updateBusinessName: unchanged,
      updateBillingAddress: unchanged,
      updateShippingAddress: unchanged,
      applyPromotionCode: unsupported,
      removePromotionCode: unchanged,
      updateLineItemQuantity: unsupported,
      updateShippingOption: unsupported,
      updateTaxIdInfo: unsupported,
      addOptionalLineItem: unsupported,
      removeOptionalLineItem: unsupported,
    };
  }

  async #load(email: string | undefined): Promise<JsError | null> {
    const secret = await this.#secret;
    const [id = ''] = secret.split('_secret_');
    const read = await this.#api.get(`/v1/payment_pages/${id}`, { client_secret: secret });
    if (!read.ok) return read.error;
    this.#view = read.body as unknown as PageView;
    if (email !== undefined && this.#view.customer_email === null) await this.#updateEmail(email);
    return null;
  }

  async #confirm(args: ConfirmArgs): Promise<Result> {
    const view = this.#view;
    if (!view) return failure('The Checkout Session is not loaded.');
    const email = args.email ?? view.customer_email;
    if (email === null) return failure('An email is needed: call updateEmail, or pass it to confirm.');
    const returnUrl = args.returnUrl ?? view.return_url;
    if (args.redirect !== 'if_required' && returnUrl === null)
      return failure('A returnUrl is needed, on the Checkout Session or in confirm.');
    if (args.email !== undefined) await this.#updateEmail(args.email);
    const method = await this.#methodFor(args, email);
    if (method.type === 'error') return method;
    const confirmed = await this.#post('/confirm', {
      payment_method: method.id,
      expected_amount: view.amount_total,
      return_url: returnUrl,
      use_stripe_sdk: 'true',
    });
    const result = await this.#finish(confirmed);
    if (result.type === 'error' || args.redirect === 'if_required') return result;
    return goTo((returnUrl ?? '').replaceAll('{CHECKOUT_SESSION_ID}', view.session_id));
  }

  async #methodFor(
    args: ConfirmArgs,
    email: string,
  ): Promise<{ type: 'method'; id: string } | (Result & { type: 'error' })> {
    if (args.paymentMethod !== undefined) return { type: 'method', id: args.paymentMethod };
    const element = this.#elements.get('payment');
    if (!element) return failure('No Payment Element is mounted.');
    const { name, address } = args.billingAddress ?? {};
    const billing: BillingDetails = { email, ...(name && { name }), ...(address && { address }) };
    if (args.phoneNumber !== undefined) billing.phone = args.phoneNumber;
    const made = await element.createPaymentMethod(billing);
    return 'error' in made ? failure(made.error.message) : { type: 'method', id: made.paymentMethod };
  }

  /** Lets the buyer authenticate if the bank wants that, and reports how the payment ended. */
  async #finish(answer: ApiResult): Promise<Result> {
    if (!answer.ok) return this.#failed(answer.error);
    const page = answer.body as unknown as PageAnswer;
    const intent = page.payment_intent ?? page.setup_intent;
    const step = intent && nextStep(intent);
    if (!step || !intent) return this.#take(page);
    if (step.leaves) return goTo(step.url);
    await authenticateInDialog(step.url, this.#next());
    const after = await readIntent(this.#api, (intent['client_secret'] as string | undefined) ?? '');
    const error = (after?.['last_payment_error'] ?? after?.['last_setup_error']) as
      | JsError
      | null
      | undefined;
    if (error && after?.['status'] === 'requires_payment_method') return this.#failed(error);
    return this.#refresh();
  }

  async #updateEmail(email: string | null): Promise<Result> {
    const text = email ?? '';
    if (text !== '' && !text.includes('@')) return failure('Your email is incomplete.', 'incompleteEmail');
    if (text !== '' && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text))
      return failure('Your email is invalid.', 'invalidEmail');
    const saved = await this.#post('', { email: text });
    return saved.ok ? this.#take(saved.body as unknown as PageView) : failure(saved.error.message);
  }

  async #runServerUpdate(update: () => Promise<unknown>): Promise<Result> {
    await update();
    return this.#refresh();
  }

  async #validateElements(): Promise<Result> {
    for (const element of this.#elements.values()) {
      const error = await element.validate();
      if (error) return failure(error.message, 'validation_error');
    }
    return { type: 'success', session: this.#session() };
  }

  async #refresh(): Promise<Result> {
    const secret = await this.#secret;
    const [id = ''] = secret.split('_secret_');
    const read = await this.#api.get(`/v1/payment_pages/${id}`, { client_secret: secret });
    return read.ok ? this.#take(read.body as unknown as PageView) : failure(read.error.message);
  }

  async #post(path: string, params: Record<string, unknown>): Promise<ApiResult> {
    const secret = await this.#secret;
    const [id = ''] = secret.split('_secret_');
    return this.#api.post(`/v1/payment_pages/${id}${path}`, { ...params, client_secret: secret });
  }

  #take(view: PageView): Result {
    this.#view = view;
    this.#lastError = null;
    this.#changed();
    return { type: 'success', session: this.#session() };
  }

  #failed({ message, decline_code: declineCode }: JsError): Result {
    this.#lastError = message;
    this.#changed();
    return {
      type: 'error',
      error: { message, code: 'paymentFailed', paymentFailed: { declineCode: declineCode ?? null } },
    };
  }

  #changed(): void {
    if (this.#view) this.emit('change', this.#session());
  }

  #session(): Session {
    const ready = this.#elements.get('payment')?.complete === true && this.#view?.customer_email !== null;
    if (!this.#view) throw new Error('IntegrationError: call loadActions() before getSession().');
    return sessionView(this.#view, ready && this.#view.status === 'open', this.#lastError);
  }
}

function failure(message: string, code: string | null = null): Result & { type: 'error' } {
  return { type: 'error', error: { message, code } };
}
