import { normalIban } from '../payments/test-ibans.ts';
import type { Values } from './frame-fields.ts';
import type { BillingDetails } from './protocol.ts';

/** What was typed as the API's parameters of a PaymentMethod. */
export function methodData(method: string, values: Values): Record<string, unknown> {
  const { iban } = values;
  if (iban !== undefined) return { type: 'sepa_debit', sepa_debit: { iban: normalIban(iban) } };
  return method === 'card' ? { type: 'card', card: cardData(values) } : { type: method };
}

/** What was typed as the API's parameters of a Token; `data` is what the page adds. */
export function tokenData(values: Values, data: Record<string, unknown>): Record<string, unknown> {
  const { iban, cvc } = values;
  if (iban !== undefined) {
    const account_number = normalIban(iban);
    return { bank_account: { country: account_number.slice(0, 2), account_number, ...data } };
  }
  const card = cardData(values);
  if (card.number === '') return { cvc_update: { cvc } };
  const postal = values['postal'];
  return { card: { ...card, ...(postal && { address_zip: postal }), ...data } };
}

/** What an element that holds nothing secret tells its page. */
export function openValue(kind: string, method: string, values: Values): Record<string, unknown> {
  const { email, postal, taxId, businessName } = values;
  if (kind === 'payment') return { type: method, ...paymentAddress(values) };
  if (kind === 'card') return { postalCode: postal ?? '' };
  if (kind === 'linkAuthentication' || kind === 'contactDetails') return { email };
  if (kind === 'taxId') return { taxId, businessName };
  if (kind === 'expressSheet')
    return { email, ...addressValue(values), shippingRate: values['shippingRate'] };
  return kind.toLowerCase().includes('address') ? addressValue(values) : {};
}

/** What the page knows, what was typed, and what the call says, the later before the earlier. */
export function billingData(known: BillingDetails, values: Values, given: BillingDetails): BillingDetails {
  const { name, email, country } = values;
  const postal_code = values['postalCode'] ?? values['postal'];
  const typed = { ...(country && { country }), ...(postal_code && { postal_code }) };
  return {
    ...known,
    ...(name && { name }),
    ...(email && { email }),
    ...given,
    address: { ...known.address, ...typed, ...given.address },
  };
}

function cardData(values: Values): Record<string, string | undefined> & { number: string } {
  const [month, year] = (values['expiry'] ?? values['exp-date'] ?? '').split(' / ');
  const number = (values['number'] ?? values['cardnumber'] ?? '').replace(/\D/g, '');
  return { number, exp_month: month, exp_year: year, cvc: values['cvc'] };
}

function paymentAddress({ country, postalCode }: Values): Record<string, unknown> {
  return country === undefined
    ? {}
    : { billingDetails: { address: { country, postalCode: postalCode ?? null } } };
}

function addressValue(values: Values): Record<string, unknown> {
  const { firstName, lastName, phone } = values;
  const split = firstName === undefined ? {} : { firstName, lastName };
  return {
    name: values['name'] ?? [firstName, lastName].filter(Boolean).join(' '),
    ...split,
    ...(phone !== undefined && { phone }),
    address: {
      line1: values['addressLine1'] ?? '',
      line2: values['addressLine2'] || null,
      city: values['locality'] ?? '',
      state: values['administrativeArea'] ?? '',
      postal_code: values['postalCode'] ?? '',
      country: values['country'] ?? '',
    },
  };
}
