import type { Sql } from '../db/sql.ts';
import { QuittanceError } from '../errors.ts';
import { boundTo, resealVault, sealedWithOther, type VaultPlace } from './rows.ts';
import type { Sealed, Vault } from './vault.ts';

const ROWS_PER_PAGE = 100;

/** A value that could not be opened: where it is, which key it was sealed with, and why. */
interface Unopened extends VaultPlace {
  key_id: string;
  code: string;
}

export interface Rotation {
  /** How many were sealed anew, or with `seals: false` could be. */
  resealed: number;
  unopened: Unopened[];
}

export interface RotationOptions {
  /** False to look only whether everything can be opened. */
  seals: boolean;
  onPage: (progress: Rotation) => void;
}

/**
 * Seals everything anew that was sealed with another secret. Value by value, each in one statement, so that
 * it may run beside servers, be ended at any time, and be run again.
 */
export async function rotateVault(sql: Sql, vault: Vault, options: RotationOptions): Promise<Rotation> {
  const rotation: Rotation = { resealed: 0, unopened: [] };
  for (;;) {
    const before = rotation.resealed;
    rotation.unopened = [];
    await rotateOnce(sql, vault, options, rotation);
    // A server that still has the old secret may have sealed something behind our back.
    if (!options.seals || rotation.resealed === before) return rotation;
  }
}

async function rotateOnce(
  sql: Sql,
  vault: Vault,
  { seals, onPage }: RotationOptions,
  rotation: Rotation,
): Promise<void> {
  let last: VaultPlace | null = null;
  for (;;) {
    const page: (VaultPlace & Sealed)[] = await sealedWithOther(sql, vault.keyId, ROWS_PER_PAGE, last);
    for (const row of page) {
      const anew = sealAnew(vault, row);
      if ('code' in anew) rotation.unopened.push({ ...placeOf(row), key_id: row.key_id, code: anew.code });
      // A value that a server has changed or deleted since it was read is not ours to seal any more.
      else if (!seals || (await resealVault(sql, row, row, anew))) rotation.resealed += 1;
    }
    if (page.length > 0) onPage(rotation);
    if (page.length < ROWS_PER_PAGE) return;
    last = page.at(-1) ?? null;
  }
}

function placeOf({ owner, kind, name }: VaultPlace): VaultPlace {
  return { owner, kind, name };
}

function sealAnew(vault: Vault, row: VaultPlace & Sealed): Sealed | { code: string } {
  const bound = boundTo(row);
  try {
    return vault.seal(vault.open(row, bound), bound);
  } catch (error) {
    if (error instanceof QuittanceError) return { code: error.code };
    throw error;
  }
}
