import { mergeMetadata } from '../contract/metadata.ts';
import type { Realm } from '../realm.ts';
import type { Call, Resource } from '../server/call.ts';
import { noSuch } from '../server/errors.ts';
import type { StripeObject } from '../store/store.ts';

const YEARS_VALID = 3;
const LAST_DIGITS = 4;

/** Cardholders follow the general rules; a card shows its holder. */
export const cards: Resource = {
  routes: { 'POST /v1/issuing/cards': create },
};

/** The card that a parameter or the path names. */
export function issuedCard(realm: Realm, id: string, param = 'card'): StripeObject {
  const found = realm.row('issuing.card', id)?.object;
  if (!found) throw noSuch('card', id, param);
  return found;
}

/** The parts of a merchant that Stripe always shows. */
export function merchantOf(given: unknown): object {
  return {
    category: 'computer_software_stores',
    category_code: '5734',
    city: null,
    country: null,
    name: 'Simulated Merchant',
    network_id: '1234567890',
    postal_code: null,
    state: null,
    tax_id: null,
    terminal_id: null,
    url: null,
    ...(given as object | undefined),
  };
}

function create({ realm, params }: Call): StripeObject {
  const { cardholder: holder, metadata, ...fields } = params;
  const cardholder = realm.row('issuing.cardholder', holder as string)?.object;
  if (!cardholder) throw noSuch('cardholder', holder as string, 'cardholder');
  const date = new Date(realm.now * 1000);
  const card = realm.insertRaw('issuing.card', {
    status: 'inactive',
    ...fields,
    brand: 'Visa',
    cardholder,
    exp_month: date.getUTCMonth() + 1,
    exp_year: date.getUTCFullYear() + YEARS_VALID,
    last4: digits(realm),
    metadata: mergeMetadata({}, metadata),
  });
  realm.emit('issuing_card.created', card);
  return card;
}

function digits(realm: Realm): string {
  return String(Math.floor(realm.engine.random.chance() * 10 ** LAST_DIGITS)).padStart(LAST_DIGITS, '0');
}
