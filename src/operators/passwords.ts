import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { normalName } from './operator.ts';

// OWASP's second setting for scrypt (Password Storage Cheat Sheet): as dear to guess as N=2^17, p=1, with a
// quarter of its memory, 32 MiB, for each password that is looked at.
const COST = 2 ** 15;
const BLOCK_SIZE = 8;
const PARALLELIZATION = 3;
const SALT_BYTES = 16;
const HASH_BYTES = 32;
// Half of the threads that node has for this, for names of hosts and for files.
const AT_ONCE_MAX = 2;
const WAITING_MAX = 16;

export const PASSWORD_CHARACTERS_MIN = 12;
export const PASSWORD_CHARACTERS_MAX = 256;

interface Hash {
  cost: number;
  blockSize: number;
  parallelization: number;
  salt: Buffer;
  hash: Buffer;
}

/** Why a password will not do, in words; null when it does. */
export function weakness(password: string, name: string): string | null {
  const { length } = normal(password);
  if (length < PASSWORD_CHARACTERS_MIN) return `needs at least ${PASSWORD_CHARACTERS_MIN} characters`;
  if (length > PASSWORD_CHARACTERS_MAX) return `may have at most ${PASSWORD_CHARACTERS_MAX} characters`;
  if (!password.isWellFormed()) return 'holds a character that is none';
  const spelled = normalName(password);
  return spelled === name || spelled === name.split('@')[0] ? 'may not be the name' : null;
}

/** Hashes passwords with scrypt, a few at once. Memory is bounded: beyond that the answer is null. */
export class Passwords {
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  /** Text that holds everything needed to check a password later. */
  async hash(password: string): Promise<string | null> {
    const salt = randomBytes(SALT_BYTES);
    const made = { cost: COST, blockSize: BLOCK_SIZE, parallelization: PARALLELIZATION, salt };
    const hash = await this.#derive(password, { ...made, hash: Buffer.alloc(HASH_BYTES) });
    return hash === null ? null : textOf({ ...made, hash });
  }

  /** Without a stored hash it takes as long, and is false. */
  async verify(password: string, stored: string | null): Promise<boolean | null> {
    const known = stored === null ? nobodys() : hashOfText(stored);
    const hash = await this.#derive(password, known);
    return hash === null ? null : timingSafeEqual(hash, known.hash) && stored !== null;
  }

  async #derive(password: string, known: Hash): Promise<Buffer | null> {
    if (this.#running === AT_ONCE_MAX) {
      if (this.#waiting.length === WAITING_MAX) return null;
      // Whoever is done hands over its place.
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else {
      this.#running += 1;
    }
    try {
      return await derive(normal(password), known);
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running -= 1;
    }
  }
}

// The same letters may be typed as different code points, by the same person on another machine.
function normal(password: string): string {
  return password.normalize('NFC');
}

function derive(password: string, { cost, blockSize, parallelization, salt, hash }: Hash): Promise<Buffer> {
  const maxmem = 256 * cost * blockSize;
  return new Promise((resolve, reject) =>
    scrypt(password, salt, hash.length, { cost, blockSize, parallelization, maxmem }, (error, key) =>
      error ? reject(error) : resolve(key),
    ),
  );
}

function nobodys(): Hash {
  const made = { cost: COST, blockSize: BLOCK_SIZE, parallelization: PARALLELIZATION };
  return { ...made, salt: randomBytes(SALT_BYTES), hash: randomBytes(HASH_BYTES) };
}

function textOf({ cost, blockSize, parallelization, salt, hash }: Hash): string {
  const bytes = [salt, hash].map((each) => each.toString('base64url')).join('$');
  return `scrypt$${cost}$${blockSize}$${parallelization}$${bytes}`;
}

function hashOfText(text: string): Hash {
  const [, cost, blockSize, parallelization, salt = '', hash = ''] = text.split('$');
  return {
    cost: Number(cost),
    blockSize: Number(blockSize),
    parallelization: Number(parallelization),
    salt: Buffer.from(salt, 'base64url'),
    hash: Buffer.from(hash, 'base64url'),
  };
}
