import { brandOf } from '../payments/card-numbers.ts';
import { connect, type ApiResult } from './api.ts';
import type { Complaint } from './card-input.ts';
import { billingData, methodData, openValue, tokenData } from './frame-data.ts';
import { fieldsOf, type Values } from './frame-fields.ts';
import { FrameForm } from './frame-form.ts';
import { join, membersWith, type GroupMember } from './frame-group.ts';
import { redirectNote, sheetButtons, tabs, walletButton } from './frame-parts.ts';
import type {
  BillingDetails,
  FrameCall,
  FrameConfig,
  FrameEvent,
  FrameMethod,
  FrameOptions,
  JsError,
} from './protocol.ts';

type Send = (event: FrameEvent['event'], detail?: Record<string, unknown>) => void;

/** Kinds of element that are one line without labels, to be styled by the page around them. */
const BARE = new Set(['card', 'cardNumber', 'cardExpiry', 'cardCvc', 'iban']);

/** Offered by the API, but of no use in a browser that nobody is signed in to Link with. */
const UNSEEN = new Set(['link']);

/** One element's inputs, one set for each payment method. */
export class ElementFrame {
  readonly #root: HTMLElement;
  readonly #send: Send;
  readonly #forms = new Map<string, FrameForm>();
  #config: FrameConfig | null = null;
  #method = '';

  constructor(root: HTMLElement, send: Send) {
    this.#root = root;
    this.#send = send;
    root.addEventListener('keydown', ({ key }) => {
      if (key === 'Escape') send('escape');
    });
  }

