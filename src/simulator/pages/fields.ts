import { COUNTRIES } from './countries.ts';
import type { Entry, EntryErrors, EntryField } from './entry.ts';
import { html, type Html } from './html.ts';

/** From top to bottom; the first that is wrong gets the cursor. */
const ORDER: readonly EntryField[] = ['email', 'number', 'expiry', 'cvc', 'iban', 'name', 'postal'];

/** One input of a payment form. */
export interface FieldOptions {
  name: EntryField;
  label: string;
  autocomplete: string;
  hint?: string;
  type?: string;
}

export const EMAIL: FieldOptions = { name: 'email', label: 'Email', type: 'email', autocomplete: 'email' };
export const NUMBER: FieldOptions = {
  name: 'number',
  label: 'Card number',
  hint: '1234 1234 1234 1234',
  autocomplete: 'cc-number',
};
export const EXPIRY: FieldOptions = {
  name: 'expiry',
  label: 'Expiration date',
  hint: 'MM / YY',
  autocomplete: 'cc-exp',
};
export const CVC: FieldOptions = {
  name: 'cvc',
  label: 'Security code (CVC)',
  hint: 'CVC',
  autocomplete: 'cc-csc',
};
export const IBAN: FieldOptions = {
  name: 'iban',
  label: 'IBAN',
  hint: 'DE00 0000 0000 0000 0000 00',
  autocomplete: 'off',
};
export const NAME: FieldOptions = { name: 'name', label: 'Name', hint: 'Full name', autocomplete: 'name' };
export const POSTAL: FieldOptions = {
  name: 'postal',
  label: 'Postal code',
  hint: '12345',
  autocomplete: 'postal-code',
};

/** An input with its label and the place of its error. */
export function field(
  { entry, errors }: { entry: Entry; errors: EntryErrors },
  { name, label, autocomplete, hint = '', type = 'text' }: FieldOptions,
): Html {
  const error = errors[name];
  const first = ORDER.find((each) => errors[each] !== undefined) === name;
  const numeric = ['number', 'expiry', 'cvc'].includes(name);
  return html`<div class="field">
    <label for="${name}">${label}</label>
    <input
      id="${name}"
      name="${name}"
      type="${type}"
      value="${entry[name]}"
      placeholder="${hint}"
      autocomplete="${autocomplete}"
      ${numeric && html`inputmode="numeric"`}
      ${first && html`autofocus`}
      aria-describedby="${name}-error"
      aria-invalid="${error === undefined ? 'false' : 'true'}"
    />
    <p class="error" id="${name}-error" aria-live="polite">${error}</p>
  </div>`;
}

/** The choice of a country. */
export function countries({ country }: Entry): Html {
  return html`<div class="field">
    <label for="country">Country or region</label>
    <select id="country" name="country" autocomplete="country">
      ${COUNTRIES.map(
        ([code, name]) =>
          html`<option value="${code}" ${country === code && html`selected`}>${name}</option>`,
      )}
    </select>
    <p class="error"></p>
  </div>`;
}
