import type { Database } from '../../db/database.ts';
import type { Sql } from '../../db/sql.ts';
import type { Problem } from '../../http/problem.ts';
import { badField, type Read } from '../../http/request.ts';
import type { Logger } from '../../log.ts';
import { livemodeOf, type StripeClients } from '../../stripe/clients.ts';
import { stripeFailure, stripeRefusal } from '../../stripe/failures.ts';
import { boundTo, putVault, vaultRow, type VaultPlace } from '../../vault/rows.ts';
import type { Vault } from '../../vault/vault.ts';
import type { Install, InstallAccess } from '../install.ts';

const KEY = /^rk_(test|live)_\w{1,255}$/;
const ACCOUNT = /^acct_\w{1,100}$/;
const RETRY_AFTER_SECONDS = 5;
const UNAUTHORIZED = 401;

/** Notes that the app is on an account, in the caller's transaction. */
export type MarkInstalled = (
  sql: Sql,
  found: { account: string; livemode: boolean; access: InstallAccess },
) => Promise<Install>;

export interface RestrictedKeysOptions {
  clients: StripeClients;
  database: Pick<Database, 'transaction'>;
  vault: Vault;
  logger: Logger;
  /** Our mode. */
  livemode: boolean;
  /** How the app has access, as the options say. */
  access: InstallAccess;
  installed: MarkInstalled;
}

/** Restricted keys that accounts made for the app: kept sealed, and proof that it is installed. */
export class RestrictedKeys {
  readonly #options: RestrictedKeysOptions;

  constructor(options: RestrictedKeysOptions) {
    this.#options = options;
  }

  /**
   * Keeps the key of an account, in place of one before, and marks the app as installed on it. Asks Stripe
   * first whose key it is. Problems: `restricted_keys_off` (409), `invalid_request` (400), `other_mode` (409),
   * `key_refused` (400), `key_not_verifiable` (409), `key_of_other_account` (409), `stripe_unavailable` (502).
   */
  async keep({ account, key }: { account: string; key: string }): Promise<Read<Install>> {
    const { database, vault, logger, livemode, access, installed } = this.#options;
    const problem = this.#refuse(account, key) ?? (await this.#refuseUnlessOf(account, key));
    if (problem) return { problem };
    const install = await database.transaction(async (sql) => {
      const marked = await installed(sql, { account, livemode, access });
      const place = restrictedKeyPlace(marked.id);
      await putVault(sql, place, vault.seal(key, boundTo(place)), null);
      return marked;
    });
    logger.info({ install: install.id, account }, 'the restricted key of an account is kept');
    return { value: install };
  }

  #refuse(account: string, key: string): Problem | null {
    const { access, livemode } = this.#options;
    if (access !== 'restricted_api_key') return OFF;
    if (!ACCOUNT.test(account)) return badField('account', 'must be the id of an account: acct_…');
    if (!KEY.test(key)) return badField('key', 'must be a restricted key: rk_test_… or rk_live_…');
    return livemodeOf(key) === livemode ? null : otherMode(livemode);
  }

  async #refuseUnlessOf(account: string, key: string): Promise<Problem | null> {
    const { clients, logger } = this.#options;
    try {
      const stripe = clients.with({ key: () => Promise.resolve(key), refused: () => {} });
      const { id } = await stripe.accounts.retrieveCurrent();
      return id === account ? null : OF_OTHER_ACCOUNT;
    } catch (error) {
      const failure = stripeFailure(error);
      if (failure === null) throw error;
      // Stripe's words may repeat a part of the key.
      const { status, code, message } = stripeRefusal(error);
      logger.warn({ account, failure, status, code }, 'a restricted key could not be checked');
      if (failure !== 'rejected') return UNAVAILABLE;
      return status === UNAUTHORIZED ? KEY_REFUSED : notVerifiable(message);
    }
  }
}

/** Where the restricted key of an install is kept. */
export function restrictedKeyPlace(install: string): VaultPlace {
  return { owner: install, kind: 'restricted_key', name: '' };
}

/** Null when none is kept. */
export async function findRestrictedKey(sql: Sql, vault: Vault, install: string): Promise<string | null> {
  const place = restrictedKeyPlace(install);
  const row = await vaultRow(sql, place);
  return row && vault.open(row, boundTo(place));
}

const OFF: Problem = {
  status: 409,
  code: 'restricted_keys_off',
  detail: 'The app does not work with restricted keys: its "access" in the options is another.',
};

function otherMode(livemode: boolean): Problem {
  const mode = livemode ? 'live' : 'test';
  const detail = `This server is of ${mode} mode: it takes keys that begin with "rk_${mode}_".`;
  return { status: 409, code: 'other_mode', detail, extra: { field: 'key' } };
}

const KEY_REFUSED: Problem = {
  status: 400,
  code: 'key_refused',
  detail: 'Stripe does not take this key: it is mistyped, was revoked, or has expired. Take a new one.',
  extra: { field: 'key' },
};

function notVerifiable(message: string): Problem {
  const detail = `Stripe does not let the key tell whose it is, so it was not kept. Stripe says: ${message}`;
  return { status: 409, code: 'key_not_verifiable', detail, extra: { field: 'key' } };
}

const OF_OTHER_ACCOUNT: Problem = {
  status: 409,
  code: 'key_of_other_account',
  detail: 'The key belongs to another account than "account".',
  extra: { field: 'account' },
};

const UNAVAILABLE: Problem = {
  status: 502,
  code: 'stripe_unavailable',
  detail: 'Stripe did not answer, so the key could not be checked. Nothing was kept; send it again.',
  headers: { 'retry-after': String(RETRY_AFTER_SECONDS) },
};
