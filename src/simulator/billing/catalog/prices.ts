import type Stripe from 'stripe';
import { mergeMetadata } from '../../contract/metadata.ts';
import type { Params } from '../../contract/validate.ts';
import { checkCurrency } from '../../payments/amounts.ts';
import type { Realm } from '../../realm.ts';
import { badParameter, missingParameter, refused } from '../../server/errors.ts';
import type { PriceExtras, Tier } from '../kinds.ts';
import { group, list, number, text } from '../params.ts';
import { plainDecimal, times } from './decimal.ts';
import { makeProduct } from './make-product.ts';
import { planOf } from './plan-of.ts';

/** docs.stripe.com/api/prices/create: the longest recurrence. */
const MONTHS_MAX: Readonly<Record<string, number>> = { day: 1_095, week: 156, month: 36, year: 3 };

/**
 * Makes a price, and the product of its `product_data`. `path` is where the parameters stand in the
 * request.
 */
export function makePrice(realm: Realm, params: Params, path: string): Stripe.Price {
  const at = (name: string): string => (path === '' ? name : `${path}[${name}]`);
  const data = params['product_data'] as Params | undefined;
  const known = text(params, 'product');
  if (!data && known === undefined)
    throw badParameter('You must specify either `product` or `product_data` when creating a price.', {
      code: 'parameter_missing',
      param: at('product'),
    });
  if (known !== undefined) realm.need('product', known, at('product'));
  const currency = checkCurrency(params['currency'] as string, at('currency'));
  const recurring = params['recurring'] as Params | undefined;
  if (recurring) checkRecurring(recurring, at('recurring'));
  const value = valueOf(params, at);
  const lookup_key = text(params, 'lookup_key') ?? null;
  releaseLookupKey(realm, lookup_key, params['transfer_lookup_key'] === true, at('lookup_key'));
  const fields = {
    ...(text(params, 'id') !== undefined && { id: text(params, 'id') }),
    active: params['active'] !== false,
    currency,
    lookup_key,
    metadata: mergeMetadata({}, params['metadata']),
    nickname: text(params, 'nickname') ?? null,
    product: known ?? makeProduct(realm, data ?? {}).id,
    recurring: recurring ? recurringOf(recurring) : null,
    tax_behavior: params['tax_behavior'] ?? 'unspecified',
    transform_quantity: params['transform_quantity'] ?? null,
    type: recurring ? 'recurring' : 'one_time',
    ...value.shown,
  };
  const options = currencyOptions(group(params, 'currency_options'), at);
  const extras: PriceExtras = { tiers: value.tiers, currency_options: options };
  const price = realm.insert('price', fields as unknown as Partial<Stripe.Price>, { ...extras });
  if (price.recurring) realm.emit('plan.created', planOf(realm, price));
  realm.emit('price.created', price);
  return price;
}

/** A price given in place is stored, but not for reuse: Stripe makes it inactive. */
export function inlinePrice(realm: Realm, params: Params, path: string): Stripe.Price {
  const price = makePrice(realm, params, path);
  return realm.change('price', price.id, { active: false });
}

/** Takes a lookup key from the price that has it, if the caller allows that. */
export function releaseLookupKey(realm: Realm, key: string | null, transfer: boolean, param: string): void {
  const [owner] = key === null ? [] : realm.where('price', 'lookup_key', key);
  if (!owner) return;
  if (!transfer)
    throw refused(`A price (\`${owner.id}\`) already uses that lookup key.`, {
      code: 'resource_already_exists',
      param,
    });
  realm.change('price', owner.id, { lookup_key: null });
}

