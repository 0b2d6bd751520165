import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Problem } from '../http/problem.ts';
import type { Product } from '../orders/products.ts';

const KEY_CHARACTERS_MAX = 255;

/** What a buyer may ask for. The price is not among it. */
export interface PaymentRequest {
  product: Product;
  quantity: number;
  email: string | null;
  /** The `Idempotency-Key` header: the same key twice is the same order. */
  requestKey: string | null;
}

export type Reading<T> = { readonly value: T } | { readonly problem: Problem };

const bodySchema = z.strictObject({
  id: z.string({ error: 'must be the id of a product' }),
  quantity: z.int({ error: 'must be a whole number' }).default(1),
  email: z.email({ error: 'must be an e-mail address' }).max(254).optional(),
});

/**
 * Reads `{ id, quantity, email }`. Problems: `invalid_request` (400, `field` names what is wrong: an unknown
 * field, a wrong type, a quantity out of range), `product_not_found` (404), `invalid_idempotency_key` (400).
 */
export function readPaymentRequest(
  body: unknown,
  requestKey: string | null,
  products: readonly Product[],
): Reading<PaymentRequest> {
  const parsed = bodySchema.safeParse(body);
  if (!parsed.success) return { problem: invalid(parsed.error.issues[0]) };
  const { id, quantity, email = null } = parsed.data;
  const product = products.find((candidate) => candidate.id === id);
  if (!product) return { problem: unknownProduct(id) };
  if (quantity < 1 || quantity > product.max_quantity) {
    return { problem: badField('quantity', `must be between 1 and ${product.max_quantity}`) };
  }
  if (requestKey !== null && !/^[\x21-\x7e]+$/.test(requestKey.slice(0, KEY_CHARACTERS_MAX + 1))) {
    return { problem: badKey() };
  }
  if (requestKey !== null && requestKey.length > KEY_CHARACTERS_MAX) return { problem: badKey() };
  return { value: { product, quantity, email, requestKey } };
}

/** Tells whether a repeated key asks for the same thing. */
export function requestHash({ product, quantity, email }: PaymentRequest, ui: string): string {
  return createHash('sha256')
    .update(JSON.stringify([product.id, quantity, email, ui]))
    .digest('hex');
}

export function unknownProduct(id: string): Problem {
  const detail = `There is no product ${JSON.stringify(id.slice(0, 100))}.`;
  return { status: 404, code: 'product_not_found', detail };
}

function invalid(issue: z.core.$ZodIssue | undefined): Problem {
  if (issue?.code === 'unrecognized_keys') {
    return badField(issue.keys[0] ?? '', 'is not a known field; known are id, quantity and email');
  }
  const field = issue?.path.join('.') ?? '';
  if (field === '')
    return badField('', 'the body must be a JSON object such as {"id":"coffee","quantity":1}');
  return badField(field, issue?.message ?? 'is wrong');
}

function badField(field: string, message: string): Problem {
  const detail = field === '' ? message : `"${field}" ${message}.`;
  return { status: 400, code: 'invalid_request', detail, extra: field === '' ? {} : { field } };
}

function badKey(): Problem {
  return {
    status: 400,
    code: 'invalid_idempotency_key',
    detail: `Idempotency-Key must be 1 to ${KEY_CHARACTERS_MAX} visible ASCII characters.`,
  };
}
