import { brandOf } from '../payments/card-numbers.ts';
import { normalIban } from '../payments/test-ibans.ts';
import { connect, type BrowserApi } from './api.ts';
import { fieldsOf, type Values } from './frame-fields.ts';
import { FrameForm } from './frame-form.ts';
import type { BillingDetails, FrameCall, FrameConfig, FrameEvent, JsError } from './protocol.ts';

const METHOD_NAMES: Record<string, string> = { card: 'Card', sepa_debit: 'SEPA Direct Debit' };

/** One element's inputs, one set for each payment method. */
export class ElementFrame {
  readonly #root: HTMLElement;
  readonly #send: (event: FrameEvent['event'], detail?: Record<string, unknown>) => void;
  #config: FrameConfig | null = null;
  #api: BrowserApi | null = null;
  #forms = new Map<string, FrameForm>();
  #method = 'card';

  constructor(
    root: HTMLElement,
    send: (event: FrameEvent['event'], detail?: Record<string, unknown>) => void,
  ) {
    this.#root = root;
    this.#send = send;
  }

  async run(method: FrameCall['method'], args: unknown): Promise<unknown> {
    if (method === 'configure') return this.#configure(args as FrameConfig);
    if (method === 'createPaymentMethod') return this.#create((args as { billing: BillingDetails }).billing);
    if (method === 'validate') return { error: asError(this.#form()?.showAll()) };
    if (method === 'value') return { complete: !this.#form()?.complaint(), value: this.#value() };
    if (method === 'focus') this.#form()?.focus();
    if (method === 'blur') this.#form()?.blur();
    if (method === 'clear') this.#form()?.clear();
    return {};
  }

  #configure(config: FrameConfig): object {
    this.#config = config;
    this.#api = connect(config.base, config.key);
    const methods = config.kind === 'payment' ? config.methods.filter((name) => name in METHOD_NAMES) : [''];
    this.#method = methods[0] ?? 'card';
    const bare = config.kind === 'card' || config.kind === 'iban';
    this.#root.classList.toggle('bare', bare);
    const { name, email, address } = config.billing;
    for (const method of methods) {
      const fields = fieldsOf(config.kind, method, () => new Date());
      const form = new FrameForm(
        fields,
        bare,
        () => this.#changed(),
        (what) => this.#send(what),
      );
      form.prefill({ name, email, postalCode: address?.['postal_code'], country: address?.['country'] });
      this.#forms.set(method, form);
    }
    this.#root.replaceChildren(
      ...(methods.length > 1 ? [this.#tabs(methods)] : []),
      ...[...this.#forms.values()].map(({ root }) => root),
    );
    this.#choose(this.#method);
    return {};
  }

  #tabs(methods: string[]): HTMLElement {
    const tabs = document.createElement('div');
    tabs.className = 'tabs';
    tabs.setAttribute('role', 'tablist');
    for (const method of methods) {
      const tab = document.createElement('button');
      Object.assign(tab, { type: 'button', className: 'tab', id: `${method}-tab`, value: method });
      tab.setAttribute('role', 'tab');
      tab.textContent = METHOD_NAMES[method] ?? method;
      tab.addEventListener('click', () => this.#choose(method));
      tabs.append(tab);
    }
    return tabs;
  }

  #choose(method: string): void {
    this.#method = method;
    for (const [name, form] of this.#forms) form.root.hidden = name !== method;
    for (const tab of this.#root.querySelectorAll('[role=tab]'))
      tab.setAttribute('aria-selected', String((tab as HTMLButtonElement).value === method));
    this.#changed();
  }

  #changed(): void {
    const form = this.#form();
    if (!form || !this.#config) return;
    const complaint = form.complaint();
    const final = complaint && !complaint.code.startsWith('incomplete') ? complaint : undefined;
    this.#send('change', {
      complete: complaint === undefined,
      empty: form.empty(),
      collapsed: false,
      value: this.#value(),
      ...(this.#config.kind === 'card' && { brand: brandOf(digits(form.values()['cardnumber'])) }),
      error: asError(final),
    });
  }

  #value(): Record<string, unknown> {
    const values = this.#form()?.values() ?? {};
    const kind = this.#config?.kind ?? '';
    if (kind === 'payment') return { type: this.#method };
    if (kind === 'card') return { postalCode: values['postal'] };
    if (kind === 'iban') return {};
    const { name, email, country, addressLine1: line1, locality: city, postalCode: postal_code } = values;
    if (email !== undefined) return { email };
    return { name, address: { country, line1, city, postal_code } };
  }

  async #create(billing: BillingDetails): Promise<unknown> {
    const form = this.#form();
    const complaint = form?.showAll();
    if (complaint || !form) return { error: asError(complaint) };
    const values = form.values();
    const made = await this.#api?.post('/v1/payment_methods', {
      ...paymentData(values),
      billing_details: mergeBilling(this.#config?.billing, billing, values),
    });
    return made?.ok ? { paymentMethod: made.body.id } : { error: made?.error };
  }

  #form(): FrameForm | undefined {
    return this.#forms.get(this.#method);
  }
}

function paymentData(values: Values): Record<string, unknown> {
  const { iban } = values;
  if (iban !== undefined) return { type: 'sepa_debit', sepa_debit: { iban: normalIban(iban) } };
  const [month, year] = (values['expiry'] ?? values['exp-date'] ?? '').split(' / ');
  const number = digits(values['number'] ?? values['cardnumber']);
  return { type: 'card', card: { number, exp_month: month, exp_year: year, cvc: values['cvc'] } };
}

function mergeBilling(
  known: BillingDetails | undefined,
  given: BillingDetails,
  values: Values,
): BillingDetails {
  const { name, email, country } = values;
  const postal_code = values['postalCode'] ?? values['postal'];
  const typed = { ...(country && { country }), ...(postal_code && { postal_code }) };
  return {
    ...known,
    ...(name && { name }),
    ...(email && { email }),
    ...given,
    address: { ...known?.address, ...typed, ...given.address },
  };
}

function asError(complaint: { code: string; message: string } | undefined): JsError | undefined {
  return complaint && { type: 'validation_error', ...complaint };
}

function digits(text: string | undefined): string {
  return (text ?? '').replace(/\D/g, '');
}
