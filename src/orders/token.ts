import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * What lets a buyer see one order: the same in every process and after every restart, worth nothing for any
 * other order. Follows from `QUITTANCE_SECRET`, so nothing is stored.
 */
export function orderToken(secret: string, orderId: string): string {
  return createHmac('sha256', secret).update(`order:${orderId}`).digest('base64url');
}

/** Compares in constant time. */
export function isOrderToken(secret: string, orderId: string, token: string): boolean {
  const expected = Buffer.from(orderToken(secret, orderId));
  const given = Buffer.from(token);
  return given.length === expected.length && timingSafeEqual(given, expected);
}
