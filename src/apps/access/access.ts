import type Stripe from 'stripe';
import type { Sql } from '../../db/sql.ts';
import { QuittanceError } from '../../errors.ts';
import type { KeySource } from '../../stripe/keyed-http-client.ts';
import { deleteVault } from '../../vault/rows.ts';
import type { Install } from '../install.ts';
import type { AppSettings } from '../settings.ts';
import { findRestrictedKey, restrictedKeyPlace } from './restricted-keys.ts';
import { TokenRenewal, type TokenRenewalOptions } from './token-renewal.ts';
import { tokenPlace } from './tokens.ts';

export interface StripeAccessOptions extends TokenRenewalOptions {
  settings: { app: Pick<AppSettings, 'distribution'> };
}

/** Stripe's clients for installs, whichever way the app has access to an account. */
export class StripeAccess {
  readonly #options: StripeAccessOptions;
  readonly #renewal: TokenRenewal;

  constructor(options: StripeAccessOptions) {
    this.#options = options;
    this.#renewal = new TokenRenewal(options);
  }

  /**
   * The client for the account and mode of an install. Throws `not_installed`. Its calls throw
   * `not_authorized` when no token or key is kept for the account (any more).
   */
  for(install: Install): Stripe {
    refuseUnlessInstalled(install);
    const { clients, settings } = this.#options;
    if (clients.livemode !== null && clients.livemode !== install.livemode) throw otherMode(install);
    switch (install.access) {
      case 'platform':
        return settings.app.distribution === 'private' ? clients.own() : clients.for(install.account);
      case 'oauth':
        return clients.with(this.#source(install, (expired) => this.#renewal.token(install, expired)));
      case 'restricted_api_key':
        return clients.with(this.#source(install, () => this.#restrictedKey(install)));
      default:
        return install.access satisfies never;
    }
  }

  /** Forgets what opens an account, in the transaction that ends its install. Stripe has ended it already. */
  async revoke(sql: Sql, { id }: Pick<Install, 'id'>): Promise<void> {
    await deleteVault(sql, tokenPlace(id));
    await deleteVault(sql, restrictedKeyPlace(id));
  }

  #source(install: Install, find: (expired?: string) => Promise<string | null>): KeySource {
    return {
      key: async (expired) => {
        const key = await find(expired);
        if (key === null) throw notAuthorized(install);
        return key;
      },
      refused: () => this.#options.alarm('app_key_refused', install.account, KEY_REFUSED),
    };
  }

  #restrictedKey({ id }: Install): Promise<string | null> {
    const { database, vault } = this.#options;
    return findRestrictedKey(database.sql, vault, id);
  }
}

function refuseUnlessInstalled({ status, account }: Install): void {
  if (status === 'installed') return;
  const message = `The app is not installed on ${account} (any more), so nothing can be called for it.`;
  throw new QuittanceError({ code: 'not_installed', message });
}

function otherMode({ account, livemode }: Install): QuittanceError {
  const mode = livemode ? 'live' : 'test';
  const message = `The install on ${account} is of ${mode} mode, the configured key is not.`;
  return new QuittanceError({ code: 'livemode_mismatch', message });
}

const WAYS_BACK: Record<Install['access'], string> = {
  platform: 'it has to install the app anew',
  oauth: 'it has to install the app anew, at /apps/install',
  restricted_api_key: 'hand in its restricted key anew, at PUT /api/apps/installs/restricted-key',
};

function notAuthorized({ account, access }: Install): QuittanceError {
  const message = `Nothing is kept that opens ${account}: ${WAYS_BACK[access]}.`;
  return new QuittanceError({ code: 'not_authorized', message });
}

const KEY_REFUSED =
  'Stripe does not take the key or token that is kept for this account: it was revoked, or the app is no ' +
  'longer installed.';
