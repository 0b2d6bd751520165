import {
  checkCvc,
  checkExpiry,
  checkNumber,
  formatDigits,
  formatExpiry,
  formatNumber,
  type Complaint,
} from './card-input.ts';
import { ibanHolds, normalIban } from '../payments/test-ibans.ts';

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

const COUNTRIES: readonly (readonly [string, string])[] = [
  ['US', 'United States'],
  ['AT', 'Austria'],
  ['CA', 'Canada'],
  ['FR', 'France'],
  ['DE', 'Germany'],
  ['IE', 'Ireland'],
  ['IT', 'Italy'],
  ['NL', 'Netherlands'],
  ['ES', 'Spain'],
  ['CH', 'Switzerland'],
  ['GB', 'United Kingdom'],
];

const optional = (): null => null;

function required(label: string): (text: string) => Complaint | null {
  return (text) =>
    text.trim() === '' ? { code: 'incomplete', message: `Your ${label.toLowerCase()} is incomplete.` } : null;
}

function cardFields(names: { number: string; expiry: string }, today: () => Date): FrameField[] {
  return [
    {
      name: names.number,
      label: 'Card number',
      placeholder: '1234 1234 1234 1234',
      autocomplete: 'cc-number',
      numeric: true,
      format: formatNumber,
      check: checkNumber,
    },
    {
      name: names.expiry,
      label: 'Expiration date',
      placeholder: 'MM / YY',
      autocomplete: 'cc-exp',
      numeric: true,
      format: formatExpiry,
      check: (text) => checkExpiry(text, today()),
      half: true,
    },
    {
      name: 'cvc',
      label: 'Security code',
      placeholder: 'CVC',
      autocomplete: 'cc-csc',
      numeric: true,
      format: (text) => formatDigits(text, 4),
      check: (text, values) => checkCvc(text, values[names.number] ?? ''),
      half: true,
    },
  ];
}

const COUNTRY: FrameField = {
  name: 'country',
  label: 'Country',
  placeholder: '',
  autocomplete: 'country',
  options: COUNTRIES,
  check: optional,
  half: true,
};

const EMAIL: FrameField = {
  name: 'email',
  label: 'Email',
  placeholder: 'you@example.com',
  autocomplete: 'email',
  check: (text) =>
    /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text)
      ? null
      : { code: 'incomplete_email', message: 'Your email is incomplete.' },
};

const IBAN: FrameField = {
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

function plain(
  name: string,
  label: string,
  autocomplete: string,
  check = required(label),
  half = false,
): FrameField {
  return { name, label, placeholder: '', autocomplete, check, half };
}

/** The inputs of one kind of element, by payment method; kinds without an entry have none. */
export function fieldsOf(kind: string, method: string, today: () => Date): FrameField[] {
  if (kind === 'card') {
    const postal = plain('postal', 'Postal code', 'postal-code', optional);
    return [...cardFields({ number: 'cardnumber', expiry: 'exp-date' }, today), postal];
  }
  if (kind === 'payment' && method === 'card') {
    const postal = plain('postalCode', 'ZIP or postal code', 'postal-code', required('Postal code'), true);
    return [...cardFields({ number: 'number', expiry: 'expiry' }, today), COUNTRY, postal];
  }
  if (kind === 'payment' && method === 'sepa_debit') return [IBAN, plain('name', 'Full name', 'name'), EMAIL];
  if (kind === 'iban') return [IBAN];
  if (kind === 'linkAuthentication' || kind === 'contactDetails') return [EMAIL];
  if (kind === 'address' || kind === 'shippingAddress') return ADDRESS;
  return [];
}

const ADDRESS: FrameField[] = [
  plain('name', 'Full name', 'name'),
  { ...COUNTRY, half: false },
  plain('addressLine1', 'Address', 'address-line1'),
  plain('locality', 'City', 'address-level2', required('City'), true),
  plain('postalCode', 'Postal code', 'postal-code', required('Postal code'), true),
];
