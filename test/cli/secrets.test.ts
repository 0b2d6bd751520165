import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { secretsCommand } from '../../src/cli/secrets.ts';
import { contradictionOf, hashesOf, type SellerRequest } from '../../src/connect/request.ts';
import type { SellerRow } from '../../src/connect/seller.ts';
import type { Sql } from '../../src/db/sql.ts';
import { isOrderToken, orderToken } from '../../src/orders/token.ts';
import { rotateVault } from '../../src/vault/rotate.ts';
import { boundTo, countByKey, putVault, vaultRow, type VaultPlace } from '../../src/vault/rows.ts';
import { Vault } from '../../src/vault/vault.ts';
import { freshDatabase } from '../support/database.ts';

const OLD = 'the secret of last year';
const NEW = 'the secret of this year';
const PLAIN = 'sk_test_never_to_be_shown';

const before = new Vault({ secret: OLD, previousSecrets: [] });
const both = new Vault({ secret: NEW, previousSecrets: [OLD] });
const after = new Vault({ secret: NEW, previousSecrets: [] });

let url: string;
let sql: Sql;

beforeAll(async () => {
  const { url: at, database } = await freshDatabase();
  [url, sql] = [at, database.sql];
});

beforeEach(async () => {
  await sql`delete from quittance.vault`;
});

afterEach(() => vi.unstubAllEnvs());

const placeOf = (number: number): VaultPlace => ({ owner: `ins_${number}`, kind: 'stripe_token', name: '' });

async function keep(vault: Vault, ...numbers: number[]): Promise<void> {
  const keepOne = (number: number): Promise<number> => {
    const place = placeOf(number);
    return putVault(sql, place, vault.seal(`${PLAIN}_${number}`, boundTo(place)), null);
  };
  await Promise.all(numbers.map(keepOne));
}

async function openAll(vault: Vault, count: number): Promise<string[]> {
  const numbers = Array.from({ length: count }, (_, number) => number);
  const rows = await Promise.all(numbers.map((number) => vaultRow(sql, placeOf(number))));
  return rows.map((row, number) => vault.open(row!, boundTo(placeOf(number))));
}

const plain = (count: number) => Array.from({ length: count }, (_, number) => `${PLAIN}_${number}`);

/** Runs the command as a shell would, but in this process. */
async function secrets(
  args: string[],
  env: Record<string, string>,
): Promise<{ status: unknown; out: string }> {
  const all = {
    DATABASE_URL: url,
    QUITTANCE_DATA_DIR: path.join(tmpdir(), 'quittance-nothing-here'),
  };
  for (const [name, value] of Object.entries({ ...all, QUITTANCE_SECRET_PREVIOUS: '', ...env }))
    vi.stubEnv(name, value);
  let out = '';
  const write = (chunk: string | Uint8Array, done?: unknown): boolean => {
    out += String(chunk);
    if (typeof done === 'function') (done as () => void)();
    return true;
  };
  const spies = [process.stdout, process.stderr].map((stream) =>
    vi.spyOn(stream, 'write').mockImplementation(write as typeof stream.write),
  );
  const status = process.exitCode;
  process.exitCode = undefined;
  try {
    await secretsCommand().parseAsync(args, { from: 'user' });
    return { status: process.exitCode ?? 0, out };
  } finally {
    process.exitCode = status;
    for (const spy of spies) spy.mockRestore();
  }
}

