import type Stripe from 'stripe';
import type { Realm } from '../../realm.ts';
import { badParameter } from '../../server/errors.ts';
import type { Tier } from '../kinds.ts';
import { times } from './decimal.ts';

/** What a price charges for some quantity, in the parts that an invoice shows as lines. */
export interface Part {
  amount: number;
  quantity: number;
  unit_amount_decimal: string | null;
  /** Which step of a tiered price this is, or its flat fee. */
  tier?: { number: number; flat: boolean };
}

/** A price in one currency. */
interface Rate {
  decimal: string | null;
  tiers: readonly Tier[];
}

/** What `quantity` units cost, in parts; prices by steps have one for each step and each flat fee. */
export function partsOf(realm: Realm, price: Stripe.Price, quantity: number, currency: string): Part[] {
  const rate = rateIn(realm, price, currency);
  const units = packed(price, quantity);
  if (price.billing_scheme !== 'tiered') {
    const decimal = rate.decimal ?? '0';
    return [{ amount: times(decimal, units), quantity, unit_amount_decimal: decimal }];
  }
  return price.tiers_mode === 'volume' ? volume(rate.tiers, units) : graduated(rate.tiers, units);
}

/** What `quantity` units cost in all. */
export function amountOf(realm: Realm, price: Stripe.Price, quantity: number, currency: string): number {
  return partsOf(realm, price, quantity, currency).reduce((sum, { amount }) => sum + amount, 0);
}

/** Refuses a currency in which the price is not for sale. */
export function checkPriceCurrency(realm: Realm, price: Stripe.Price, currency: string, param: string): void {
  if (price.currency === currency || realm.hidden('price', price.id).currency_options?.[currency]) return;
  throw badParameter(
    `The price specified only supports \`${price.currency}\`. This doesn't match the expected currency: ` +
      `\`${currency}\`.`,
    { param },
  );
}

function rateIn(realm: Realm, price: Stripe.Price, currency: string): Rate {
  const { tiers = [], currency_options } = realm.hidden('price', price.id);
  const option = price.currency === currency ? undefined : currency_options?.[currency];
  if (!option) return { decimal: price.unit_amount_decimal as unknown as string | null, tiers };
  return {
    decimal: option['unit_amount_decimal'] as string | null,
    tiers: (option['tiers'] as Tier[] | undefined) ?? tiers,
  };
}

/** Units as they are charged: `transform_quantity` sells them in packs. */
function packed({ transform_quantity: packs }: Stripe.Price, quantity: number): number {
  if (!packs) return quantity;
  const count = quantity / packs.divide_by;
  return packs.round === 'up' ? Math.ceil(count) : Math.floor(count);
}

/** All units at the rate of the step that their number reaches. */
function volume(tiers: readonly Tier[], units: number): Part[] {
  const index = tiers.findIndex(({ up_to }) => up_to === null || units <= up_to);
  const tier = tiers[index];
  return tier ? partsOfTier(tier, index + 1, units, units > 0) : [];
}

/** Each unit at the rate of the step that it falls into. */
function graduated(tiers: readonly Tier[], units: number): Part[] {
  let before = 0;
  return tiers.flatMap((tier, index) => {
    const upTo = tier.up_to ?? Number.POSITIVE_INFINITY;
    const here = Math.max(0, Math.min(units, upTo) - before);
    const reached = index === 0 || here > 0;
    before = Math.min(upTo, Math.max(units, before));
    return reached ? partsOfTier(tier, index + 1, here, true) : [];
  });
}

function partsOfTier(tier: Tier, number: number, units: number, flat: boolean): Part[] {
  const unit = tier.unit_amount_decimal;
  const fee = tier.flat_amount_decimal;
  const parts: Part[] = [];
  if (unit !== null || fee === null)
    parts.push({
      amount: times(unit ?? '0', units),
      quantity: units,
      unit_amount_decimal: unit ?? '0',
      tier: { number, flat: false },
    });
  if (fee !== null && flat)
    parts.push({
      amount: times(fee, 1),
      quantity: 0,
      unit_amount_decimal: null,
      tier: { number, flat: true },
    });
  return parts;
}
