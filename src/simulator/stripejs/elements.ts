import type { ApiObject, BrowserApi } from './api.ts';
import { Element, type ElementContext, type MethodResult } from './element.ts';
import { Emitter } from './emitter.ts';
import type { BillingDetails, JsError } from './protocol.ts';

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

/** Elements that the buyer pays with; the others only add to what is known. */
const PAYING = ['payment', 'card', 'iban'];
const DEFAULT_METHODS = ['card'];

/** A group of elements which together describe one payment. */
export class Elements extends Emitter {
  readonly #api: BrowserApi;
  readonly #nextNumber: () => number;
  readonly #elements = new Map<string, Element>();
  #options: ElementsOptions;

  constructor(api: BrowserApi, options: ElementsOptions, nextNumber: () => number) {
    super();
    if (options.paymentMethodTypes && !('clientSecret' in options))
      throw new Error(
        'IntegrationError: elements() no longer takes paymentMethodTypes; use allowedPaymentMethodTypes.',
      );
    this.#api = api;
    this.#options = options;
    this.#nextNumber = nextNumber;
  }

  get clientSecret(): string | undefined {
    return this.#options.clientSecret;
  }

  create(kind: string, options: Record<string, unknown> = {}): Element {
    if (this.#elements.has(kind))
      throw new Error(
        `IntegrationError: Can only create one Element of type ${kind} through the same Elements instance.`,
      );
    const context: ElementContext = {
      base: this.#api.base,
      key: this.#api.key,
      nextNumber: this.#nextNumber,
      methods: () => this.#methods(),
      onDestroy: () => this.#elements.delete(kind),
    };
    const element = new Element(kind, options, context);
    this.#elements.set(kind, element);
    return element;
  }

  getElement(kind: string | { name?: string }): Element | null {
    return this.#elements.get(typeof kind === 'string' ? kind : (kind.name ?? '')) ?? null;
  }

  update(options: ElementsOptions): void {
    this.#options = { ...this.#options, ...options };
  }

  async fetchUpdates(): Promise<Record<string, never>> {
    return {};
  }

  /** Shows what is still missing in any element. */
  async submit(): Promise<{ error?: JsError; selectedPaymentMethod?: string }> {
    for (const element of this.#elements.values()) {
      const error = await element.validate();
      if (error) return { error };
    }
    return { selectedPaymentMethod: 'card' };
  }

  /**
   * Makes a PaymentMethod of what was typed, with what the other elements and the caller know about the
   * buyer.
   */
  async createPaymentMethod(billing: BillingDetails): Promise<MethodResult> {
    const paying = PAYING.map((kind) => this.#elements.get(kind)).find((element) => element !== undefined);
    if (!paying) {
      const message = 'No payment Element was created: call elements.create("payment") and mount it.';
      return { error: { type: 'invalid_request_error', message } };
    }
    return paying.createPaymentMethod({ ...(await this.#known()), ...billing });
  }

  async #known(): Promise<BillingDetails> {
    const contact = this.#elements.get('linkAuthentication') ?? this.#elements.get('contactDetails');
    const address = await this.#elements.get('address')?.getValue();
    const { email } = ((await contact?.getValue())?.value ?? {}) as { email?: string };
    const place = address?.value as { name?: string; address?: Record<string, string> } | undefined;
    return {
      ...(email !== undefined && { email }),
      ...(place?.name !== undefined && { name: place.name }),
      ...(place?.address && { address: place.address }),
    };
  }

  async #methods(): Promise<string[]> {
    const { clientSecret, currency, allowedPaymentMethodTypes: allowed } = this.#options;
    if (clientSecret === undefined)
      return allowed ?? (currency === 'eur' ? [...DEFAULT_METHODS, 'sepa_debit'] : DEFAULT_METHODS);
    const found = await readIntent(this.#api, clientSecret);
    return (found?.['payment_method_types'] as string[] | undefined) ?? DEFAULT_METHODS;
  }
}

/** The intent that a client secret belongs to; null when there is none. */
export async function readIntent(api: BrowserApi, clientSecret: string): Promise<ApiObject | null> {
  const result = await api.get(intentPath(clientSecret), { client_secret: clientSecret });
  return result.ok ? result.body : null;
}

export function intentPath(clientSecret: string): string {
  const [id = ''] = clientSecret.split('_secret_');
  return id.startsWith('seti_') ? `/v1/setup_intents/${id}` : `/v1/payment_intents/${id}`;
}
