import type Stripe from 'stripe';
import type { Database } from '../db/database.ts';
import type { Sql } from '../db/sql.ts';
import type { Enqueue } from '../inbox/handlers.ts';
import { admitAccount, dismissAccount } from '../inbox/known-accounts.ts';
import { enqueueOn } from '../jobs/enqueue.ts';
import { stripeFailure, stripeRefusal } from '../stripe/failures.ts';
import { factsOfNone, factsOfV1, factsOfV2, INCLUDE, type AccountFacts } from './facts.ts';
import * as rows from './rows.ts';
import type { SellerRow } from './seller.ts';
import { standingOf } from './standing.ts';
import { UnderWay } from '../under-way.ts';

/** Closes the open payment links of a seller that is no longer connected. */
export const CLOSE_LINKS_JOB = 'quittance.close_seller_links';
/** Tells the host that a seller's status changed. */
export const SELLER_CHANGED_JOB = 'quittance.seller_changed';

// A payment link that was being made when the seller went away is open by then.
const CLOSE_AGAIN_MS = 60_000;
// An account that is new to us was read before the transaction that stores it.
const READ_SECONDS_AGO_MAX = 60;
const NOT_FOUND = 404;
const NO_ACCESS = new Set(['account_invalid', 'resource_missing', 'not_found']);

/** What of a seller's change travels to `onSellerChange`. */
export interface SellerChange {
  seller: string;
  status: SellerRow['status'];
  previous: SellerRow['status'];
}

/** One transaction. */
export interface SyncContext {
  sql: Sql;
  enqueue: Enqueue;
}

export interface SellerSyncOptions {
  database: Database;
  /** Our own client: what a platform may see of its accounts, it sees as itself. Throws without a key. */
  stripe: () => Stripe;
  /** Whether anybody wants to know of changes. */
  announces: boolean;
}

/** Brings sellers to what Stripe says of their accounts. The only way a seller's status changes. */
export class SellerSync {
  readonly #options: SellerSyncOptions;
  readonly #underWay = new UnderWay<SellerRow | null>();

  constructor(options: SellerSyncOptions) {
    this.#options = options;
  }

  /**
   * Reads the account under the seller's lock, so that nothing older is written after something newer.
   * Null when there is no such seller.
   */
  async sync(id: string, context: SyncContext): Promise<SellerRow | null> {
    const seller = await rows.lockSeller(context.sql, id);
    if (!seller?.account) return seller;
    return this.save(seller, await this.read(seller, seller.account), context);
  }

  /** The same in a transaction of its own; who asks for it while it is under way is answered with it. */
  refresh(id: string): Promise<SellerRow | null> {
    const { database } = this.#options;
    return this.#underWay.join(id, () =>
      database.transaction((sql) => this.sync(id, { sql, enqueue: enqueueOn(sql) })),
    );
  }

  /** What Stripe says of an account now; that it has none for us is an answer too. */
  async read({ api, preset }: Pick<SellerRow, 'api' | 'preset'>, account: string): Promise<AccountFacts> {
    const stripe = this.#options.stripe();
    try {
      if (api === 'v1') return factsOfV1(await stripe.accounts.retrieve(account), preset);
      return factsOfV2(await stripe.v2.core.accounts.retrieve(account, { include: INCLUDE }), preset);
    } catch (error) {
      if (stripeFailure(error) !== 'rejected') throw error;
      const { code, status } = stripeRefusal(error);
      if (NO_ACCESS.has(code ?? '') || status === NOT_FOUND) return factsOfNone('no_access');
      throw error;
    }
  }

  /**
   * Stores a seller's account, lets its events in, and writes what Stripe says of it. Null when the seller
   * has another; PostgreSQL's unique_violation when another seller has it.
   */
  async connect(
    sql: Sql,
    { id, account, facts }: { id: string; account: string; facts: AccountFacts },
  ): Promise<SellerRow | null> {
    const before = await rows.lockSeller(sql, id);
    if (before?.account === account && before.status !== 'disconnected') return before;
    const taken = await rows.takeAccount(sql, id, account);
    if (!taken) return null;
    await admitAccount(sql, account, taken.livemode);
    return this.save(taken, facts, { sql, enqueue: enqueueOn(sql) }, READ_SECONDS_AGO_MAX);
  }

  /** Writes what Stripe says of a seller whose row is locked, and what follows from it. */
  async save(
    seller: SellerRow,
    facts: AccountFacts,
    context: SyncContext,
    readSecondsAgo = 0,
  ): Promise<SellerRow> {
    const standing = standingOf(facts, seller);
    if (standing.status === 'disconnected') {
      return this.disconnect(seller, standing.reason ?? 'no_access', context);
    }
    // It was away and is back: by OAuth again, or our key was the wrong one for a while.
    if (seller.status === 'disconnected' && seller.account !== null) {
      await admitAccount(context.sql, seller.account, seller.livemode);
    }
    const saved = await rows.saveStanding(context.sql, seller.id, standing, readSecondsAgo);
    await this.#announce(seller, saved, context);
    return saved;
  }

  /**
   * Takes a seller whose row is locked out of business: nothing can be sold for it, its open payment links
   * are closed, and the events of its account are put aside. Twice is once.
   */
  async disconnect(seller: SellerRow, reason: string, context: SyncContext): Promise<SellerRow> {
    const { sql, enqueue } = context;
    if (seller.status === 'disconnected') {
      await rows.noteSellerChecked(sql, seller.id);
      return seller;
    }
    const gone = await rows.markDisconnected(sql, seller.id, reason);
    // A closed account is still ours: its last payouts and disputes are told of.
    if (seller.account !== null && reason !== 'account_closed') {
      await dismissAccount(sql, seller.account, seller.livemode);
    }
    const runAt = new Date(Date.now() + CLOSE_AGAIN_MS);
    await enqueue(CLOSE_LINKS_JOB, { seller: seller.id });
    await enqueue(CLOSE_LINKS_JOB, { seller: seller.id }, { runAt, key: `close_links_${seller.id}` });
    await this.#announce(seller, gone, context);
    return gone;
  }

  async #announce(before: SellerRow, now: SellerRow, { enqueue }: SyncContext): Promise<void> {
    if (!this.#options.announces || before.status === now.status) return;
    const change: SellerChange = { seller: now.id, status: now.status, previous: before.status };
    await enqueue(SELLER_CHANGED_JOB, change);
  }
}
