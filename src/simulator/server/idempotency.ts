import { createHash } from 'node:crypto';
import type { Store, StripeObject, World } from '../store/store.ts';
import { StripeError, badParameter } from './errors.ts';

// docs.stripe.com/api/idempotent_requests
const KEY_CHARS_MAX = 255;
const KEPT_SECONDS = 24 * 3600;
const KIND = '_idempotency';

/** How many outdated keys one new key sweeps away: two keep the table from growing, and cost nothing. */
const SWEEP_ROWS = 2;

/** The first execution's outcome, kept under its key. */
export interface Saved {
  fingerprint: string;
  path: string;
  status: number;
  body: StripeObject;
  /** The id of the request that was really executed. */
  request: string;
  created: number;
}

/** One request that carries a key; exists while it runs. */
export interface KeyUse {
  key: string;
  fingerprint: string;
  path: string;
}

/** Which keys are in use, and what was answered under each, per account and mode. */
export class Idempotency {
  readonly #store: Store;
  readonly #running = new Set<string>();

  constructor(store: Store) {
    this.#store = store;
  }

  /**
   * Claims the key for a request, or returns what its first execution answered. Throws Stripe's 409 when
   * the key is being used at this moment, and its 400 when it belongs to other parameters.
   */
  begin(world: World, { key, fingerprint, path }: KeyUse, now: number): Saved | undefined {
    if (key.length > KEY_CHARS_MAX)
      throw badParameter(`Idempotency keys can be at most ${KEY_CHARS_MAX} characters long.`);
    if (this.#running.has(running(world, key))) throw inUse(key);
    const row = this.#store.table(world, KIND).get(key);
    const saved = row?.object as Saved | undefined;
    if (!saved || now - saved.created >= KEPT_SECONDS) {
      this.#running.add(running(world, key));
      return undefined;
    }
    if (saved.path !== path) throw otherEndpoint(key, path, saved.path);
    if (saved.fingerprint !== fingerprint) throw mismatch(key);
    return saved;
  }

  /** Keeps the outcome; part of the transaction that the request ran in. */
  save(world: World, key: string, saved: Saved): void {
    for (const row of this.#store.table(world, KIND).order.slice(0, SWEEP_ROWS))
      if (!row.gone && saved.created - (row.object as unknown as Saved).created >= KEPT_SECONDS)
        this.#store.remove(world, KIND, row.id);
    this.#store.put(world, KIND, key, { ...saved });
  }

  /** The request with this key has ended, whatever came of it. */
  end(world: World, key: string): void {
    this.#running.delete(running(world, key));
  }
}

/** Tells parameters from others, in whatever order they were sent. */
export function fingerprint(body: string): string {
  const sorted = body.startsWith('{') ? body : body.split('&').toSorted().join('&');
  return createHash('sha256').update(sorted).digest('base64').slice(0, 32);
}

function running({ account, livemode }: World, key: string): string {
  return `${account} ${livemode} ${key}`;
}

function inUse(key: string): StripeError {
  const message =
    `There is currently another in-progress request using this Idempotent Key (that probably means you ` +
    `submitted ` +
    `twice, and the other request is still going through): ${key}. Please try again later.`;
  return new StripeError(message, {
    status: 409,
    type: 'idempotency_error',
    code: 'idempotency_key_in_use',
    validation: true,
  });
}

function otherEndpoint(key: string, path: string, first: string): StripeError {
  const message =
    `Keys for idempotent requests can only be used for the same endpoint they were first used for ` +
    `('${path}' vs '${first}'). Try using a key other than '${key}' if you meant to execute a different ` +
    'request.';
  return new StripeError(message, { status: 400, type: 'idempotency_error', validation: true });
}

function mismatch(key: string): StripeError {
  const message =
    `Keys for idempotent requests can only be used with the same parameters they were first used with. ` +
    `Try using a key other than '${key}' if you meant to execute a different request.`;
  return new StripeError(message, { status: 400, type: 'idempotency_error', validation: true });
}
