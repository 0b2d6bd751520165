import type { PageView } from '../checkout/page-view.ts';
import type { ApiObject, ApiResult, BrowserApi } from './api.ts';
import { checkoutActions } from './checkout-actions.ts';
import { failure, type Failure, type Result } from './checkout-result.ts';
import { authenticateInDialog } from './dialog.ts';
import type { Element } from './element.ts';
import { makeElement, readIntent } from './elements.ts';
import { Emitter } from './emitter.ts';
import { goTo, nextStep } from './intents.ts';
import { LoadError, type BillingDetails, type JsError } from './protocol.ts';
import { sessionView } from './session-view.ts';

/** Who is billed, or where the goods go. */
export interface Contact {
  name?: string | null;
  address: Record<string, string | null>;
}

/** What `actions.confirm` takes. */
export interface ConfirmArgs {
  returnUrl?: string;
  redirect?: 'always' | 'if_required';
  paymentMethod?: string;
  email?: string;
  phoneNumber?: string;
  billingAddress?: Contact;
  shippingAddress?: Contact;
  /** There when the buyer pays with the Express Checkout Element. */
  expressCheckoutConfirmEvent?: unknown;
}

export interface SdkOptions {
  clientSecret: string | Promise<string>;
  defaultValues?: {
    email?: string;
    phoneNumber?: string;
    billingAddress?: Contact;
    shippingAddress?: Contact;
  };
}

type Session = Record<string, unknown>;
type PageAnswer = PageView & { payment_intent?: ApiObject; setup_intent?: ApiObject };

/** `initCheckoutElementsSdk`: our own page around Stripe's parts, for one Checkout Session. */
export class CheckoutSdk extends Emitter {
  readonly #api: BrowserApi;
  readonly #next: () => number;
  readonly #group: string;
  readonly #secret: Promise<string>;
  readonly #elements = new Map<string, Element>();
  readonly #loaded: Promise<JsError | null>;
  #view: PageView | null = null;
  #lastError: string | null = null;

  constructor(api: BrowserApi, options: SdkOptions, next: () => number) {
    super();
    this.#api = api;
    this.#next = next;
    this.#group = `checkout${next()}`;
    this.#secret = Promise.resolve(options.clientSecret);
    this.#loaded = this.#load(options.defaultValues ?? {});
  }

  get elements(): ReadonlyMap<string, Element> {
    return this.#elements;
  }

  /** Resolves once the session was read: its actions, or why there are none. */
  async loadActions(): Promise<Record<string, unknown>> {
    const error = await this.#loaded;
    if (error) return { type: 'error', error: { message: error.message, code: null } };
    return { type: 'success', actions: checkoutActions(this) };
  }

  /** Makes one of the SDK's elements; there is at most one of each kind. */
  create(kind: string, options: Record<string, unknown> = {}): Element {
    const element = makeElement(kind, options, {
      api: this.#api,
      group: this.#group,
      nextNumber: this.#next,
      methods: async () => {
        const error = await this.#loaded;
        if (error) throw new LoadError(error);
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

  session(): Session {
    if (!this.#view) throw new Error('IntegrationError: call loadActions() before getSession().');
    const ready = this.#elements.get('payment')?.complete === true && this.#view.customer_email !== null;
    return sessionView(this.#view, ready && this.#view.status === 'open', this.#lastError);
  }

  /** Tells the server what the buyer said, and shows the session as it is then. */
  async change(params: Record<string, unknown>): Promise<Result> {
    const saved = await this.#post('', params);
    return saved.ok ? this.#take(saved.body as unknown as PageView) : failure(saved.error.message);
  }

  async refresh(): Promise<Result> {
    const secret = await this.#secret;
    const [id = ''] = secret.split('_secret_');
    const read = await this.#api.get(`/v1/payment_pages/${id}`, { client_secret: secret });
    return read.ok ? this.#take(read.body as unknown as PageView) : failure(read.error.message);
  }

  async confirm(args: ConfirmArgs): Promise<Result> {
    const view = this.#view;
    if (!view) return failure('The Checkout Session is not loaded.');
    const method = await this.#methodFor(args);
    if (method.type === 'error') return method;
    const email = args.email ?? view.customer_email ?? method.email;
    if (email === null) return failure('An email is needed: call updateEmail, or pass it to confirm.');
    const returnUrl = args.returnUrl ?? view.return_url;
    if (args.redirect !== 'if_required' && returnUrl === null)
      return failure('A returnUrl is needed, on the Checkout Session or in confirm.');
    const { phoneNumber, billingAddress, shippingAddress } = args;
    const said = { phone: phoneNumber, billing_address: billingAddress, shipping_address: shippingAddress };
    const known = await this.change({ email, ...said });
    if (known.type === 'error') return known;
    const confirmed = await this.#post('/confirm', {
      payment_method: method.id,
      expected_amount: this.#view?.amount_total,
      return_url: returnUrl,
      use_stripe_sdk: 'true',
    });
    const result = await this.#finish(confirmed);
    if (result.type === 'error' || args.redirect === 'if_required') return result;
    return goTo((returnUrl ?? '').replaceAll('{CHECKOUT_SESSION_ID}', view.session_id));
  }

  async #load({
    email,
    phoneNumber,
    billingAddress,
    shippingAddress,
  }: NonNullable<SdkOptions['defaultValues']>) {
    const secret = await this.#secret;
    const [id = ''] = secret.split('_secret_');
    const read = await this.#api.get(`/v1/payment_pages/${id}`, { client_secret: secret });
    if (!read.ok) return read.error;
    const view = read.body as unknown as PageView;
    this.#view = view;
    const said = {
      email: view.customer_email === null ? email : undefined,
      phone: phoneNumber,
      billing_address: billingAddress,
      shipping_address: shippingAddress,
    };
    if (Object.values(said).some((value) => value !== undefined)) await this.change(said);
    return null;
  }

  async #methodFor(
    args: ConfirmArgs,
  ): Promise<{ type: 'method'; id: string; email: string | null } | Failure> {
    if (args.paymentMethod !== undefined) return { type: 'method', id: args.paymentMethod, email: null };
    const kind = args.expressCheckoutConfirmEvent === undefined ? 'payment' : 'expressCheckout';
    const element = this.#elements.get(kind);
    if (!element?.mounted) return failure(`No ${kind} Element is mounted.`);
    const { name, address } = args.billingAddress ?? this.#view?.billing_address ?? {};
    const typed = await this.#contact();
    const email = args.email ?? this.#view?.customer_email ?? typed;
    const billing: BillingDetails = {
      ...(email !== null && { email }),
      ...(name && { name }),
      ...(address && { address: address as Record<string, string | null> }),
    };
    if (args.phoneNumber !== undefined) billing.phone = args.phoneNumber;
    const made = await element.createPaymentMethod(billing);
    if ('error' in made) return failure(made.error.message);
    const details = made.paymentMethod['billing_details'] as BillingDetails;
    return { type: 'method', id: made.paymentMethod.id, email: details.email ?? null };
  }

  /** The email that was typed into the Contact Details Element. */
  async #contact(): Promise<string | null> {
    const element = this.#elements.get('contactDetails');
    const { complete, value } = (element?.mounted && (await element.getValue())) || {
      complete: false,
      value: {},
    };
    return complete ? (value['email'] as string) : null;
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
    const error = after?.['last_payment_error'] ?? after?.['last_setup_error'];
    const refused = after?.['status'] === 'requires_payment_method' && error;
    return refused ? this.#failed(error as JsError) : this.refresh();
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
    return { type: 'success', session: this.session() };
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
    if (this.#view) this.emit('change', this.session());
  }
}