describe('quittance secrets', () => {
  it('rotates everything to the new secret, so that the old one can go', async () => {
    await keep(before, ...Array.from({ length: 120 }, (_, number) => number));
    const dry = await secrets(['rotate', '--dry-run'], {
      QUITTANCE_SECRET: NEW,
      QUITTANCE_SECRET_PREVIOUS: OLD,
    });
    expect(dry).toMatchObject({ status: 0, out: expect.stringContaining('120 of 120 can be re-sealed') });
    expect(await openAll(before, 120)).toEqual(plain(120));

    const done = await secrets(['rotate'], { QUITTANCE_SECRET: NEW, QUITTANCE_SECRET_PREVIOUS: OLD });
    expect(done.status).toBe(0);
    expect(done.out).toContain('120 of 120 re-sealed; QUITTANCE_SECRET_PREVIOUS can be removed.\n');
    expect(done.out).not.toContain(PLAIN);
    expect(await openAll(after, 120)).toEqual(plain(120));
    expect(await countByKey(sql)).toEqual([{ key_id: after.keyId, count: 120 }]);
    expect((await secrets(['rotate'], { QUITTANCE_SECRET: NEW })).out).toContain('0 of 0 re-sealed');
  });

  it('lists what it can not open, by place and key and never by content, and fails', async () => {
    await keep(before, 0);
    await keep(new Vault({ secret: 'a secret that was lost', previousSecrets: [] }), 1);
    await keep(before, 2);
    await sql`update quittance.vault set sealed = sealed || '\\x00' where owner = 'ins_2'`;
    const { status, out } = await secrets(['rotate'], {
      QUITTANCE_SECRET: NEW,
      QUITTANCE_SECRET_PREVIOUS: OLD,
    });
    expect(status).toBe(1);
    expect(out).toContain("1 of 3 re-sealed. These can't be opened");
    expect(out).toMatch(/^ins_1 stripe_token - key [0-9a-f]{8}: sealed_with_unknown_key$/m);
    expect(out).toContain(`ins_2 stripe_token - key ${before.keyId}: sealed_data_damaged`);
    expect(out).not.toContain(PLAIN);
    const told = await secrets(['status'], { QUITTANCE_SECRET: NEW, QUITTANCE_SECRET_PREVIOUS: OLD });
    expect(told.out).toContain(`key ${after.keyId}: 1 (current)\n`);
    expect(told.out).toContain(`key ${before.keyId}: 1 (previous)\n`);
    expect(told.out).toContain(': 1 (unknown)\n');
  });

  it('names the variable that is missing or wrong', async () => {
    const env = { QUITTANCE_SECRET: '', NODE_ENV: 'production' };
    await expect(secrets(['rotate'], env)).rejects.toThrow('QUITTANCE_SECRET is missing');
    const short = { QUITTANCE_SECRET: NEW, QUITTANCE_SECRET_PREVIOUS: 'short' };
    await expect(secrets(['status'], short)).rejects.toThrow('QUITTANCE_SECRET_PREVIOUS needs at least 16');
  });
});

describe('a rotation', () => {
  const options = { seals: true, onPage: () => {} };

  it('that was killed goes on where it was', async () => {
    await keep(before, 0, 1, 2, 3, 4);
    let updates = 0;
    const dying: Sql = (strings, ...values) => {
      if (strings[0]?.includes('update') && ++updates > 2) throw new Error('killed');
      return sql(strings, ...values);
    };
    await expect(rotateVault(dying, both, options)).rejects.toThrow('killed');
    expect(await countByKey(sql)).toHaveLength(2);
    expect(await openAll(both, 5)).toEqual(plain(5));
    expect(await rotateVault(sql, both, options)).toEqual({ resealed: 3, unopened: [] });
    expect(await openAll(after, 5)).toEqual(plain(5));
  });

  it('beside a server that keeps new values loses none of them', async () => {
    await keep(before, 0, 1, 2, 3, 4);
    let isFirst = true;
    const beside: Sql = async (strings, ...values) => {
      const rows = await sql(strings, ...values);
      // Read already, and changed before it is sealed anew: by a server that still has the old secret.
      if (isFirst && strings[0]?.includes('select owner')) {
        isFirst = false;
        const place = placeOf(3);
        await putVault(sql, place, before.seal('a newer value', boundTo(place)), null);
      }
      return rows as never;
    };
    expect(await rotateVault(beside, both, options)).toEqual({ resealed: 5, unopened: [] });
    expect((await openAll(after, 5))[3]).toBe('a newer value');
    expect(await vaultRow(sql, placeOf(3))).toMatchObject({ version: 2 });
  });
});

describe('while the old secret is still given', () => {
  const given = { secret: NEW, previousSecrets: [OLD] };
  const gone = { secret: NEW, previousSecrets: [] };

  it('links to orders that it signed open them, and no others', () => {
    const token = orderToken(OLD, 'ord_1');
    expect(isOrderToken(given, 'ord_1', token)).toBe(true);
    expect(isOrderToken(given, 'ord_2', token)).toBe(false);
    expect(isOrderToken(gone, 'ord_1', token)).toBe(false);
    expect(isOrderToken(gone, 'ord_1', orderToken(NEW, 'ord_1'))).toBe(true);
  });

  it('a seller who says the same again contradicts nothing', () => {
    const request: SellerRequest = { reference: 'ann', name: 'Ann & Sons' };
    const seller = { request_hashes: hashesOf(request, OLD), account: null } as SellerRow;
    expect(contradictionOf(seller, request, given)).toBeNull();
    expect(contradictionOf(seller, { ...request, name: 'Bob' }, given)).toBe('name');
    expect(contradictionOf(seller, request, gone)).toBe('name');
  });
});
