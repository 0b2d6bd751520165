import { randomBytes } from 'node:crypto';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const ID_CHARACTERS = 22;
// The largest multiple of 62 in a byte: taking more would favour the first letters.
const BYTE_LIMIT = 248;

/** A new id: the prefix, `_`, and 22 base-62 characters, about 128 bits. */
export function newId(prefix: string, bytes: (count: number) => Buffer = randomBytes): string {
  let text = '';
  while (text.length < ID_CHARACTERS) {
    for (const byte of bytes(ID_CHARACTERS)) {
      if (byte < BYTE_LIMIT && text.length < ID_CHARACTERS)
        text += ALPHABET[byte % ALPHABET.length] as string;
    }
  }
  return `${prefix}_${text}`;
}
