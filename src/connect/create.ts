import { isUniqueViolation } from '../db/constraint.ts';
import { newId } from '../ids.ts';
import { accountParams, businessTypeOf, nameOf } from './account-params.ts';
import type { AccountFacts } from './facts.ts';
import { AccountMaker, type AccountMakerOptions } from './make-account.ts';
import { deleteSeller, insertSeller, replaceRefused, type NewSeller } from './make-rows.ts';
import * as problems from './problems.ts';
import { contradictionOf, hashesOf, type Reading, type SellerRequest } from './request.ts';
import { sellerByReference } from './rows.ts';
import type { SellerRow } from './seller.ts';
import type { ConnectSettings } from './settings.ts';
import { UnderWay } from '../under-way.ts';
import type { Secrets } from '../vault/vault.ts';

export interface SellersOptions extends AccountMakerOptions {
  livemode: boolean;
  /** Whether there is a Stripe key. */
  isConfigured: boolean;
  settings: ConnectSettings;
  secrets: Secrets;
  /** Whether sellers may come by OAuth. */
  oauth: boolean;
}

/** A seller, and whether this request made it. */
export interface AddedSeller {
  seller: SellerRow;
  fresh: boolean;
}

/** Takes sellers on: the row first, then Stripe, under an idempotency key that comes from the row. */
export class Sellers {
  readonly #options: SellersOptions;
  readonly #maker: AccountMaker;
  readonly #underWay = new UnderWay<Reading<SellerRow>>();

  constructor(options: SellersOptions) {
    this.#options = options;
    this.#maker = new AccountMaker(options);
  }

  /**
   * The seller of this reference, with an account at Stripe unless it comes by OAuth. Problems:
   * `stripe_not_configured` (503), `oauth_not_configured` (409), `invalid_request` (400),
   * `seller_reference_used` (409, `field`), `account_not_found` (422), `account_in_use` (409),
   * `stripe_unavailable` (502; the row stays, the same request tries again), `stripe_rejected` (422).
   */
  async add(request: SellerRequest): Promise<Reading<AddedSeller>> {
    const { database, livemode, oauth } = this.#options;
    if (!this.#options.isConfigured) return { problem: problems.NOT_CONFIGURED };
    if (request.mode === 'oauth' && !oauth) return { problem: problems.OAUTH_OFF };
    const known = await sellerByReference(database.sql, livemode, request.reference);
    const missing = !known && request.mode !== 'oauth' && !request.account && !request.country;
    if (missing) return { problem: problems.COUNTRY_MISSING };
    if (request.account && !known?.account) return this.#adopt(request, request.account);
    const found = known ? await this.#repeat(known, request) : await this.#begin(request);
    if ('problem' in found) return found;
    this.#options.reach('seller.after_row');
    const completed = await this.complete(found.value.seller);
    return 'problem' in completed ? completed : { value: { ...found.value, seller: completed.value } };
  }

  /** Gives a seller the account it still lacks. Who asks while that is under way is answered with it. */
  complete(seller: SellerRow): Promise<Reading<SellerRow>> {
    if (seller.account !== null || seller.create_params === null) {
      return Promise.resolve({ value: seller });
    }
    return this.#underWay.join(seller.id, () => this.#maker.make(seller));
  }

  async #begin(request: SellerRequest): Promise<Reading<AddedSeller>> {
    const { database, livemode } = this.#options;
    const fresh = await insertSeller(database.sql, this.#rowOf(newId('sel'), request));
    if (fresh) return { value: { seller: fresh, fresh: true } };
    const known = await sellerByReference(database.sql, livemode, request.reference);
    return this.#repeat(known as SellerRow, request);
  }

  #rowOf(id: string, request: SellerRequest): NewSeller {
    const { livemode, secrets, settings } = this.#options;
    const { reference, mode = 'account_link', account, email = null, country = null } = request;
    const preset = request.preset ?? settings.preset;
    // OAuth knows v1 accounts only, and v1 answers for every account.
    const isMade = mode === 'account_link' && account === undefined;
    const api = isMade ? (request.api ?? settings.api) : account ? (request.api ?? 'v1') : 'v1';
    return {
      id,
      livemode,
      reference,
      mode,
      preset,
      api,
      name: nameOf(request),
      email,
      country,
      businessType: businessTypeOf(request),
      createParams: isMade ? { ...accountParams(id, request, { preset, api }) } : null,
      requestHashes: hashesOf(request, secrets.secret),
    };
  }

  async #repeat(known: SellerRow, request: SellerRequest): Promise<Reading<AddedSeller>> {
    const { secrets, database } = this.#options;
    const field = contradictionOf(known, request, secrets);
    if (field === null) return { value: { seller: known, fresh: false } };
    // What Stripe refused may be put right: there is no account that would not fit it.
    const row = this.#rowOf(known.id, request);
    const mended = await replaceRefused(database.sql, row);
    if (mended) return { value: { seller: mended, fresh: false } };
    return { problem: problems.referenceUsed(field) };
  }

  /** An account that is connected already becomes the seller's. Nothing is made at Stripe. */
  async #adopt(request: SellerRequest, account: string): Promise<Reading<AddedSeller>> {
    const { database, livemode, sync, secrets } = this.#options;
    const row = this.#rowOf(newId('sel'), request);
    let facts: AccountFacts;
    try {
      const own = await this.#options.stripe().accounts.retrieveCurrent();
      if (own.id === account) return { problem: problems.noAccount(account) };
      facts = await sync.read(row, account);
    } catch (error) {
      return { problem: problems.ofStripe(error) };
    }
    if (facts.gone !== null) return { problem: problems.noAccount(account) };
    return database.transaction(async (sql, nested) => {
      const fresh = await insertSeller(sql, row);
      const known = fresh ?? (await sellerByReference(sql, livemode, request.reference));
      const field = fresh ? null : contradictionOf(known as SellerRow, request, secrets);
      if (field !== null) return { problem: problems.referenceUsed(field) };
      const id = (known as SellerRow).id;
      const taken = await nested(() => sync.connect(sql, { id, account, facts })).catch(unlessTaken);
      if (taken) return { value: { seller: taken, fresh: fresh !== null } };
      // The row of a reference that is new would be an empty one.
      if (fresh) await deleteSeller(sql, id);
      return { problem: problems.accountInUse(account) };
    });
  }
}

// Another seller has the account: the constraint knows, whoever looked before.
function unlessTaken(error: unknown): null {
  if (isUniqueViolation(error)) return null;
  throw error;
}
