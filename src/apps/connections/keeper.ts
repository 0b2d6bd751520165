import type { Database } from '../../db/database.ts';
import type { Sql } from '../../db/sql.ts';
import {
  boundTo,
  deleteVault,
  lockVault,
  putVault,
  vaultRow,
  type VaultPlace,
  type VaultRow,
} from '../../vault/rows.ts';
import type { Vault } from '../../vault/vault.ts';
import type { ConnectionTokens } from '../context.ts';
import { holdKept } from '../kept-rows.ts';
import { notKept } from '../not-kept.ts';
import type { Held, Kept } from './tokens.ts';

/** One connection of one install. */
export interface ConnectionPlace extends VaultPlace {
  kind: 'connection';
}

/** Keeps the tokens of connections, sealed. */
export class Keeper {
  readonly #database: Database;
  readonly #vault: Vault;

  constructor({ database, vault }: { database: Database; vault: Vault }) {
    this.#database = database;
    this.#vault = vault;
  }

  async read(place: ConnectionPlace): Promise<Held | null> {
    return this.#open(place, await vaultRow(this.#database.sql, place));
  }

  /** In place of what was there. Throws `not_installed` when the data of the install were removed. */
  async keep(place: ConnectionPlace, tokens: ConnectionTokens): Promise<void> {
    await this.#database.transaction(async (sql) => {
      if (!(await holdKept(sql, place.owner))) throw notKept(place.owner);
      await this.#put(sql, place, { status: 'connected', tokens });
    });
  }

  /**
   * Lets `work` see what is held, while nobody else changes it, and keeps what it returns; null leaves all as
   * it is. Returns what is held then.
   */
  async change(place: ConnectionPlace, work: (held: Held) => Promise<Kept | null>): Promise<Held | null> {
    return this.#database.transaction(async (sql) => {
      const held = this.#open(place, await lockVault(sql, place));
      const kept = held && (await work(held));
      if (!kept) return held;
      return { ...kept, version: await this.#put(sql, place, kept) };
    });
  }

  /** Calls `goodbye` with what is held, while nobody else changes it, and forgets it. False: there was none. */
  async forget(place: ConnectionPlace, goodbye: (held: Held) => Promise<void>): Promise<boolean> {
    return this.#database.transaction(async (sql) => {
      const held = this.#open(place, await lockVault(sql, place));
      if (!held) return false;
      await goodbye(held);
      return deleteVault(sql, place);
    });
  }

  #open(place: ConnectionPlace, row: VaultRow | null): Held | null {
    if (!row) return null;
    const kept = JSON.parse(this.#vault.open(row, boundTo(place))) as Kept;
    return { ...kept, version: row.version };
  }

  #put(sql: Sql, place: ConnectionPlace, kept: Kept): Promise<number> {
    return putVault(sql, place, this.#vault.seal(JSON.stringify(kept), boundTo(place)), null);
  }
}
