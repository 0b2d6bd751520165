import { createHash } from 'node:crypto';
import type { Sql } from '../db/sql.ts';
import { addUses } from './secret-use-rows.ts';

const FLUSH_MS = 1_000;
const FINGERPRINT_DIGITS = 8;

/** The beginning of a hash: tells secrets apart and tells nothing of them. */
export function fingerprintOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex').slice(0, FINGERPRINT_DIGITS);
}

/** Remembers which signing secrets are in use; written down a little later, and never in a request's way. */
export class SecretUse {
  readonly #sql: Sql;
  readonly #uses = new Map<string, Map<string, number>>();
  #isPlanned = false;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** This secret has signed something that came to this endpoint. */
  used(endpoint: string, secret: string): void {
    const ofEndpoint = this.#uses.get(endpoint) ?? new Map<string, number>();
    this.#uses.set(endpoint, ofEndpoint);
    ofEndpoint.set(secret, (ofEndpoint.get(secret) ?? 0) + 1);
    if (!this.#isPlanned) setTimeout(() => void this.#flush(), FLUSH_MS).unref();
    this.#isPlanned = true;
  }

  // What can't be written is of no importance: the next request tells of the same secret.
  async #flush(): Promise<void> {
    this.#isPlanned = false;
    const uses = [...this.#uses].flatMap(([endpoint, secrets]) =>
      [...secrets].map(([secret, count]) => ({ endpoint, fingerprint: fingerprintOf(secret), count })),
    );
    this.#uses.clear();
    await addUses(this.#sql, uses).catch(() => {});
  }
}