  async run(method: FrameCall['method'], args: unknown): Promise<unknown> {
    const runs: Record<FrameMethod, () => unknown> = {
      configure: () => this.#configure(args as FrameConfig),
      update: () => this.#form()?.apply(args as FrameOptions),
      createPaymentMethod: () => this.#createMethod((args as { billing: BillingDetails }).billing),
      createToken: () => this.#createToken((args as { data: Record<string, unknown> }).data),
      validate: () => ({ error: asError(this.#form()?.showAll()) }),
      value: () => ({ complete: !this.#form()?.complaint(), value: this.#value() }),
      focus: () => this.#form()?.focus(),
      blur: () => this.#form()?.blur(),
      clear: () => this.#form()?.clear(),
    };
    return (await runs[method]()) ?? {};
  }

  #configure(config: FrameConfig): void {
    this.#config = config;
    const { kind, options, group } = config;
    join({ group, kind, values: () => this.#values(), showAll: () => this.#form()?.showAll() });
    const methods = kind === 'payment' ? offered(config) : [kind];
    this.#root.classList.toggle('bare', BARE.has(kind));
    for (const method of methods) {
      const fields = fieldsOf(kind, method, options);
      const form = new FrameForm(fields, BARE.has(kind), () => this.#changed(), this.#send);
      form.prefill(flat(config.billing, options));
      form.apply(options);
      if (kind === 'payment' && fields.length === 0) form.root.append(redirectNote(method));
      this.#forms.set(method, form);
    }
    this.#root.replaceChildren(
      ...(methods.length > 1 ? [tabs(methods, (method) => this.#pick(method))] : []),
      ...[...this.#forms.values()].map(({ root }) => root),
      ...(kind === 'expressCheckout' ? [walletButton(() => this.#send('click'))] : []),
      ...(kind === 'expressSheet' ? sheetButtons((paid) => this.#close(paid)) : []),
    );
    this.#choose(methods[0] ?? '');
    // An element of one line has nothing to tell before something is typed.
    if (!BARE.has(kind)) this.#changed();
  }

  #choose(method: string): void {
    this.#method = method;
    for (const [name, form] of this.#forms) form.root.hidden = name !== method;
    for (const tab of this.#root.querySelectorAll('[role=tab]'))
      tab.setAttribute('aria-selected', String((tab as HTMLButtonElement).value === method));
  }

  #pick(method: string): void {
    this.#choose(method);
    this.#changed();
  }

  #changed(): void {
    const form = this.#form();
    if (!form || !this.#config) return;
    const { kind } = this.#config;
    const complaint = form.complaint();
    const final = complaint && !complaint.code.startsWith('incomplete') ? complaint : undefined;
    const number = form.values()['cardnumber'];
    this.#send('change', {
      complete: complaint === undefined,
      empty: form.empty(),
      ...(kind === 'payment' && { collapsed: false }),
      ...(number !== undefined && { brand: brandOf(number.replace(/\D/g, '')) }),
      ...(BARE.has(kind) && kind !== 'card' ? {} : { value: this.#value() }),
      ...(kind === 'iban' && { country: form.values()['iban']?.slice(0, 2) ?? '' }),
      error: asError(final),
    });
  }

  /** The sheet of a wallet is paid with or closed. */
  #close(paid: boolean): void {
    if (paid && this.#form()?.showAll()) return;
    this.#send('complete', { paid, value: this.#value() });
  }

  async #createMethod(billing: BillingDetails): Promise<unknown> {
    const values = this.#checked();
    if ('error' in values) return values;
    const { kind = '', billing: known = {} } = this.#config ?? {};
    const method = kind === 'payment' ? this.#method : 'card';
    const billing_details = billingData(known, values.values, billing);
    const made = await this.#post('/v1/payment_methods', {
      ...methodData(method, values.values),
      billing_details,
    });
    return made?.ok ? { paymentMethod: made.body } : { error: made?.error };
  }

  async #createToken(data: Record<string, unknown>): Promise<unknown> {
    const cvc = this.#config?.kind === 'cardCvc' && data['type'] === 'cvc_update';
    const values = cvc ? { values: this.#values() } : this.#checked();
    if ('error' in values) return values;
    const made = await this.#post('/v1/tokens', tokenData(values.values, cvc ? {} : data));
    return made?.ok ? { token: made.body } : { error: made?.error };
  }

  /** Everything that was typed in the frames that belong together, or what is wrong with it. */
  #checked(): { values: Values } | { error: JsError | undefined } {
    const { group = '', kind = '' } = this.#config ?? {};
    const own: GroupMember = {
      group,
      kind,
      values: () => this.#values(),
      showAll: () => this.#form()?.showAll(),
    };
    const members = membersWith(own);
    const [complaint] = members.map((each) => each.showAll()).filter((each) => each !== undefined);
    if (complaint) return { error: asError(complaint) };
    return { values: Object.assign({}, ...members.map((each) => each.values())) as Values };
  }

  async #post(path: string, params: Record<string, unknown>): Promise<ApiResult | undefined> {
    const { base, key, account } = this.#config ?? {};
    return base === undefined || key === undefined
      ? undefined
      : connect(base, key, account).post(path, params);
  }

  #value(): Record<string, unknown> {
    return openValue(this.#config?.kind ?? '', this.#method, this.#values());
  }

  #values(): Values {
    return this.#form()?.values() ?? {};
  }

  #form(): FrameForm | undefined {
    return this.#forms.get(this.#method);
  }
}

/** The methods to show, in the order that the page wants. */
function offered({ methods, options }: FrameConfig): string[] {
  const order = options.paymentMethodOrder ?? [];
  const place = (method: string): number => (order.includes(method) ? order.indexOf(method) : order.length);
  return methods.filter((method) => !UNSEEN.has(method)).toSorted((a, b) => place(a) - place(b));
}

/** What the page knows already, by the names of the inputs. */
function flat({ name, email, phone, address }: BillingDetails, { value }: FrameOptions) {
  return {
    name,
    email,
    phone,
    country: address?.['country'],
    postalCode: address?.['postal_code'],
    postal: value?.postalCode ?? address?.['postal_code'],
    addressLine1: address?.['line1'],
    addressLine2: address?.['line2'],
    locality: address?.['city'],
    administrativeArea: address?.['state'],
  };
}

function asError(complaint: Complaint | undefined): JsError | undefined {
  return complaint && { type: 'validation_error', ...complaint };
}
