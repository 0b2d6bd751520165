import type Stripe from 'stripe';
import type { Params } from '../contract/validate.ts';
import type { Metadata } from '../contract/metadata.ts';
import type { Realm } from '../realm.ts';
import { badParameter, missingParameter, noSuch } from '../server/errors.ts';
import { cardDetails, fingerprintOf, readCard, type CardEntry } from './card-details.ts';
import { cardByMagicId, type TestCard } from './test-cards.ts';
import { ibanHolds, normalIban } from './test-ibans.ts';

/**
 * Where a request notes which objects it made of the ready-made ids, so that one id is one object within
 * it.
 */
export interface Magic {
  realm: Realm;
  magic: Map<string, string>;
}

const TOKENS_PREFIX = 'tok_';
const MAGIC_PREFIX = 'pm_card_';

const MAGIC_DEBITS: Record<string, string> = {
  pm_sepaDebit: 'DE89370400440532013000',
  pm_sepa_debit: 'DE89370400440532013000',
};

/** The PaymentMethod of this id. A ready-made one such as `pm_card_visa` becomes a new object each time. */
export function findMethod({ realm, magic }: Magic, id: string, param: string): Stripe.PaymentMethod {
  const found = realm.get('payment_method', id) ?? realm.get('payment_method', magic.get(id));
  if (found) return found;
  const made = makeMagic(realm, id);
  if (!made) throw noSuch('PaymentMethod', id, param);
  magic.set(id, made.id);
  return made;
}

/** Makes a PaymentMethod from `payment_method_data`, or from the parameters of POST /v1/payment_methods. */
export function makeMethod(realm: Realm, params: Params, path = ''): Stripe.PaymentMethod {
  const type = params['type'] as Stripe.PaymentMethod['type'] | undefined;
  if (type === undefined) throw missingParameter(at(path, 'type'));
  const common = commonFields(params);
  if (type === 'card') return makeCard(realm, (params['card'] ?? {}) as Params, common, path);
  if (type === 'sepa_debit') return makeSepa(realm, (params['sepa_debit'] ?? {}) as Params, common, path);
  return realm.insert('payment_method', { ...common, type, [type]: params[type] ?? {} });
}

/** Makes a PaymentMethod of one of Stripe's test cards without anybody typing it. */
function methodOf(realm: Realm, card: TestCard, common: Partial<Stripe.PaymentMethod> = {}) {
  const entry = { cvc: '123' };
  return insertCard(realm, card, entry, { ...common, ...commonFields({ ...common }) });
}

function makeMagic(realm: Realm, id: string): Stripe.PaymentMethod | undefined {
  const iban = MAGIC_DEBITS[id];
  if (iban !== undefined) return makeSepa(realm, { iban }, commonFields({}), '');
  const card = id.startsWith(MAGIC_PREFIX) || id.startsWith(TOKENS_PREFIX) ? cardByMagicId(id) : undefined;
  return card && methodOf(realm, card);
}

function makeCard(realm: Realm, params: Params, common: Partial<Stripe.PaymentMethod>, path: string) {
  const token = params['token'] as string | undefined;
  if (token !== undefined) return cardFromToken(realm, token, common, at(path, 'card[token]'));
  if (params['number'] === undefined) throw missingParameter(at(path, 'card'));
  const entry = params as CardEntry;
  return insertCard(realm, readCard(realm, entry), entry, common);
}

function cardFromToken(realm: Realm, token: string, common: Partial<Stripe.PaymentMethod>, param: string) {
  const hidden = realm.get('token', token) && realm.hidden('token', token);
  const ready = cardByMagicId(token);
  if (hidden?.entry) return insertCard(realm, readCard(realm, hidden.entry), hidden.entry, common);
  if (!ready || !token.startsWith(TOKENS_PREFIX)) throw noSuch('token', token, param);
  return insertCard(realm, ready, { cvc: '123' }, common);
}

function insertCard(realm: Realm, card: TestCard, entry: CardEntry, common: Partial<Stripe.PaymentMethod>) {
  const fields = { ...common, type: 'card' as const, card: cardDetails(realm, card, entry) };
  return realm.insert('payment_method', fields, { number: card.number, setUp: false });
}

function makeSepa(realm: Realm, params: Params, common: Partial<Stripe.PaymentMethod>, path: string) {
  const text = params['iban'] as string | undefined;
  if (text === undefined) throw missingParameter(at(path, 'sepa_debit[iban]'));
  const iban = normalIban(text);
  if (!ibanHolds(iban))
    throw badParameter('The IBAN you entered is invalid.', {
      code: 'invalid_number',
      param: at(path, 'sepa_debit[iban]'),
    });
  const sepa_debit = {
    bank_code: iban.slice(4, 12),
    branch_code: null,
    country: iban.slice(0, 2),
    fingerprint: fingerprintOf(iban),
    generated_from: { charge: null, setup_attempt: null },
    last4: iban.slice(-4),
  };
  return realm.insert(
    'payment_method',
    { ...common, type: 'sepa_debit', sepa_debit },
    { number: iban, setUp: false },
  );
}

function commonFields(params: Params): Partial<Stripe.PaymentMethod> {
  return {
    allow_redisplay: (params['allow_redisplay'] as 'always' | undefined) ?? 'unspecified',
    billing_details: billingDetails(params['billing_details'] as Params | undefined),
    metadata: (params['metadata'] as Metadata | null | undefined) ?? {},
  };
}

/** Who pays, with null for what was not said. */
export function billingDetails(given: Params | null | undefined): Stripe.PaymentMethod.BillingDetails {
  const text = (value: unknown): string | null => (value as string | null | undefined) ?? null;
  const address = (given?.['address'] ?? {}) as Params;
  return {
    address: {
      city: text(address['city']),
      country: text(address['country']),
      line1: text(address['line1']),
      line2: text(address['line2']),
      postal_code: text(address['postal_code']),
      state: text(address['state']),
    },
    email: text(given?.['email']),
    name: text(given?.['name']),
    phone: text(given?.['phone']),
    tax_id: text(given?.['tax_id']),
  };
}

function at(path: string, name: string): string {
  if (path === '') return name;
  const [head = '', ...rest] = name.split('[');
  return [`${path}[${head}]`, ...rest].join('[');
}
