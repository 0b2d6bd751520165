import type { ApiObject, BrowserApi } from './api.ts';
import { Emitter } from './emitter.ts';
import { Frame } from './frame.ts';
import { StateClasses, type ElementClasses } from './state-classes.ts';
import {
  LoadError,
  type BillingDetails,
  type FrameConfig,
  type FrameEvent,
  type FrameMethod,
  type FrameOptions,
  type JsError,
} from './protocol.ts';

/** What an element needs from the group that it belongs to. */
export interface ElementContext {
  api: BrowserApi;
  /** The name of the group. */
  group: string;
  /** A number of its own for each frame of the page. */
  nextNumber: () => number;
  /** Which payment methods to offer; known once the session or the intent has been read. */
  methods: () => Promise<string[]>;
  onDestroy: () => void;
}

/** What came of a try to make an object of what was typed. */
export type Made<Name extends string> = Record<Name, ApiObject> | { error: JsError };

const TITLE = 'Secure payment input frame';
const TITLES: Record<string, string> = {
  card: 'Secure card payment input frame',
  cardNumber: 'Secure card number input frame',
  cardExpiry: 'Secure expiration date input frame',
  cardCvc: 'Secure CVC input frame',
  iban: 'Secure IBAN input frame',
  address: 'Secure address input frame',
  shippingAddress: 'Secure address input frame',
  linkAuthentication: 'Secure email input frame',
  contactDetails: 'Secure email input frame',
  expressCheckout: 'Secure express checkout frame',
  taxId: 'Secure tax ID input frame',
};

/** One Stripe Element: an iframe with inputs, so that card numbers never touch the shop's page. */
export class Element extends Emitter {
  readonly kind: string;
  readonly context: ElementContext;
  readonly #classes: StateClasses;
  #options: Record<string, unknown>;
  #frame: Frame | null = null;
  #configured: Promise<void> = Promise.resolve();
  #markConfigured: () => void = () => undefined;
  #mountedOn: HTMLElement | null = null;
  #destroyed = false;
  complete = false;

  constructor(kind: string, options: Record<string, unknown>, context: ElementContext) {
    super();
    this.kind = kind;
    this.#options = options;
    this.#classes = new StateClasses(options['classes'] as ElementClasses | undefined);
    this.context = context;
  }

  get options(): Readonly<Record<string, unknown>> {
    return this.#options;
  }

  get mounted(): boolean {
    return this.#frame !== null;
  }

