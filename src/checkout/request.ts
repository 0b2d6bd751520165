import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Problem } from '../http/problem.ts';
import { badField, checkIdempotencyKey, invalidRequest, type Read } from '../http/request.ts';
import { feeSchema, type Fee } from '../orders/fee.ts';
import { chargeSchema, sellerReferenceSchema, type Product } from '../orders/products.ts';

// Stripe takes no more line items in one payment.
const ITEMS_MAX = 100;

/** One thing that is asked for. Only the platform's own programs may name a seller and a fee. */
export interface Line {
  product: Product;
  quantity: number;
  seller?: string | undefined;
  fee?: Fee | undefined;
}

/** What is to be paid. The price is not among it. */
export interface PaymentRequest {
  /** Who asks: only the platform's own programs are told of sellers. */
  from: 'buyer' | 'platform';
  lines: Line[];
  /** Instead of what the products say, for the whole order; null when it is not said. */
  charge: z.output<typeof chargeSchema> | null;
  onBehalfOf: boolean | null;
  email: string | null;
  /** The `Idempotency-Key` header: the same key twice is the same order. */
  requestKey: string | null;
}

const id = z.string({ error: 'must be the id of a product' });
const quantity = z.int({ error: 'must be a whole number' }).default(1);
const email = z.email({ error: 'must be an e-mail address' }).max(254).optional();

function itemsOf<T extends z.ZodType>(item: T): z.ZodArray<T> {
  return z
    .array(item, { error: 'must be a list such as [{"id":"coffee","quantity":1}]' })
    .min(1, 'must have at least one item')
    .max(ITEMS_MAX, `must have at most ${ITEMS_MAX} items`);
}

/** What a buyer asks for: one product, or a cart of them. */
export const oneSchema = z.strictObject({ id, quantity, email });
export const cartSchema = z.strictObject({ items: itemsOf(z.strictObject({ id, quantity })), email });

const seller = sellerReferenceSchema.optional();
const fee = feeSchema.optional();

/** The body of `POST /api/orders`. */
export const orderRequestSchema = z.strictObject({
  items: itemsOf(z.strictObject({ id, quantity, seller, fee })),
  seller,
  fee,
  charge: chargeSchema.optional(),
  on_behalf_of: z.boolean({ error: 'must be true or false' }).optional(),
  email,
  ui: z.enum(['hosted_page', 'elements']).default('hosted_page'),
});

/**
 * Reads what a buyer asks for: `{ id, quantity, email }`, or `{ items: [{ id, quantity }], email }`.
 * Problems: `invalid_request` (400, `field` names what is wrong: an unknown field, a wrong type, a quantity
 * out of range), `product_not_found` (404), `invalid_idempotency_key` (400).
 */
export function readPaymentRequest(
  body: unknown,
  requestKey: string | null,
  products: readonly Product[],
): Read<PaymentRequest> {
  const isCart = typeof body === 'object' && body !== null && Object.hasOwn(body, 'items');
  const parsed = isCart ? cartSchema.safeParse(body) : oneSchema.safeParse(body);
  if (!parsed.success) return { problem: invalidRequest(parsed.error, '{"id":"coffee","quantity":1}') };
  const asked = 'items' in parsed.data ? parsed.data.items : [parsed.data];
  const lines = linesOf(asked, products, isCart);
  if ('problem' in lines) return lines;
  const twice = lines.value.findIndex(({ product }, at) =>
    asked.slice(0, at).some((x) => x.id === product.id),
  );
  if (twice >= 0)
    return { problem: badField(`items.${twice}.id`, 'stands there twice: add the quantities up') };
  const rest = { from: 'buyer', charge: null, onBehalfOf: null, email: parsed.data.email } as const;
  return finish(lines.value, rest, requestKey);
}

/**
 * An order of the platform's own programs, who may also name sellers, fees and the kind of charge. What an
 * item names goes before what the order names, and that before what the product says. Problems:
 * `product_not_found` (404), `invalid_request` (400, a quantity out of range).
 */
export function readOrderRequest(
  body: z.output<typeof orderRequestSchema>,
  requestKey: string | null,
  products: readonly Product[],
): Read<PaymentRequest> {
  const { items, charge = null, on_behalf_of: onBehalfOf = null, email: address } = body;
  const asked = items.map((item) => ({
    ...item,
    seller: item.seller ?? body.seller,
    fee: item.fee ?? body.fee,
  }));
  const lines = linesOf(asked, products, true);
  if ('problem' in lines) return lines;
  return finish(lines.value, { from: 'platform', charge, onBehalfOf, email: address }, requestKey);
}

/** Tells whether a repeated key asks for the same thing. */
export function requestHash(request: PaymentRequest, ui: string): string {
  const lines = request.lines.map((line) => [line.product.id, line.quantity, line.seller, line.fee]);
  return createHash('sha256')
    .update(JSON.stringify([request.from, lines, request.charge, request.onBehalfOf, request.email, ui]))
    .digest('hex');
}

export function unknownProduct(name: string): Problem {
  const detail = `There is no product ${JSON.stringify(name.slice(0, 100))}.`;
  return { status: 404, code: 'product_not_found', detail };
}

interface Asked {
  id: string;
  quantity: number;
  seller?: string | undefined;
  fee?: Fee | undefined;
}

function linesOf(asked: readonly Asked[], products: readonly Product[], named: boolean): Read<Line[]> {
  const lines: Line[] = [];
  for (const [at, item] of asked.entries()) {
    const product = products.find((candidate) => candidate.id === item.id);
    if (!product) return { problem: unknownProduct(item.id) };
    if (item.quantity < 1 || item.quantity > product.max_quantity) {
      const field = named ? `items.${at}.quantity` : 'quantity';
      return { problem: badField(field, `must be between 1 and ${product.max_quantity}`) };
    }
    lines.push({ product, quantity: item.quantity, seller: item.seller, fee: item.fee });
  }
  return { value: lines };
}

function finish(
  lines: Line[],
  rest: Pick<PaymentRequest, 'from' | 'charge' | 'onBehalfOf'> & { email: string | undefined },
  requestKey: string | null,
): Read<PaymentRequest> {
  const key = checkIdempotencyKey(requestKey);
  if ('problem' in key) return key;
  return { value: { lines, ...rest, email: rest.email ?? null, requestKey } };
}
