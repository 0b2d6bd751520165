import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  boundTo,
  countByKey,
  deleteVault,
  deleteVaultOf,
  lockVault,
  putVault,
  resealVault,
  sealedWithOther,
  vaultNames,
  vaultRow,
  type VaultPlace,
} from '../../src/vault/rows.ts';
import { Vault } from '../../src/vault/vault.ts';
import { freshDatabase } from '../support/database.ts';

const OLD = 'the secret of last year';
const NEW = 'the secret of this year';
const PLAIN = 'sk_test_läßt niemand sehen \u{1f511}';

const before = new Vault({ secret: OLD, previousSecrets: [] });
const after = new Vault({ secret: NEW, previousSecrets: [OLD] });
const place: VaultPlace = { owner: 'ins_1', kind: 'secret', name: 'account/dropbox' };

function codeOf(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return (error as { code?: string }).code;
  }
}

describe('a sealed value', () => {
  it('opens in its place, also with the secret that came after', () => {
    const sealed = before.seal(PLAIN, boundTo(place));
    expect(sealed.key_id).toMatch(/^[0-9a-f]{8}$/);
    expect(sealed.sealed.toString('latin1')).not.toContain('sk_test');
    expect(before.open(sealed, boundTo(place))).toBe(PLAIN);
    expect(after.open(sealed, boundTo(place))).toBe(PLAIN);
    expect(after.seal('', boundTo(place)).key_id).not.toBe(sealed.key_id);
    expect(after.open(after.seal('', boundTo(place)), boundTo(place))).toBe('');
  });

  it('differs each time, though the value is the same', () => {
    const [one, two] = [before.seal(PLAIN, 'here'), before.seal(PLAIN, 'here')];
    expect(one.sealed.equals(two.sealed)).toBe(false);
  });

  it('does not open in another place, nor when one bit of it was changed', () => {
    const sealed = before.seal(PLAIN, boundTo(place));
    const elsewhere = boundTo({ ...place, owner: 'ins_2' });
    expect(codeOf(() => before.open(sealed, elsewhere))).toBe('sealed_data_damaged');
    for (let index = 0; index < sealed.sealed.length; index += 1) {
      const bytes = Buffer.from(sealed.sealed);
      bytes[index] = (bytes[index] as number) ^ 1;
      expect(codeOf(() => before.open({ ...sealed, sealed: bytes }, boundTo(place)))).toBe(
        'sealed_data_damaged',
      );
    }
    const short = { ...sealed, sealed: randomBytes(27) };
    expect(codeOf(() => before.open(short, boundTo(place)))).toBe('sealed_data_damaged');
  });

  it('says that its secret is not known, and not what it holds', () => {
    const sealed = after.seal(PLAIN, boundTo(place));
    expect(() => before.open(sealed, boundTo(place))).toThrow(`key ${after.keyId}`);
    expect(codeOf(() => before.open(sealed, boundTo(place)))).toBe('sealed_with_unknown_key');
  });
});

describe('the vault in the database', async () => {
  const { database } = await freshDatabase();
  const { sql } = database;

  it('keeps one value at a place, with a version that grows', async () => {
    expect(await vaultRow(sql, place)).toBeNull();
    const end = new Date('2030-01-01T00:00:00Z');
    expect(await putVault(sql, place, before.seal('one', boundTo(place)), null)).toBe(1);
    expect(await putVault(sql, place, before.seal('two', boundTo(place)), end)).toBe(2);
    const row = await database.transaction((locked) => lockVault(locked, place));
    expect(row).toMatchObject({ name: place.name, version: 2, expires_at: end, key_id: before.keyId });
    expect(before.open(row!, boundTo(place))).toBe('two');
  });

  it('forgets all of an owner, and counts it by kind', async () => {
    const places: VaultPlace[] = [
      { ...place, owner: 'ins_9' },
      { ...place, owner: 'ins_9', name: 'user/usr_1/dropbox' },
      { owner: 'ins_9', kind: 'stripe_token', name: '' },
    ];
    for (const each of places) await putVault(sql, each, before.seal('x', boundTo(each)), null);
    const names = (await vaultNames(sql, 'ins_9', 'secret')).map(({ name }) => name);
    expect(names).toEqual(['account/dropbox', 'user/usr_1/dropbox']);
    expect(await deleteVault(sql, places[1] as VaultPlace)).toBe(true);
    expect(await deleteVault(sql, places[1] as VaultPlace)).toBe(false);
    const none = { stripe_token: 0, restricted_key: 0, secret: 0, connection: 0 };
    expect(await deleteVaultOf(sql, 'ins_9')).toEqual({ ...none, secret: 1, stripe_token: 1 });
    expect(await deleteVaultOf(sql, 'ins_9')).toEqual(none);
    expect(await vaultRow(sql, place)).not.toBeNull();
  });

  it('finds what another key sealed, page by page, and never overwrites a newer value', async () => {
    const other = { ...place, name: 'account/other' };
    await putVault(sql, other, before.seal('three', boundTo(other)), null);
    expect(await sealedWithOther(sql, before.keyId, 10)).toEqual([]);
    const [first] = await sealedWithOther(sql, after.keyId, 1);
    const [second] = await sealedWithOther(sql, after.keyId, 1, first);
    expect([first?.name, second?.name]).toEqual([place.name, other.name]);
    expect(await sealedWithOther(sql, after.keyId, 1, second)).toEqual([]);

    const anew = after.seal('three', boundTo(other));
    expect(await resealVault(sql, other, first!, anew)).toBe(false);
    expect(await resealVault(sql, other, second!, anew)).toBe(true);
    expect(await vaultRow(sql, other)).toMatchObject({ version: 1, key_id: after.keyId });
    expect(await countByKey(sql)).toHaveLength(2);
  });
});
