import Stripe from 'stripe';
import { beforeAll, describe, expect, it } from 'vitest';
import type { AppSecrets } from '../../src/apps/context.ts';
import type { Install } from '../../src/apps/install.ts';
import { SecretParts } from '../../src/apps/secrets/parts.ts';
import type { JobContext, JobFunction } from '../../src/jobs/context.ts';
import { Vault } from '../../src/vault/vault.ts';
import { makeSeller } from '../simulator/support/seller.ts';
import { useSimulator } from '../simulator/support/simulator.ts';
import { freshDatabase } from '../support/database.ts';
import { knownInstall, removeInstall } from '../support/install.ts';
import { until } from '../support/quittance.ts';
import { STRIPE_KEY } from '../support/shop.ts';

const JENNY = { user: 'usr_jenny' };
const KEPT = 'the payload of the suite';
const local = useSimulator();
let place: Awaited<ReturnType<typeof freshDatabase>>;

beforeAll(async () => {
  place = await freshDatabase();
});

const codeOf = (code: string) => expect.objectContaining({ name: 'QuittanceError', code });

function partsOf(store: 'stripe' | 'local'): SecretParts {
  const { host, port, clock } = local.sim;
  const common = { host, port, protocol: 'http', telemetry: false, maxNetworkRetries: 0 } as const;
  return new SecretParts({
    database: place.database,
    vault: new Vault({ secret: 'secret_of_the_suite', previousSecrets: [] }),
    clock,
    store,
    stripeFor: ({ account }) => new Stripe(STRIPE_KEY, { ...common, stripeAccount: account }),
  });
}

describe.each(['stripe', 'local'] as const)('secrets in the store %s', (store) => {
  async function ours(): Promise<{ secrets: AppSecrets; install: Install }> {
    const { id } = await makeSeller(local);
    const install = await knownInstall(place.database.sql, id);
    return { install, secrets: partsOf(store).for(install) };
  }
  const inSeconds = (seconds: number): number => Math.floor(local.sim.clock.now() / 1000) + seconds;

  it('are found by name and scope, and replaced by one of the same', async () => {
    const { secrets } = await ours();
    expect(await secrets.get('token')).toBeNull();
    await secrets.set('token', 'first');
    await secrets.set('token', 'second');
    await secrets.set('token', 'hers', JENNY);
    expect(await secrets.get('token')).toBe('second');
    expect(await secrets.get('token', JENNY)).toBe('hers');
    expect(await secrets.get('token', { user: 'usr_joe' })).toBeNull();
  });

  it('belong to one account', async () => {
    const [one, other] = [await ours(), await ours()];
    await one.secrets.set('token', KEPT);
    expect(await other.secrets.get('token')).toBeNull();
    expect(await one.secrets.get('token')).toBe(KEPT);
  });

  it('take any text, its names too', async () => {
    const { secrets } = await ours();
    const text = '{"ключ":"値 🔑","line":"\n"}';
    for (const name of ['a/b', 'user/usr_jenny/x', '鍵', 'n'.repeat(255)]) {
      await secrets.set(name, text);
      expect(await secrets.get(name)).toBe(text);
    }
    expect(await secrets.get('x', JENNY)).toBeNull();
  });

  it('are deleted once', async () => {
    const { secrets } = await ours();
    await secrets.set('token', KEPT);
    expect(await secrets.delete('token', JENNY)).toBe(false);
    expect(await secrets.delete('token')).toBe(true);
    expect(await secrets.delete('token')).toBe(false);
    expect(await secrets.get('token')).toBeNull();
  });

  it('are gone when they have expired, and make room', async () => {
    const { secrets } = await ours();
    await secrets.set('short', KEPT, { expiresAt: inSeconds(60) });
    for (let count = 1; count < 10; count += 1) await secrets.set(`s${count}`, KEPT);
    await expect(secrets.set('new', KEPT)).rejects.toThrow(codeOf('secrets_full'));
    expect(await secrets.get('short')).toBe(KEPT);
    await local.sim.clock.advance(61);
    expect(await secrets.get('short')).toBeNull();
    await secrets.set('new', KEPT);
    expect(await secrets.delete('short')).toBe(false);
  });

  it('are ten of a scope at most, however many come at once', async () => {
    const { secrets } = await ours();
    const all = Array.from({ length: 14 }, (_, index) => secrets.set(`s${index}`, KEPT));
    const refused = (await Promise.allSettled(all)).filter(({ status }) => status === 'rejected');
    expect(refused.map((each) => (each as PromiseRejectedResult).reason as unknown)).toEqual(
      Array(4).fill(codeOf('secrets_full')),
    );
    await secrets.set('s0', 'hers', JENNY);
    const names = Array.from({ length: 14 }, (_, index) => `s${index}`);
    const kept = (await Promise.all(names.map((name) => secrets.get(name)))).flatMap((payload, index) =>
      payload === null ? [] : [names[index] as string],
    );
    expect(kept).toHaveLength(10);
    // One that is there can always be replaced.
    await secrets.set(kept[0] as string, 'changed');
    expect(await secrets.get(kept[0] as string)).toBe('changed');
  });

  it.each([
    ['', KEPT, {}],
    ['n'.repeat(256), KEPT, {}],
    ['a\u0000b', KEPT, {}],
    ['a', '', {}],
    ['a', 'x'.repeat(5_001), {}],
    ['a', KEPT, { user: 'jenny' }],
    ['a', KEPT, { expiresAt: 1_700_000_000 }],
    ['a', KEPT, { expiresAt: 4_000_000_000.5 }],
  ])('that can not be are refused with a reason: %#', async (name, payload, options) => {
    const { secrets } = await ours();
    const error: unknown = await secrets.set(name, payload, options).catch((thrown: unknown) => thrown);
    expect(error).toEqual(codeOf('invalid_secret'));
    expect(String(error)).not.toContain(KEPT);
  });
});

