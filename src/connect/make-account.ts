import type Stripe from 'stripe';
import type { Clock } from '../clock.ts';
import type { Database } from '../db/database.ts';
import type { ReachFailpoint } from '../failpoints.ts';
import type { Problem } from '../http/problem.ts';
import type { Logger } from '../log.ts';
import { isKeyMismatch, stripeFailure, stripeRefusal } from '../stripe/failures.ts';
import { factsOfV1, factsOfV2, type AccountFacts } from './facts.ts';
import { beginNextKey, noteCreateTry, noteRefused } from './make-rows.ts';
import * as problems from './problems.ts';
import type { Reading } from './request.ts';
import { sellerById } from './rows.ts';
import { SELLER_FIELD, type SellerRow } from './seller.ts';
import type { SellerSync } from './sync.ts';

// Stripe keeps an idempotency key for at least 24 hours; near that age we look before we ask again.
const KEY_MS_MAX = 23 * 60 * 60 * 1000;
const LOOK_UP_SECONDS_EARLY = 60;
const LOOK_UP_ACCOUNTS_MAX = 2_000;
const BAD_REQUEST = 400;

export interface AccountMakerOptions {
  database: Database;
  clock: Clock;
  logger: Logger;
  reach: ReachFailpoint;
  /** Throws `stripe_not_configured` without a key. */
  stripe: () => Stripe;
  sync: SellerSync;
  /** Tells a person that a seller needs one. */
  alarm: (code: string, subject: string, detail: string) => void;
}

/** An account at Stripe and what it says of itself. */
interface Made {
  id: string;
  facts: AccountFacts;
}

/** Makes the account of a seller whose row is written: one account, however often it is tried. */
export class AccountMaker {
  readonly #options: AccountMakerOptions;

  constructor(options: AccountMakerOptions) {
    this.#options = options;
  }

  /** Problems: `stripe_unavailable` (502), `stripe_rejected` (422), `account_unsure` (409). */
  async make(seller: SellerRow): Promise<Reading<SellerRow>> {
    const { reach, stripe } = this.#options;
    try {
      const found = await this.#lookUp(seller, stripe());
      if (found === 'unsure') return { problem: problems.UNSURE };
      const made = found ?? (await this.#create(seller, stripe()));
      reach('seller.after_stripe');
      return { value: await this.#connect(seller, made) };
    } catch (error) {
      return { problem: this.#explain(seller, error) };
    }
  }

  /**
   * An account of an earlier try, when its key may be forgotten or stands for an old error. /v1 lists the
   * accounts of both APIs, and can be asked for those made since.
   */
  async #lookUp(seller: SellerRow, stripe: Stripe): Promise<Made | 'unsure' | null> {
    if (!seller.create_tried_at) return null;
    const age = this.#options.clock.now() - Date.parse(seller.create_tried_at);
    if (age < KEY_MS_MAX && seller.create_attempt === 1) return null;
    const since = Math.floor(Date.parse(seller.created_at) / 1000) - LOOK_UP_SECONDS_EARLY;
    let seen = 0;
    for await (const { id, metadata } of stripe.accounts.list({ created: { gte: since }, limit: 100 })) {
      if (metadata?.[SELLER_FIELD] === seller.id) {
        return { id, facts: await this.#options.sync.read(seller, id) };
      }
      if ((seen += 1) >= LOOK_UP_ACCOUNTS_MAX) return 'unsure';
    }
    return null;
  }

  async #create(seller: SellerRow, stripe: Stripe): Promise<Made> {
    const { database, clock } = this.#options;
    const attempt = await noteCreateTry(database.sql, seller.id, new Date(clock.now()));
    // Another process has begun a new key since we read the row.
    if (attempt !== seller.create_attempt) throw new KeyMovedOn();
    const options = { idempotencyKey: `quittance_seller_${seller.id}_${attempt}` };
    const made = await this.#ask(seller, stripe, options);
    // Under a key that was used before, the answer is the one of that time.
    if (seller.create_tried_at === null) return made;
    return { id: made.id, facts: await this.#options.sync.read(seller, made.id) };
  }

  async #ask(seller: SellerRow, stripe: Stripe, options: { idempotencyKey: string }): Promise<Made> {
    const { api, preset, create_params: params } = seller;
    try {
      if (api === 'v1') {
        const account = await stripe.accounts.create(params ?? {}, options);
        return { id: account.id, facts: factsOfV1(account, preset) };
      }
      const account = await stripe.v2.core.accounts.create(params ?? {}, options);
      return { id: account.id, facts: factsOfV2(account, preset) };
    } catch (error) {
      await this.#afterFailure(seller, error);
      throw error;
    }
  }

  async #afterFailure({ id, create_attempt: attempt }: SellerRow, error: unknown): Promise<void> {
    const { sql } = this.#options.database;
    const failure = stripeFailure(error);
    // Stripe answers a 5xx again to the same key, and a key that stands for another request says nothing of
    // this one: the next try takes a new one, after looking.
    if (failure === 'server_error' || isKeyMismatch(error)) {
      await beginNextKey(sql, id, attempt, new Date(this.#options.clock.now()));
    } else if (failure === 'rejected' && stripeRefusal(error).status === BAD_REQUEST) {
      // Nothing was made, also not by an earlier try under this key: the request may be corrected. A refusal
      // of our key (401, 403) tells nothing of earlier tries.
      await noteRefused(sql, id, attempt);
    }
  }

  async #connect(seller: SellerRow, { id: account, facts }: Made): Promise<SellerRow> {
    const { database, sync, alarm } = this.#options;
    const { id } = seller;
    const connected = await database.transaction((sql) => sync.connect(sql, { id, account, facts }));
    if (connected) return connected;
    alarm('seller_second_account', id, `Stripe has made ${account} for it as well: close that one there`);
    return (await sellerById(database.sql, id)) ?? seller;
  }

  #explain({ id }: SellerRow, error: unknown): Problem {
    if (error instanceof KeyMovedOn) return problems.UNAVAILABLE;
    const problem = problems.ofStripe(error);
    this.#options.logger.warn(
      { seller: id, stripe: problems.wordsOf(error) },
      'Stripe could not make an account',
    );
    return problem;
  }
}

/** The seller has another idempotency key than it had when it was read. */
class KeyMovedOn extends Error {}
