import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { QuittanceError } from '../errors.ts';

const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;
const KEY_ID_BYTES = 4;
// 96 bits, which GCM takes as they are. Drawn at random they are good for 2^32 values under one key
// (NIST SP 800-38D, 8.3).
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export interface VaultSecrets {
  /** `QUITTANCE_SECRET`: everything is sealed with it. */
  secret: string;
  /** What it replaced: what they sealed can still be opened. */
  previousSecrets: readonly string[];
}

/** A value that only who knows the secret can read. */
export interface Sealed {
  /** Which secret opens it: eight hex digits that follow from the secret and tell nothing of it. */
  key_id: string;
  sealed: Buffer;
}

/**
 * Seals what is kept for others: AES-256-GCM, under a key that follows from `QUITTANCE_SECRET` by HKDF
 * (RFC 5869). Each value is bound to its place: a row that was moved or copied to another one does not open.
 */
export class Vault {
  readonly keyId: string;
  readonly #keys: ReadonlyMap<string, Buffer>;

  constructor({ secret, previousSecrets }: VaultSecrets) {
    this.keyId = keyIdOf(secret);
    this.#keys = new Map([...previousSecrets, secret].map((each) => [keyIdOf(each), keyOf(each)]));
  }

  seal(plain: string, bound: string): Sealed {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, this.#keys.get(this.keyId) as Buffer, nonce);
    cipher.setAAD(Buffer.from(bound));
    const sealed = Buffer.concat([nonce, cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return { key_id: this.keyId, sealed };
  }

  /** Throws `sealed_with_unknown_key` or `sealed_data_damaged`; neither tells what was in it. */
  open({ key_id, sealed }: Sealed, bound: string): string {
    const key = this.#keys.get(key_id);
    if (!key) throw unknownKey(key_id, bound);
    if (sealed.length < NONCE_BYTES + TAG_BYTES) throw damaged(bound);
    const end = sealed.length - TAG_BYTES;
    const decipher = createDecipheriv(CIPHER, key, sealed.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(Buffer.from(bound));
    decipher.setAuthTag(sealed.subarray(end));
    const plain = decipher.update(sealed.subarray(NONCE_BYTES, end));
    try {
      return Buffer.concat([plain, decipher.final()]).toString('utf8');
    } catch (error) {
      throw damaged(bound, error);
    }
  }
}

function keyOf(secret: string): Buffer {
  return derive(secret, 'quittance vault key', KEY_BYTES);
}

function keyIdOf(secret: string): string {
  return derive(secret, 'quittance vault key id', KEY_ID_BYTES).toString('hex');
}

function derive(secret: string, label: string, bytes: number): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', label, bytes));
}

function unknownKey(keyId: string, bound: string): QuittanceError {
  const message =
    `What is kept at ${bound} was sealed with another secret (key ${keyId}): set QUITTANCE_SECRET_PREVIOUS ` +
    'to the secret that QUITTANCE_SECRET replaced, and run "quittance secrets rotate".';
  return new QuittanceError({ code: 'sealed_with_unknown_key', message });
}

function damaged(bound: string, cause?: unknown): QuittanceError {
  const message =
    `What is kept at ${bound} can't be opened: its bytes were changed, or it was written for another place. ` +
    'Restore it from a backup, or delete it and have it made anew.';
  return new QuittanceError({ code: 'sealed_data_damaged', message, cause });
}