describe('secrets in our database', () => {
  it('are sealed', async () => {
    const install = await knownInstall(place.database.sql);
    await partsOf('local').for(install).set('token', KEPT);
    const rows = await place.database.sql<{ row: string }>`
      select encode(sealed, 'escape') || vault::text as row from quittance.vault where owner = ${install.id}`;
    expect(rows).toHaveLength(1);
    expect(rows[0]?.row).toContain('account/token');
    expect(rows[0]?.row).not.toContain(KEPT);
  });

  it('are ten of a scope though two have seen the same room', async () => {
    const { database } = place;
    const secrets = partsOf('local').for(await knownInstall(database.sql));
    for (let count = 1; count < 10; count += 1) await secrets.set(`s${count}`, KEPT);
    const held = await database.connect();
    await held.query('begin');
    await held.query('lock table quittance.vault in share row exclusive mode');
    const both = Promise.allSettled([secrets.set('one', KEPT), secrets.set('other', KEPT)]);
    await until(async () => {
      const waiting = await database.sql`
        select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
      return waiting.length === 2;
    }, 'both to wait');
    await held.query('commit');
    held.release();
    const outcomes = (await both).map(({ status }) => status);
    expect(outcomes.toSorted((a, b) => a.localeCompare(b))).toEqual(['fulfilled', 'rejected']);
  });

  it('are not written once the data of the account were removed', async () => {
    const install = await knownInstall(place.database.sql);
    const secrets = partsOf('local').for(install);
    await secrets.set('before', KEPT);
    await removeInstall(place.database.sql, install);
    await expect(secrets.set('after', KEPT)).rejects.toThrow(codeOf('not_installed'));
  });

  it('are deleted some time after they have expired', async () => {
    const { sql } = place.database;
    const install = await knownInstall(sql);
    const secrets = partsOf('local').for(install);
    const expiresAt = Math.floor(local.sim.clock.now() / 1000) + 60;
    await secrets.set('short', KEPT, { expiresAt });
    await secrets.set('long', KEPT, { expiresAt: expiresAt + 60 });
    await local.sim.clock.advance(61);
    const jobs = new Map<string, JobFunction>();
    partsOf('local').addJobs({ job: (name, work) => jobs.set(name, work), cron: () => {} });
    await jobs.get('quittance.app_prune_secrets')?.(null, {} as JobContext);
    expect(await sql`select name from quittance.vault where owner = ${install.id}`).toEqual([
      { name: 'account/long' },
    ]);
  });
});
