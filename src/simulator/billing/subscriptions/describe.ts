import type Stripe from 'stripe';
import { formatMoney } from '../../../money.ts';
import type { Realm } from '../../realm.ts';
import type { Part } from '../catalog/amounts.ts';

const EVERY: Readonly<Record<string, string>> = { day: 'day', week: 'week', month: 'month', year: 'year' };

/** `1 seat × Pro (at $25.00 / month)`: what one part of a subscription's item costs. */
export function describePart(realm: Realm, price: Stripe.Price, part: Part, currency: string): string {
  const unit = Number(part.unit_amount_decimal ?? part.amount);
  const cost = `${moneyOf(unit, currency)} ${every(price)}`;
  if (!part.tier) return `${counted(realm, price, part.quantity)} (at ${cost})`;
  const { number, flat } = part.tier;
  const name = productOf(realm, price)?.name ?? '';
  if (flat) return `${name} (Tier ${number} flat fee at ${cost})`;
  return `${counted(realm, price, part.quantity)} (Tier ${number} at ${cost})`;
}

/** What stands on the invoice of a trial. */
export function describeTrial(realm: Realm, price: Stripe.Price, quantity: number): string {
  return `Free trial for ${counted(realm, price, quantity)}`;
}

/** A credit for, or the cost of, what is left of a period. */
export function describeProration(
  realm: Realm,
  price: Stripe.Price,
  quantity: number,
  { unused, at }: { unused: boolean; at: number },
): string {
  const name = productOf(realm, price)?.name ?? '';
  const many = quantity === 1 ? name : `${quantity} × ${name}`;
  return `${unused ? 'Unused' : 'Remaining'} time on ${many} after ${dayOf(at)}`;
}

function counted(realm: Realm, price: Stripe.Price, quantity: number): string {
  const product = productOf(realm, price);
  const label = product?.unit_label ? `${product.unit_label} ` : '';
  return `${quantity} ${label}× ${product?.name ?? ''}`;
}

function every({ recurring }: Stripe.Price): string {
  const { interval = 'month', interval_count = 1 } = recurring ?? {};
  const unit = EVERY[interval] ?? interval;
  return interval_count === 1 ? `/ ${unit}` : `every ${interval_count} ${unit}s`;
}

function moneyOf(value: number, currency: string): string {
  return formatMoney({ value: Math.round(value), currency });
}

function productOf(realm: Realm, price: Stripe.Price): Stripe.Product | undefined {
  return realm.get('product', price.product as string);
}

function dayOf(at: number): string {
  const day = new Date(at * 1000);
  const month = day.toLocaleString('en-GB', { month: 'short', timeZone: 'UTC' });
  return `${day.getUTCDate()} ${month} ${day.getUTCFullYear()}`;
}
