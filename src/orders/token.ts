import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Secrets } from '../vault/vault.ts';

/**
 * What lets a buyer see one order: the same in every process and after every restart, worth nothing for any
 * other order. Follows from `QUITTANCE_SECRET`, so nothing is stored.
 */
export function orderToken(secret: string, orderId: string): string {
  return createHmac('sha256', secret).update(`order:${orderId}`).digest('base64url');
}

/** Compares in constant time, with secrets of before too. */
export function isOrderToken({ secret, previousSecrets }: Secrets, orderId: string, token: string): boolean {
  const given = Buffer.from(token);
  return [secret, ...previousSecrets].some((each) => {
    const expected = Buffer.from(orderToken(each, orderId));
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
}
