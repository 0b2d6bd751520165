import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const ID_CHARACTERS = 22;

/** A new order id: `ord_` and 22 base-62 characters, about 128 bits. */
export function newOrderId(bytes: (count: number) => Buffer = randomBytes): string {
  let id = 'ord_';
  while (id.length < ID_CHARACTERS + 4) {
    // 248 is the largest multiple of 62 in a byte: taking more would favour the first letters.
    for (const byte of bytes(ID_CHARACTERS)) {
      if (byte < 248 && id.length < ID_CHARACTERS + 4) id += ALPHABET[byte % ALPHABET.length] as string;
    }
  }
  return id;
}

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
