import { COUNTRIES } from '../pages/countries.ts';
import { ibanHolds, normalIban } from '../payments/test-ibans.ts';
import {
  checkCvc,
  checkExpiry,
  checkNumber,
  formatDigits,
  formatExpiry,
  formatNumber,
  type Complaint,
} from './card-input.ts';
import type { FrameOptions } from './protocol.ts';

/** One input in a frame. */
export interface FrameField {
  name: string;
  label: string;
  placeholder: string;
  autocomplete: string;
  numeric?: boolean;
  /** A choice instead of free text: value and what is shown. */
  options?: readonly (readonly [string, string])[];
  /** Brings text into form while it is typed. */
  format?: (text: string) => string;
  /** What is wrong; called with all values of the frame. */
  check: (text: string, values: Values) => Complaint | null;
  /** Stands beside the next one. */
  half?: boolean;
}

export type Values = Readonly<Record<string, string>>;

/** Where an address is not complete without the state or province. */
const WITH_STATES = new Set(['US', 'CA', 'AU', 'BR', 'IN', 'MX']);

const optional = (): null => null;

function required(label: string): (text: string) => Complaint | null {
  return (text) =>
    text.trim() === '' ? { code: 'incomplete', message: `Your ${label.toLowerCase()} is incomplete.` } : null;
}

const number: FrameField = {
  name: 'cardnumber',
  label: 'Card number',
  placeholder: '1234 1234 1234 1234',
  autocomplete: 'cc-number',
  numeric: true,
  format: formatNumber,
  check: checkNumber,
};
const expiry: FrameField = {
  name: 'exp-date',
  label: 'Expiration date',
  placeholder: 'MM / YY',
  autocomplete: 'cc-exp',
  numeric: true,
  format: formatExpiry,
  check: (text) => checkExpiry(text, new Date()),
  half: true,
};
const cvc: FrameField = {
  name: 'cvc',
  label: 'Security code',
  placeholder: 'CVC',
  autocomplete: 'cc-csc',
  numeric: true,
  format: (text) => formatDigits(text, 4),
  check: (text, values) => checkCvc(text, values['cardnumber'] ?? values['number'] ?? ''),
  half: true,
};
const country: FrameField = {
  name: 'country',
  label: 'Country',
  placeholder: '',
  autocomplete: 'country',
  options: COUNTRIES,
  check: optional,
};
const email: FrameField = {
  name: 'email',
  label: 'Email',
  placeholder: 'you@example.com',
  autocomplete: 'email',
  check: (text) =>
    /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text)
      ? null
      : { code: 'incomplete_email', message: 'Your email is incomplete.' },
};
const iban: FrameField = {
  name: 'iban',
  label: 'IBAN',
  placeholder: 'DE00 0000 0000 0000 0000 00',
  autocomplete: 'off',
  format: (text) => normalIban(text).replace(/(.{4})(?=.)/g, '$1 '),
  check: (text) => {
    if (normalIban(text).length < 15) return { code: 'incomplete_iban', message: 'Your IBAN is incomplete.' };
    return ibanHolds(normalIban(text)) ? null : { code: 'invalid_iban', message: 'Your IBAN is invalid.' };
  },
};
const name = plain('name', 'Full name', 'name');
const postalCode = {
  ...plain('postalCode', 'ZIP or postal code', 'postal-code', required('Postal code')),
  half: true,
};
const state: FrameField = {
  ...plain('administrativeArea', 'State or province', 'address-level1'),
  check: (text, values) => (WITH_STATES.has(values['country'] ?? '') ? required('State')(text) : null),
  half: true,
};

/** The inputs of one kind of element; kinds without an entry have none. */
const FIELDS: Readonly<Record<string, (options: FrameOptions) => FrameField[]>> = {
  card: ({ hidePostalCode }) => [
    number,
    expiry,
    cvc,
    ...(hidePostalCode === true
      ? []
      : [{ ...plain('postal', 'Postal code', 'postal-code', optional), placeholder: 'ZIP' }]),
  ],
  cardNumber: () => [number],
  cardExpiry: () => [expiry],
  cardCvc: () => [cvc],
  iban: () => [iban],
  linkAuthentication: () => [email],
  contactDetails: () => [email],
  address: addressFields,
  shippingAddress: addressFields,
  taxId: () => [
    plain('taxId', 'Tax ID', 'off', optional),
    plain('businessName', 'Business name', 'organization', optional),
  ],
  expressSheet: (options) => [
    email,
    ...(options.shippingAddressRequired === true ? addressFields(options) : [name]),
    ...rateField(options),
  ],
};

/** What the Payment Element asks for, by payment method; the others lead to a page of their own. */
const METHOD_FIELDS: Readonly<Record<string, (options: FrameOptions) => FrameField[]>> = {
  card: (options) => [
    { ...number, name: 'number' },
    { ...expiry, name: 'expiry' },
    cvc,
    ...(hidden(options, 'address', 'country') ? [] : [{ ...country, half: true }]),
    ...(hidden(options, 'address', 'postalCode') ? [] : [postalCode]),
  ],
  sepa_debit: (options) => [
    iban,
    ...(hidden(options, 'name') ? [] : [name]),
    ...(hidden(options, 'email') ? [] : [email]),
  ],
};

export function fieldsOf(kind: string, method: string, options: FrameOptions): FrameField[] {
  const fields = kind === 'payment' ? METHOD_FIELDS[method] : FIELDS[kind];
  return fields?.(options) ?? [];
}

function addressFields({ allowedCountries, display, fields }: FrameOptions): FrameField[] {
  const countries = COUNTRIES.filter(([code]) => allowedCountries?.includes(code) ?? true);
  const names = [
    { ...plain('firstName', 'First name', 'given-name'), half: true },
    { ...plain('lastName', 'Last name', 'family-name'), half: true },
  ];
  return [
    ...(display?.name === 'split' ? names : [name]),
    { ...country, options: countries },
    plain('addressLine1', 'Address line 1', 'address-line1', required('Address')),
    plain('addressLine2', 'Address line 2', 'address-line2', optional),
    { ...plain('locality', 'City', 'address-level2'), half: true },
    state,
    { ...postalCode, half: false },
    ...(fields?.phone === 'always' ? [plain('phone', 'Phone number', 'tel')] : []),
  ];
}

function rateField({ shippingRates = [] }: FrameOptions): FrameField[] {
  if (shippingRates.length === 0) return [];
  const options = shippingRates.map(({ id, displayName }) => [id, displayName] as const);
  return [{ ...plain('shippingRate', 'Shipping', 'off', optional), options }];
}

/** Whether `fields.billingDetails` keeps a part from being asked for: the page has promised to know it. */
function hidden({ fields }: FrameOptions, ...path: string[]): boolean {
  let at: unknown = fields?.billingDetails;
  for (const step of path) {
    if (typeof at !== 'object' || at === null) break;
    at = (at as Record<string, unknown>)[step];
  }
  return at === 'never';
}

function plain(field: string, label: string, autocomplete: string, check = required(label)): FrameField {
  return { name: field, label, placeholder: '', autocomplete, check };
}
