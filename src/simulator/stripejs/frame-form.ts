import type { Complaint } from './card-input.ts';
import type { FrameField, Values } from './frame-fields.ts';
import type { FrameOptions } from './protocol.ts';

/** What `style.base` of an element may set on its inputs; the rest has no meaning for an input in a frame. */
const STYLES = [
  'color',
  'fontFamily',
  'fontSize',
  'fontStyle',
  'fontWeight',
  'letterSpacing',
  'lineHeight',
  'textAlign',
  'textTransform',
];

/**
 * What browser tests of Stripe's one-line elements find their inputs by, beside the name; in the Payment
 * Element they go by ids such as `payment-numberInput`.
 */
const STABLE_NAMES: Readonly<Record<string, string>> = {
  cardnumber: 'cardNumber',
  'exp-date': 'cardExpiry',
  cvc: 'cardCvc',
  postal: 'postalCode',
  iban: 'iban',
};

/** Chosen when the page knows of no other. */
const COUNTRY = 'US';

/** The inputs of a frame and what is wrong with them. */
export class FrameForm {
  readonly #fields: FrameField[];
  readonly #inputs = new Map<string, HTMLInputElement | HTMLSelectElement>();
  readonly #errors = new Map<string, HTMLElement>();
  readonly #onChange: () => void;
  readonly root: HTMLElement;

  /** `bare` frames show no labels, as the Card Element does; labels still stand there for screen readers. */
  constructor(
    fields: FrameField[],
    bare: boolean,
    onChange: () => void,
    onFocus: (name: 'focus' | 'blur') => void,
  ) {
    this.#fields = fields;
    this.#onChange = onChange;
    this.root = document.createElement('div');
    if (bare) this.root.className = 'row';
    let pair: HTMLElement | null = null;
    for (const field of fields) {
      const box = this.#build(field, bare, onFocus);
      if (!field.half || bare) {
        this.root.append(box);
        pair = null;
        continue;
      }
      if (pair?.childElementCount === 2) pair = null;
      if (!pair) {
        pair = document.createElement('div');
        pair.className = 'pair';
        this.root.append(pair);
      }
      pair.append(box);
    }
  }

  values(): Values {
    return Object.fromEntries([...this.#inputs].map(([name, input]) => [name, input.value]));
  }

  /** Fills in what the page knows, without overwriting what was typed. */
  prefill(values: Readonly<Record<string, string | null | undefined>>): void {
    for (const [name, input] of this.#inputs)
      if (values[name] && (input.value === '' || input instanceof HTMLSelectElement))
        input.value = values[name];
  }

  /** Follows the options of the element that change what is shown; may be called again. */
  apply({ disabled, readOnly, placeholder, style }: FrameOptions): void {
    const [first] = this.#inputs.values();
    if (placeholder !== undefined && first instanceof HTMLInputElement) first.placeholder = placeholder;
    for (const input of this.#inputs.values()) {
      if (disabled !== undefined || readOnly !== undefined)
        input.disabled = disabled === true || readOnly === true;
      for (const name of STYLES) {
        const value = style?.base?.[name];
        if (typeof value === 'string') input.style.setProperty(dashed(name), value);
      }
    }
  }

  empty(): boolean {
    return this.#fields.every(
      ({ name, options }) => options !== undefined || this.#inputs.get(name)?.value === '',
    );
  }

  /** The first thing that is wrong; undefined when all is there. */
  complaint(): Complaint | undefined {
    const values = this.values();
    for (const { name, check } of this.#fields) {
      const complaint = check(values[name] ?? '', values);
      if (complaint) return complaint;
    }
    return undefined;
  }

  /** Shows everything that is wrong and moves to the first of it. */
  showAll(): Complaint | undefined {
    let first: HTMLElement | undefined;
    for (const field of this.#fields) if (this.#show(field, true)) first ??= this.#inputs.get(field.name);
    first?.focus();
    return this.complaint();
  }

  focus(): void {
    [...this.#inputs.values()][0]?.focus();
  }

  blur(): void {
    for (const input of this.#inputs.values()) input.blur();
  }

  clear(): void {
    for (const input of this.#inputs.values()) if (input instanceof HTMLInputElement) input.value = '';
    this.#onChange();
  }

  #build(field: FrameField, bare: boolean, onFocus: (name: 'focus' | 'blur') => void): HTMLElement {
    const box = document.createElement('div');
    box.className = 'field';
    const input = field.options ? this.#select(field) : this.#input(field);
    const id = `${bare ? 'Field' : 'payment'}-${field.name}Input`;
    const stable = bare ? STABLE_NAMES[field.name] : undefined;
    if (stable !== undefined) input.setAttribute('data-elements-stable-field-name', stable);
    Object.assign(input, { id, name: field.name });
    input.setAttribute('autocomplete', field.autocomplete);
    input.setAttribute('aria-describedby', `${id}-error`);
    const error = document.createElement('p');
    error.className = 'error';
    error.id = `${id}-error`;
    error.setAttribute('role', 'alert');
    if (bare) input.setAttribute('aria-label', field.label);
    else {
      const label = document.createElement('label');
      label.htmlFor = id;
      label.textContent = field.label;
      box.append(label);
    }
    box.append(input);
    if (!bare) box.append(error);
    this.#inputs.set(field.name, input);
    this.#errors.set(field.name, error);
    input.addEventListener('focus', () => onFocus('focus'));
    input.addEventListener('blur', () => {
      if (input.value !== '') this.#show(field, true);
      onFocus('blur');
    });
    return box;
  }

  #input(field: FrameField): HTMLInputElement {
    const input = document.createElement('input');
    input.placeholder = field.placeholder;
    if (field.numeric) input.inputMode = 'numeric';
    input.addEventListener('input', () => {
      if (field.format) input.value = field.format(input.value);
      this.#show(field, false);
      this.#onChange();
    });
    return input;
  }

  #select(field: FrameField): HTMLSelectElement {
    const select = document.createElement('select');
    for (const [value, text] of field.options ?? [])
      select.add(new Option(text, value, false, value === COUNTRY));
    select.addEventListener('change', () => this.#onChange());
    return select;
  }

  /**
   * While somebody types, only what can't become right any more is shown; afterwards also what is missing.
   */
  #show(field: FrameField, finished: boolean): boolean {
    const input = this.#inputs.get(field.name);
    const complaint = field.check(input?.value ?? '', this.values());
    const shown = complaint && (finished || !complaint.code.startsWith('incomplete')) ? complaint : null;
    const place = this.#errors.get(field.name);
    if (place && place.textContent !== (shown?.message ?? '')) place.textContent = shown?.message ?? '';
    input?.setAttribute('aria-invalid', shown ? 'true' : 'false');
    return shown !== null;
  }
}

/** `fontSize` as CSS writes it. */
function dashed(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
