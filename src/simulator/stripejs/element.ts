import { Emitter } from './emitter.ts';
import { Frame } from './frame.ts';
import type { BillingDetails, FrameConfig, FrameEvent, JsError } from './protocol.ts';

/** What an element needs from the group that it belongs to. */
export interface ElementContext {
  base: string;
  key: string;
  /** A number of its own for each frame of the page. */
  nextNumber: () => number;
  /** Which payment methods to offer; known once the session or the intent has been read. */
  methods: () => Promise<string[]>;
  onDestroy: () => void;
}

export type MethodResult = { paymentMethod: string } | { error: JsError };

const TITLES: Record<string, string> = {
  payment: 'Secure payment input frame',
  card: 'Secure card payment input frame',
  iban: 'Secure IBAN input frame',
  address: 'Secure address input frame',
  linkAuthentication: 'Secure email input frame',
  contactDetails: 'Secure email input frame',
};

/** One Stripe Element: an iframe with inputs, so that card numbers never touch the shop's page. */
export class Element extends Emitter {
  readonly kind: string;
  readonly #context: ElementContext;
  #options: Record<string, unknown>;
  #frame: Frame | null = null;
  #configured: Promise<void> = Promise.resolve();
  #markConfigured: () => void = () => undefined;
  #mountedOn: HTMLElement | null = null;
  complete = false;

  constructor(kind: string, options: Record<string, unknown>, context: ElementContext) {
    super();
    this.kind = kind;
    this.#options = options;
    this.#context = context;
  }

  /** Puts the element into the page: into a node, or into what a selector finds. */
  mount(target: string | HTMLElement): this {
    const parent = findTarget(target);
    if (this.#mountedOn === parent && this.#frame) return this;
    this.unmount();
    const title = TITLES[this.kind] ?? 'Secure payment input frame';
    const parentOrigin = encodeURIComponent(location.origin);
    const url = `${this.#context.base}/_sim/elements/${frameName(this.kind)}?parent=${parentOrigin}`;
    this.#configured = new Promise((resolve) => {
      this.#markConfigured = resolve;
    });
    this.#frame = new Frame(url, title, this.#context.nextNumber(), (event) => this.#receive(event));
    this.#mountedOn = parent;
    const box = document.createElement('div');
    box.className = '__PrivateStripeElement';
    box.append(this.#frame.iframe);
    parent.replaceChildren(box);
    parent.classList.add('StripeElement');
    return this;
  }

  unmount(): void {
    this.#frame?.remove();
    this.#mountedOn?.replaceChildren();
    this.#frame = null;
    this.#mountedOn = null;
  }

  destroy(): void {
    this.unmount();
    this.#context.onDestroy();
    this.emit('destroy', {});
  }

  update(options: Record<string, unknown>): this {
    this.#options = { ...this.#options, ...options };
    return this;
  }

  collapse(): this {
    return this;
  }

  focus(): void {
    void this.#frame?.call('focus');
  }

  blur(): void {
    void this.#frame?.call('blur');
  }

  clear(): void {
    void this.#frame?.call('clear');
  }

  /** Shows what is missing; undefined when everything is there. */
  async validate(): Promise<JsError | undefined> {
    const result = (await this.#ask('validate', {})) as { error?: JsError };
    return result.error;
  }

  /** Makes a PaymentMethod of what was typed, inside the frame. */
  async createPaymentMethod(billing: BillingDetails): Promise<MethodResult> {
    return (await this.#ask('createPaymentMethod', { billing })) as MethodResult;
  }

  /** What was typed, for elements that hold nothing secret. */
  async getValue(): Promise<{ complete: boolean; value: Record<string, unknown> }> {
    return (await this.#ask('value', {})) as { complete: boolean; value: Record<string, unknown> };
  }

  async #ask(method: 'validate' | 'createPaymentMethod' | 'value', args: unknown): Promise<unknown> {
    if (!this.#frame) {
      const message = `The ${this.kind} Element is not mounted: call element.mount() first.`;
      return { error: { type: 'validation_error', message } satisfies JsError };
    }
    await this.#configured;
    return this.#frame.call(method, args);
  }

  #receive({ event, detail }: FrameEvent): void {
    const frame = this.#frame;
    if (!frame) return;
    if (event === 'height') frame.iframe.style.height = `${Number(detail['height'])}px`;
    else if (event === 'ready') void this.#configure(frame);
    else {
      if (event === 'change') this.#changed(detail);
      this.emit(event, { elementType: this.kind, ...detail });
    }
  }

  #changed({ complete, empty, error }: Record<string, unknown>): void {
    this.complete = complete === true;
    this.#mountedOn?.classList.toggle('StripeElement--complete', this.complete);
    this.#mountedOn?.classList.toggle('StripeElement--empty', empty === true);
    this.#mountedOn?.classList.toggle('StripeElement--invalid', error !== undefined);
  }

  async #configure(frame: Frame): Promise<void> {
    const values = (this.#options['defaultValues'] ?? {}) as {
      billingDetails?: BillingDetails;
      email?: string;
    };
    const config: FrameConfig = {
      base: this.#context.base,
      key: this.#context.key,
      kind: this.kind,
      methods: await this.#context.methods(),
      billing: { ...(values.email !== undefined && { email: values.email }), ...values.billingDetails },
    };
    await frame.call('configure', config);
    this.#markConfigured();
    this.emit('ready', { elementType: this.kind, ...readyDetail(this.kind) });
  }
}

/** The node to mount into; what a selector does not find is the caller's mistake. */
export function findTarget(target: string | HTMLElement): HTMLElement {
  if (typeof target !== 'string') return target;
  const found = document.querySelector<HTMLElement>(target);
  if (found) return found;
  throw new Error(
    `The selector you specified (${target}) applies to no DOM elements that are currently on your page.`,
  );
}

/** No wallet can work in a local browser, so the Express Checkout Element says that it has none to show. */
function readyDetail(kind: string): Record<string, unknown> {
  return kind === 'expressCheckout' ? { availablePaymentMethods: undefined } : {};
}

function frameName(kind: string): string {
  return kind.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