/** The amounts of other currencies, which a price shows when asked. */
export function currencyOptions(
  options: Params,
  at: (name: string) => string,
): PriceExtras['currency_options'] {
  return Object.fromEntries(
    Object.entries(options).map(([currency, option]) => {
      const code = checkCurrency(currency, at('currency_options'));
      const { shown, tiers } = valueOf(option as Params, at);
      const { custom_unit_amount, unit_amount, unit_amount_decimal } = shown;
      const tax_behavior = (option as Params)['tax_behavior'] ?? 'unspecified';
      return [
        code,
        {
          custom_unit_amount,
          tax_behavior,
          unit_amount,
          unit_amount_decimal,
          ...(tiers.length > 0 && { tiers }),
        },
      ];
    }),
  );
}

interface Value {
  shown: Record<string, unknown>;
  tiers: readonly Tier[];
}

/** What one unit costs: an amount, an amount that the buyer chooses, or steps. */
function valueOf(params: Params, at: (name: string) => string): Value {
  const custom = params['custom_unit_amount'] as Params | undefined;
  const tiered = params['billing_scheme'] === 'tiered' || params['tiers'] !== undefined;
  const decimal = text(params, 'unit_amount_decimal');
  const whole = number(params, 'unit_amount');
  if (tiered) {
    const tiers = list(params, 'tiers');
    if (tiers.length === 0) throw missingParameter(at('tiers'));
    if (params['billing_scheme'] === 'tiered' && params['tiers_mode'] === undefined)
      throw missingParameter(at('tiers_mode'));
    const shown = {
      billing_scheme: 'tiered',
      custom_unit_amount: null,
      tiers_mode: params['tiers_mode'] ?? null,
    };
    return { shown: { ...shown, unit_amount: null, unit_amount_decimal: null }, tiers: tiers.map(tierOf) };
  }
  if (whole === undefined && decimal === undefined && !custom) throw missingParameter(at('unit_amount'));
  if ((whole ?? 0) < 0 || Number(decimal ?? 0) < 0)
    throw badParameter('Invalid non-negative integer', {
      code: 'parameter_invalid_integer',
      param: at('unit_amount'),
    });
  const exact = decimal ?? (whole === undefined ? null : String(whole));
  const fraction = exact !== null && !Number.isInteger(Number(exact));
  const shown = {
    billing_scheme: 'per_unit',
    custom_unit_amount: custom ? chosenBetween(custom) : null,
    tiers_mode: null,
    unit_amount: exact === null || fraction ? null : times(exact, 1),
    unit_amount_decimal: exact === null ? null : plainDecimal(exact),
  };
  return { shown, tiers: [] };
}

function chosenBetween(custom: Params): Record<string, unknown> {
  const { maximum = null, minimum = null, preset = null } = custom;
  return { maximum, minimum, preset };
}

function tierOf(tier: Params): Tier {
  const amount = (name: string): Pick<Tier, 'unit_amount' | 'unit_amount_decimal'> => {
    const decimal =
      text(tier, `${name}_decimal`) ?? (tier[name] === undefined ? null : String(number(tier, name)));
    const whole = decimal !== null && Number.isInteger(Number(decimal)) ? Number(decimal) : null;
    return { unit_amount: whole, unit_amount_decimal: decimal };
  };
  const flat = amount('flat_amount');
  return {
    flat_amount: flat.unit_amount,
    flat_amount_decimal: flat.unit_amount_decimal,
    ...amount('unit_amount'),
    up_to: tier['up_to'] === 'inf' ? null : Number(tier['up_to']),
  };
}

function recurringOf(recurring: Params): Record<string, unknown> {
  return {
    interval: recurring['interval'],
    interval_count: recurring['interval_count'] ?? 1,
    meter: recurring['meter'] ?? null,
    trial_period_days: recurring['trial_period_days'] ?? null,
    usage_type: recurring['usage_type'] ?? 'licensed',
  };
}

function checkRecurring(recurring: Params, path: string): void {
  const count = number(recurring, 'interval_count') ?? 1;
  const interval = text(recurring, 'interval') ?? 'month';
  if (count < 1 || count > (MONTHS_MAX[interval] ?? count))
    throw badParameter(`Invalid interval_count: a price can recur every three years at most.`, {
      param: `${path}[interval_count]`,
    });
}
