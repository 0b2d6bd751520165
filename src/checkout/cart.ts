import type { Problem } from '../http/problem.ts';
import { badField, type Read } from '../http/request.ts';
import { formatMoney, type Money } from '../money.ts';
import { feeOf } from '../orders/fee.ts';
import type { ChargeType, OrderItem } from '../orders/order.ts';
import { AMOUNT_MAX } from '../orders/products.ts';
import type { Line, PaymentRequest } from './request.ts';

/** What an order will consist of: prices, sellers and fees. Whether they can sell was not asked yet. */
export interface Cart {
  items: OrderItem[];
  amount: Money;
  chargeType: ChargeType;
  /** The seller is the merchant of record. */
  onBehalfOf: boolean;
  /** What each seller's lines come to, by the platform's reference. */
  shares: { reference: string; amount: number; fee: number }[];
}

/** Prices a request. Problems: `invalid_request` (400) when its lines can't be paid together. */
export function cartOf(request: PaymentRequest): Read<Cart> {
  const { lines } = request;
  const currency = lines[0]?.product.currency ?? '';
  const foreign = lines.findIndex(({ product }) => product.currency !== currency);
  if (foreign >= 0) {
    const other = lines[foreign]?.product.currency;
    return refuse(`items.${foreign}.id`, `is priced in ${other}, the first item in ${currency}`);
  }
  const aimless = lines.findIndex((line) => line.fee !== undefined && sellerOf(line) === null);
  if (aimless >= 0) return refuse(`items.${aimless}.fee`, 'needs a seller to be taken from');
  const items = lines.map(itemOf);
  const value = items.reduce((sum, { amount }) => sum + amount, 0);
  if (value > AMOUNT_MAX) {
    const most = formatMoney({ value: AMOUNT_MAX, currency });
    return refuse('items', `come to more than one payment can be (${most})`);
  }
  const shares = sharesOf(items);
  const type = chargeTypeOf(request, shares.length);
  if ('problem' in type) return type;
  const onBehalfOf = behalfOf(request, type.value);
  if ('problem' in onBehalfOf) return onBehalfOf;
  const amount = { value, currency };
  return { value: { items, amount, chargeType: type.value, onBehalfOf: onBehalfOf.value, shares } };
}

function sellerOf({ seller, product }: Line): string | null {
  return seller ?? product.seller ?? null;
}

function itemOf(line: Line): OrderItem {
  const { product, quantity } = line;
  const amount = product.price * quantity;
  const seller = sellerOf(line);
  const fee = seller === null ? 0 : feeOf(amount, line.fee ?? product.fee ?? {});
  return {
    product: product.id,
    name: product.name,
    quantity,
    unit_amount: product.price,
    amount,
    seller,
    fee,
  };
}

function sharesOf(items: readonly OrderItem[]): Cart['shares'] {
  const shares = new Map<string, { reference: string; amount: number; fee: number }>();
  for (const { seller: reference, amount, fee } of items) {
    if (reference === null) continue;
    const share = shares.get(reference) ?? { reference, amount: 0, fee: 0 };
    shares.set(reference, { reference, amount: share.amount + amount, fee: share.fee + fee });
  }
  return [...shares.values()];
}

/**
 * One seller's cart follows what the order or its products say; what belongs to several, the platform among
 * them, can only be one charge of the platform's with a transfer to each.
 */
function chargeTypeOf({ lines, charge }: PaymentRequest, sellers: number): Read<ChargeType> {
  if (sellers === 0) {
    return charge === null ? { value: 'platform' } : refuse('charge', 'needs a seller: no item has one');
  }
  const sold = lines.filter((line) => sellerOf(line) !== null);
  const wanted = new Set(charge === null ? sold.map(({ product }) => product.charge) : [charge]);
  const alone = sellers === 1 && sold.length === lines.length;
  if (wanted.has('direct')) {
    if (alone && wanted.size === 1) return { value: 'direct' };
    return refuse(
      charge === null ? 'items' : 'charge',
      'can not be paid together: a direct charge is for the items of one seller, who takes them all directly',
    );
  }
  if (charge === 'destination' && !alone) {
    return refuse('charge', 'must be "separate" when the items are not all of one seller');
  }
  return { value: alone && !wanted.has('separate') ? 'destination' : 'separate' };
}

function behalfOf({ lines, onBehalfOf }: PaymentRequest, type: ChargeType): Read<boolean> {
  const wanted = onBehalfOf ?? (type !== 'direct' && lines.some(({ product }) => product.on_behalf_of));
  if (!wanted || type === 'destination') return { value: wanted };
  if (onBehalfOf !== null) return refuse('on_behalf_of', 'goes with charge "destination" only');
  const at = lines.findIndex(({ product, seller }) => product.on_behalf_of && (seller ?? product.seller));
  if (at < 0) return { value: false };
  return refuse(`items.${at}.id`, 'is sold on behalf of its seller, so only together with their other items');
}

function refuse(field: string, message: string): { problem: Problem } {
  return { problem: badField(field, message) };
}
