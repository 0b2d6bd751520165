import type Stripe from 'stripe';
import { Realm } from '../../realm.ts';
import type { Call } from '../../server/call.ts';
import { findAny } from '../../server/lookup.ts';
import { makeProduct } from './make-product.ts';
import { makePrice } from './prices.ts';

/** What an assumed price costs, by how often it is paid, and an assumed coupon takes off; nobody said. */
const AMOUNTS = { once: 1_000, day: 50, week: 300, month: 1_000, year: 10_000 };
const CURRENCY = 'usd';
const PERCENT_OFF = 10;

/** What Stripe calls them, and what people do; `price_nope` is neither, and refused. */
const STRIPES = /^(?:price|plan|prod)_(?=[A-Za-z0-9]*\d)[A-Za-z0-9]{14,}$/;
const CHOSEN = /^(?!(?:price|plan|prod|cou|promo)_)[A-Za-z0-9][\w.-]*$/;
/** Ids by which people test that something is refused. */
const DENIED =
  /invalid|unknown|missing|nope|bogus|fake|none?-?exist|not[-_]?(?:found|real|exist)|no[-_]such/i;

type Maker = (realm: Realm, id: string, path: string) => void;

/** Of the parameters that name something of a catalogue, how it is made. */
const MAKERS: ReadonlyMap<string, Maker> = new Map<string, Maker>([
  ['coupon', assumeCoupon],
  ['plan', (realm, id) => assumePrice(realm, id, true)],
  ['price', (realm, id, path) => assumePrice(realm, id, RECURS.test(path))],
  ['product', assumeProduct],
]);

/** Maps whose keys are the caller's own words, and refer to nothing. */
const FREE = new Set(['metadata', 'custom_text', 'features']);

const INTERVALS = { year: /year|annual/i, week: /week/i, day: /daily/i };
const RECURS = /^\/v1\/(subscription|quotes|plans)/;
const ONE = /^GET \/v1\/(coupon|plan|price|product)s\/\{\}$/;

/**
 * With the setting `assumeExisting`: makes the prices, plans, products and coupons that a request names and
 * nobody made, unheard, as if they had been there for long. So a program, or a recording of one, runs with
 * the ids of its own account.
 */
export function assumeCatalogue({ realm, operation, ids, params, path }: Call): void {
  const { assumeExisting: tell } = realm.engine.settings;
  if (!tell) return;
  const engine = { ...realm.engine, announce: () => '' };
  const silent = new Realm(engine, realm, realm.request, realm.now);
  const [, kind] = ONE.exec(`${operation.method} ${operation.path}`) ?? [];
  const assume = (name: string, id: string): void => {
    const make = MAKERS.get(name);
    const likely = STRIPES.test(id) || (CHOSEN.test(id) && !DENIED.test(id));
    if (!make || !likely || isKnown(realm, name === 'plan' ? ['price', 'plan'] : [name], id)) return;
    make(silent, id, path);
    tell(`${name} ${id}`);
  };
  if (kind !== undefined) assume(kind, ids[0] ?? '');
  walk(params, assume);
}

function walk(value: unknown, found: (name: string, id: string) => void): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [name, inner] of Object.entries(value))
    if (typeof inner === 'string' && inner !== '') found(name, inner);
    else if (!FREE.has(name)) walk(inner, found);
}

/** Here, or in another account or mode, which Stripe says when it refuses. */
function isKnown(realm: Realm, kinds: readonly string[], id: string): boolean {
  const { store } = realm.engine;
  return findAny(realm, kinds, id) !== undefined || kinds.some((kind) => store.find(kind, id) !== undefined);
}

function assumeProduct(realm: Realm, id: string): void {
  makeProduct(realm, { id, name: id });
}

function assumePrice(realm: Realm, id: string, recurs: boolean): void {
  const interval = intervalOf(id);
  const recurring = recurs ? { interval } : undefined;
  const unit_amount = AMOUNTS[recurs ? interval : 'once'];
  const product_data = { name: id };
  makePrice(realm, { id, currency: CURRENCY, unit_amount, product_data, recurring }, '');
}

/** Ids that people choose often say how often a price is paid. */
function intervalOf(id: string): 'day' | 'week' | 'month' | 'year' {
  return (['year', 'week', 'day'] as const).find((interval) => INTERVALS[interval].test(id)) ?? 'month';
}

function assumeCoupon(realm: Realm, id: string): void {
  const worth = { percent_off: PERCENT_OFF, duration: 'once' } as const;
  const fields: Partial<Stripe.Coupon> = { id, ...worth, metadata: {}, times_redeemed: 0, valid: true };
  realm.insert('coupon', fields, { applies_to: { products: [] }, currency_options: {} });
}
