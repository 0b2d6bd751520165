import type { Clock } from '../../clock.ts';
import type { Database } from '../../db/database.ts';
import {
  boundTo,
  deleteVault,
  putVault,
  vaultRow,
  type VaultPlace,
  type VaultRow,
} from '../../vault/rows.ts';
import type { Vault } from '../../vault/vault.ts';
import type { AppSecrets, SecretScope } from '../context.ts';
import { holdKept } from '../kept-rows.ts';
import { notKept } from '../not-kept.ts';
import { checkPlace, checkSecret, SECRETS_PER_SCOPE_MAX, secretsFull } from './check.ts';
import { countOthers, lockScope } from './rows.ts';

export interface LocalSecretsOptions {
  database: Database;
  vault: Vault;
  clock: Clock;
  /** The install they belong to. */
  owner: string;
}

/** Secrets sealed in our database, with the limits of Stripe's store. */
export class LocalSecrets implements AppSecrets {
  readonly #options: LocalSecretsOptions;

  constructor(options: LocalSecretsOptions) {
    this.#options = options;
  }

  async get(name: string, scope: SecretScope = {}): Promise<string | null> {
    checkPlace(name, scope);
    const { database, vault } = this.#options;
    const place = this.#place(name, scope);
    const row = await vaultRow(database.sql, place);
    return row && !this.#hasExpired(row) ? vault.open(row, boundTo(place)) : null;
  }

  /** Throws `not_installed` when the data of the install were removed. */
  async set(
    name: string,
    payload: string,
    options: SecretScope & { expiresAt?: number } = {},
  ): Promise<void> {
    const { database, vault, clock, owner } = this.#options;
    const { expiresAt } = options;
    checkPlace(name, options);
    checkSecret({ payload, expiresAt }, clock);
    const place = this.#place(name, options);
    const scope = { owner, prefix: prefixOf(options) };
    await database.transaction(async (sql) => {
      if (!(await holdKept(sql, owner))) throw notKept(owner);
      await lockScope(sql, scope);
      const others = await countOthers(sql, scope, place.name, new Date(clock.now()));
      if (others >= SECRETS_PER_SCOPE_MAX) throw secretsFull(options);
      const expires = expiresAt === undefined ? null : new Date(expiresAt * 1000);
      await putVault(sql, place, vault.seal(payload, boundTo(place)), expires);
    });
  }

  async delete(name: string, scope: SecretScope = {}): Promise<boolean> {
    checkPlace(name, scope);
    const { database } = this.#options;
    const place = this.#place(name, scope);
    return database.transaction(async (sql) => {
      const row = await vaultRow(sql, place);
      const deleted = await deleteVault(sql, place);
      return deleted && row !== null && !this.#hasExpired(row);
    });
  }

  #place(name: string, scope: SecretScope): VaultPlace {
    return { owner: this.#options.owner, kind: 'secret', name: `${prefixOf(scope)}${name}` };
  }

  #hasExpired({ expires_at }: VaultRow): boolean {
    return expires_at !== null && expires_at.getTime() <= this.#options.clock.now();
  }
}

function prefixOf({ user }: SecretScope): string {
  return user === undefined ? 'account/' : `user/${user}/`;
}
