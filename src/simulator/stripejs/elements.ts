import type { ApiObject, BrowserApi } from './api.ts';
import { Element, type ElementContext, type Made } from './element.ts';
import { Emitter } from './emitter.ts';
import { ExpressElement } from './express-element.ts';
import { LoadError, type BillingDetails, type JsError } from './protocol.ts';

/**
 * Options of `stripe.elements()`: an intent's client secret, or mode, amount and currency for one made
 * later.
 */
export interface ElementsOptions {
  clientSecret?: string;
  mode?: string;
  currency?: string;
  amount?: number;
  paymentMethodTypes?: string[];
  allowedPaymentMethodTypes?: string[];
  [option: string]: unknown;
}

/** What the other elements know about the buyer. */
interface Known {
  billing: BillingDetails;
  shipping?: Record<string, unknown>;
}

/** Elements that the buyer pays with; the others only add to what is known. */
const PAYING = ['payment', 'card', 'cardNumber', 'iban', 'expressCheckout'];
const DEFAULT_METHODS = ['card'];

/** States in which an intent can't be paid any more. */
const OVER = new Set(['succeeded', 'canceled']);

/** A group of elements which together describe one payment. */
export class Elements extends Emitter {
  readonly #api: BrowserApi;
  readonly #nextNumber: () => number;
  readonly #group: string;
  readonly #elements = new Map<string, Element>();
  #options: ElementsOptions;
  #submitted = false;

  constructor(api: BrowserApi, options: ElementsOptions, nextNumber: () => number) {
    super();
    if (options.paymentMethodTypes && !('clientSecret' in options))
      throw new Error(
        'IntegrationError: elements() no longer takes paymentMethodTypes; use allowedPaymentMethodTypes.',
      );
    this.#api = api;
    this.#options = options;
    this.#nextNumber = nextNumber;
    this.#group = `group${nextNumber()}`;
  }

  get options(): Readonly<ElementsOptions> {
    return this.#options;
  }

  /** Whether `submit` has found everything in order, as Stripe wants it before an intent is confirmed. */
  get submitted(): boolean {
    return this.#submitted;
  }

  create(kind: string, options: Record<string, unknown> = {}): Element {
    const name = nameOf(kind, options);
    if (this.#elements.has(name))
      throw new Error(
        `IntegrationError: Can only create one Element of type ${kind} through the same Elements instance.`,
      );
    const context: ElementContext = {
      api: this.#api,
      group: this.#group,
      nextNumber: this.#nextNumber,
      methods: () => this.#methods(),
      onDestroy: () => this.#elements.delete(name),
    };
    const element = makeElement(kind, options, context);
    this.#elements.set(name, element);
    return element;
  }

  /** Takes the kind of an element, or a React component that is called like one. */
  getElement(
    kind: string | { __elementType?: string },
    options: Record<string, unknown> = {},
  ): Element | null {
    const wanted = typeof kind === 'string' ? kind : (kind.__elementType ?? '');
    const exact = this.#elements.get(nameOf(wanted, options));
    return exact ?? [...this.#elements.values()].find((element) => element.kind === wanted) ?? null;
  }

  async update(options: ElementsOptions): Promise<void> {
    this.#options = { ...this.#options, ...options };
    this.emit('update-end', undefined);
  }

  async fetchUpdates(): Promise<{ error?: { message: string } }> {
    return this.#methods().then(
      () => ({}),
      (thrown: Error) => ({ error: { message: thrown.message } }),
    );
  }

  /** Shows what is still missing in any element. */
  async submit(): Promise<{ error: JsError } | { selectedPaymentMethod: string }> {
    for (const element of this.#elements.values()) {
      const error = element.mounted ? await element.validate() : undefined;
      if (error) return { error };
    }
    this.#submitted = true;
    const value = await this.#elements.get('payment')?.getValue();
    return { selectedPaymentMethod: (value?.value['type'] as string | undefined) ?? 'card' };
  }

  /**
   * Makes a PaymentMethod of what was typed, with what the other elements and the caller know about the
   * buyer.
   */
  async createPaymentMethod(billing: BillingDetails): Promise<Made<'paymentMethod'>> {
    const paying = PAYING.map((kind) => this.#elements.get(kind)).find((element) => element?.mounted);
    if (!paying) {
      const message = 'No payment Element was created: call elements.create("payment") and mount it.';
      return { error: { type: 'invalid_request_error', message } };
    }
    return paying.createPaymentMethod({ ...(await this.known()).billing, ...billing });
  }

  /** What the others know: a billing address belongs to the method, a shipping address to the intent. */
  async known(): Promise<Known> {
    const contact = this.#elements.get('linkAuthentication') ?? this.#elements.get('contactDetails');
    const { email } = ((await valueOf(contact)) ?? {}) as { email?: string };
    const billing = await valueOf(this.#elements.get('address'));
    const shipping = await valueOf(
      this.#elements.get('address shipping') ?? this.#elements.get('shippingAddress'),
    );
    return {
      billing: { ...(email !== undefined && { email }), ...billing },
      ...(shipping && { shipping }),
    };
  }

  async #methods(): Promise<string[]> {
    const { clientSecret, currency, allowedPaymentMethodTypes: allowed } = this.#options;
    if (clientSecret === undefined)
      return allowed ?? (currency === 'eur' ? [...DEFAULT_METHODS, 'sepa_debit'] : DEFAULT_METHODS);
    const found = await this.#api.get(intentPath(clientSecret), { client_secret: clientSecret });
    if (!found.ok) throw new LoadError(found.error);
    if (OVER.has(String(found.body['status']))) throw new LoadError(isOver(found.body));
    return found.body['payment_method_types'] as string[];
  }
}

/** Makes an element of its kind; only the wallets' button does more than to hold inputs. */
export function makeElement(
  kind: string,
  options: Record<string, unknown>,
  context: ElementContext,
): Element {
  return kind === 'expressCheckout'
    ? new ExpressElement(kind, options, context)
    : new Element(kind, options, context);
}

/** The intent that a client secret belongs to; null when there is none. */
export async function readIntent(api: BrowserApi, clientSecret: string): Promise<ApiObject | null> {
  const result = await api.get(intentPath(clientSecret), { client_secret: clientSecret });
  return result.ok ? result.body : null;
}

/** The route of the intent that a client secret belongs to. */
export function intentPath(clientSecret: string): string {
  const [id = ''] = clientSecret.split('_secret_');
  return id.startsWith('seti_') ? `/v1/setup_intents/${id}` : `/v1/payment_intents/${id}`;
}

function isOver({ object, status }: ApiObject): JsError {
  const message =
    `This ${object} is ${String(status)}: it is in a terminal state and can't be used to initialize ` +
    'Elements.';
  return { type: 'invalid_request_error', code: `${object}_unexpected_state`, message };
}

/** A group may hold two Address Elements, one of each mode. */
function nameOf(kind: string, { mode }: Record<string, unknown>): string {
  return kind === 'address' && mode === 'shipping' ? 'address shipping' : kind;
}

async function valueOf(element: Element | undefined): Promise<Record<string, unknown> | undefined> {
  if (!element?.mounted) return undefined;
  const { firstName: _first, lastName: _last, ...value } = (await element.getValue()).value;
  return value;
}