  /** Puts the element into the page: into a node, or into what a selector finds. */
  mount(target: string | HTMLElement): this {
    if (this.#destroyed) throw new Error('This Element has already been destroyed. Please create a new one.');
    const parent = findTarget(target);
    if (this.#mountedOn === parent && this.#frame) return this;
    this.unmount();
    const parentOrigin = encodeURIComponent(location.origin);
    const { base } = this.context.api;
    const url = `${base}/_sim/elements/${frameName(this.kind)}?parent=${parentOrigin}`;
    this.#configured = new Promise((resolve) => {
      this.#markConfigured = resolve;
    });
    const title = TITLES[this.kind] ?? TITLE;
    this.#frame = new Frame(url, title, this.context.nextNumber(), (event) => this.#receive(event));
    this.#mountedOn = parent;
    const box = document.createElement('div');
    box.className = '__PrivateStripeElement';
    box.append(this.#frame.iframe);
    parent.replaceChildren(box);
    this.#classes.attach(parent);
    // Whoever mounts may add handlers afterwards, as React does.
    queueMicrotask(() => this.emit('loaderstart', { elementType: this.kind }));
    return this;
  }

  unmount(): void {
    this.#frame?.remove();
    this.#mountedOn?.replaceChildren();
    if (this.#mountedOn) this.#classes.detach(this.#mountedOn);
    this.#frame = null;
    this.#mountedOn = null;
  }

  destroy(): void {
    if (this.#destroyed) return;
    this.unmount();
    this.#destroyed = true;
    this.context.onDestroy();
  }

  update(options: Record<string, unknown>): this {
    this.#options = { ...this.#options, ...options };
    if (this.#frame) void this.ask('update', this.#frameOptions());
    return this;
  }

  collapse(): this {
    return this;
  }

  focus(): void {
    void this.ask('focus', {});
  }

  blur(): void {
    void this.ask('blur', {});
  }

  clear(): void {
    void this.ask('clear', {});
  }

  /** Shows what is missing; undefined when everything is there. */
  async validate(): Promise<JsError | undefined> {
    const result = (await this.ask('validate', {})) as { error?: JsError };
    return result.error;
  }

  /** Makes a PaymentMethod of what was typed, inside the frame. */
  async createPaymentMethod(billing: BillingDetails): Promise<Made<'paymentMethod'>> {
    return (await this.ask('createPaymentMethod', { billing })) as Made<'paymentMethod'>;
  }

  /** Makes a Token of what was typed, inside the frame. */
  async createToken(data: Record<string, unknown>): Promise<Made<'token'>> {
    return (await this.ask('createToken', { data })) as Made<'token'>;
  }

  /** What was typed, for elements that hold nothing secret. */
  async getValue(): Promise<{ complete: boolean; value: Record<string, unknown> }> {
    return (await this.ask('value', {})) as { complete: boolean; value: Record<string, unknown> };
  }

  /** Something happened in the frame that its page is to know; some elements do more than to tell. */
  protected tell({ event, detail }: FrameEvent): void {
    if (event === 'change') this.#changed(detail);
    if (event === 'focus' || event === 'blur') this.#classes.set({ focus: event === 'focus' });
    this.emit(event, { elementType: this.kind, ...detail });
  }

  /** What stands in the `ready` event beside the kind. */
  protected readyDetail(): Record<string, unknown> {
    return {};
  }

  protected async ask(method: FrameMethod, args: unknown): Promise<unknown> {
    if (!this.#frame) {
      const message = `The ${this.kind} Element is not mounted: call element.mount() first.`;
      return { error: { type: 'validation_error', message } satisfies JsError };
    }
    await this.#configured;
    return this.#frame?.call(method, args);
  }

  #receive(message: FrameEvent): void {
    const frame = this.#frame;
    if (!frame) return;
    if (message.event === 'height') frame.iframe.style.height = `${Number(message.detail['height'])}px`;
    else if (message.event === 'ready') void this.#configure(frame);
    else this.tell(message);
  }

  #changed({ complete, empty, error }: Record<string, unknown>): void {
    this.complete = complete === true;
    this.#classes.set({ complete: this.complete, empty: empty === true, invalid: error !== undefined });
  }

  async #configure(frame: Frame): Promise<void> {
    const methods = await this.context.methods().catch((thrown: unknown) => {
      const error =
        thrown instanceof LoadError ? thrown.error : { type: 'api_error', message: String(thrown) };
      this.emit('loaderror', { elementType: this.kind, error });
    });
    if (!methods || this.#frame !== frame) return;
    const { api, group } = this.context;
    const { base, key, account } = api;
    const { billing, options } = { billing: this.#known(), options: this.#frameOptions() };
    const config: FrameConfig = { base, key, account, group, kind: this.kind, methods, billing, options };
    await frame.call('configure', config);
    this.#markConfigured();
    this.emit('ready', { elementType: this.kind, ...this.readyDetail() });
  }

  /** What the page knows of the buyer; each kind of element takes it in a form of its own. */
  #known(): BillingDetails {
    const { billingDetails, ...direct } = (this.#options['defaultValues'] ?? {}) as BillingDetails & {
      billingDetails?: BillingDetails;
    };
    return { ...direct, ...billingDetails };
  }

  /** Functions and dates can't travel to a frame, and none of them would mean anything there. */
  #frameOptions(): FrameOptions {
    return JSON.parse(JSON.stringify(this.#options)) as FrameOptions;
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

function frameName(kind: string): string {
  return kind.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
