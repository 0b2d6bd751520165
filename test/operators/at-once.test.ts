import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { Addresses } from '../../src/http/address.ts';
import { Limiter } from '../../src/operators/limiter.ts';
import { Passwords } from '../../src/operators/passwords.ts';
import { freshDatabase } from '../support/database.ts';
import { linkToken, post, somebody } from '../support/operator.ts';
import { runQuittance, SECRET, until, type Running } from '../support/quittance.ts';

let place: { url: string; database: Database };
let shop: Running;

beforeAll(async () => {
  const { url, database } = await freshDatabase();
  shop = await runQuittance(url, {}, { work: false });
  place = { url: shop.url, database };
});

async function holdAuditLog(): Promise<() => Promise<void>> {
  const connection = await place.database.connect();
  await connection.query('begin');
  await connection.query('select pg_advisory_xact_lock(1364542836, 7)');
  return async () => {
    await connection.query('commit');
    connection.release();
  };
}

async function waitingForAuditLog(): Promise<number> {
  const { rows } = await place.database.pool.query<{ count: string }>(
    `select count(*) from pg_locks l join pg_database d on d.oid = l.database
     where l.locktype = 'advisory' and not l.granted and d.datname = current_database()`,
  );
  return Number(rows[0]?.count);
}

describe('many who sign in at once', () => {
  it('have a few passwords looked at, and no more than memory is meant for', async () => {
    const stored = `scrypt$16$8$1$${'a'.repeat(22)}$${'b'.repeat(43)}`;
    const passwords = new Passwords();
    const looked = await Promise.all(Array.from({ length: 30 }, () => passwords.verify('any', stored)));
    expect(looked.filter((right) => right === null)).toHaveLength(12);
  });

  it('S2: lock with their address no names, and with their name no addresses', async () => {
    const started = Date.now();
    let ahead = 0;
    const clock = { now: () => started + ahead };
    const limiter = new Limiter({ sql: place.database.sql, clock, secret: SECRET });
    const tryAs = (name: string, address: string) => limiter.admit({ name: `${name}@example.com`, address });
    for (let failure = 0; failure < 20; failure += 1) await tryAs(`f${failure}`, '198.51.100.1');
    for (let failure = 0; failure < 6; failure += 1) {
      expect((await tryAs('victim', '198.51.100.1')).allowed).toBe(false);
    }
    expect(await tryAs('victim', '198.51.100.2')).toEqual({ allowed: true, locks: false });
    for (let failure = 0; failure < 30; failure += 1) await tryAs('victim', '198.51.100.3');
    expect((await tryAs('colleague', '198.51.100.3')).allowed).toBe(true);
    // Who is right does not lock the office again that others have locked before.
    ahead += 31_000;
    const who = { name: 'right@example.com', address: '198.51.100.1' };
    expect((await limiter.admit(who)).allowed).toBe(true);
    await limiter.succeed(who);
    expect((await tryAs('colleague', '198.51.100.1')).allowed).toBe(true);
    // A proxy that tells the port too tells of one address all the same.
    const addresses = new Addresses(1);
    const told = (value: string): string | null => {
      const request = new Request('http://shop.example', { headers: { 'x-forwarded-for': value } });
      addresses.note(request, '10.0.0.1');
      return addresses.of(request);
    };
    expect(['192.0.2.1:4711', '192.0.2.1'].map(told)).toEqual(['192.0.2.1', '192.0.2.1']);
    expect(['[2001:db8::1]:4711', '2001:db8::1'].map(told)).toEqual(['2001:db8::1', '2001:db8::1']);
  });

  it('need one connection each, however many wait to be written down', async () => {
    const { name, cookie } = await somebody(place, 'viewer');
    const token = await linkToken(place, name);
    const release = await holdAuditLog();
    const entering = post(`${shop.url}/api/session/link`, { token }, { cookie });
    await until(async () => (await waitingForAuditLog()) === 1, 'the sign-in');
    const others = Array.from({ length: 8 }, () => shop.api('/api/movements/none/retry', { method: 'POST' }));
    await until(async () => (await waitingForAuditLog()) === 8, 'the others');
    await release();
    expect((await entering).status).toBe(201);
    expect((await Promise.all(others)).map(({ status }) => status)).toEqual(others.map(() => 404));
  });
});
