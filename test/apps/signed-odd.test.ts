import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { pruneRequests } from '../../src/apps/signed/rows.ts';
import type { AppVerifier, Verification } from '../../src/apps/signed/verifier.ts';
import type { Database } from '../../src/db/database.ts';
import { freshDatabase } from '../support/database.ts';
import * as signed from './support/signed.ts';
import { makeRequest, NOW, strictFields, WHO } from './support/signed.ts';

let database: Database;
let strict: AppVerifier;
let compatible: AppVerifier;

beforeAll(async () => {
  ({ database } = await freshDatabase());
  strict = signed.verifierOn(database);
  compatible = signed.verifierOn(database, { signing: 'compatible' });
});

function codeOf(found: Verification): string {
  return 'problem' in found ? found.problem.code : 'accepted';
}

async function send(post: signed.Post, by = compatible): Promise<string> {
  return codeOf(await by.verify(makeRequest(post)));
}

describe('the form of Stripe’s documentation', () => {
  it('is a body that is what was signed', async () => {
    const extra = { todo: 'buy milk', count: 2, done: false };
    const body = { ...extra, stripe_roles: [{ id: 'admin', name: 'Administrator' }], ...WHO };
    expect(await compatible.verify(makeRequest({ body }))).toEqual({
      verified: {
        userId: WHO.user_id,
        accountId: WHO.account_id,
        roles: ['admin'],
        livemode: false,
        payload: extra,
        unsigned: {},
      },
    });
  });

  it('or one of which who sent it is signed, and nothing else counts as proven', async () => {
    const rest = { amount: 5, mode: 'live', stripe_roles: [{ id: 'admin' }] };
    const request = (): Request => makeRequest({ body: { ...rest, ...WHO }, signed: WHO });
    expect(codeOf(await compatible.verify(request(), { roles: ['admin'] }))).toBe('role_missing');
    expect(await compatible.verify(request())).toMatchObject({
      verified: { userId: WHO.user_id, roles: [], livemode: false, payload: {}, unsigned: rest },
    });
  });

  it.each<[string, signed.Post]>([
    ['accepted', { body: WHO }],
    ['accepted', { body: { account_id: WHO.account_id, user_id: WHO.user_id }, signed: WHO }],
    ['key_order', { body: { ...WHO, n: 1 } }],
    ['key_order', { body: { ...WHO, n: 1 }, signed: { n: 1, ...WHO } }],
    ['key_order', { body: { account_id: WHO.account_id, user_id: WHO.user_id } }],
    ['invalid_signature', { body: JSON.stringify({ n: 1, ...WHO }, null, 2), signed: { n: 1, ...WHO } }],
    ['invalid_signature', { body: { n: 2, ...WHO }, signed: { n: 1, ...WHO } }],
    ['invalid_signature', { body: { ...WHO, account_id: 'acct_bert' }, signed: WHO }],
    ['invalid_body', { body: { user_id: WHO.user_id } }],
    ['invalid_body', { body: { n: 1 }, signed: WHO }],
    ['invalid_body', { body: { ...WHO, user_id: 7 } }],
    ['stale_signature', { body: { n: 3, ...WHO }, at: NOW - 301 }],
    ['stale_signature', { body: { n: 3, ...WHO }, signed: WHO, at: NOW - 301 }],
    ['clock', { body: { n: 3, ...WHO }, signed: WHO, at: NOW + 301 }],
    ['other_mode', { body: { livemode: true, ...WHO } }],
    ['other_mode', { body: { mode: 'live', ...WHO } }],
    ['accepted', { body: { livemode: false, mode: 'dark', ...WHO } }],
  ])('%s: %j', async (code, post) => {
    expect(await send(post)).toBe(code);
  });
});

describe('S7: a request comes again', () => {
  it('and is refused by every process, however many it comes to at once', async () => {
    const other = signed.verifierOn(database);
    const post = { body: strictFields() };
    const all = await Promise.all(
      Array.from({ length: 20 }, (_, number) => send(post, number % 2 ? strict : other)),
    );
    expect(all.filter((code) => code === 'accepted')).toHaveLength(1);
    expect(all.filter((code) => code === 'replayed')).toHaveLength(19);
    expect(await send({ ...post, at: NOW - 7 }, other)).toBe('replayed');
    // Control: another user's, another account's and another request are others.
    const { nonce } = post.body;
    expect(await send({ body: strictFields({ nonce, user_id: 'usr_other' }) }, other)).toBe('accepted');
    expect(await send({ body: strictFields({ nonce, account_id: 'acct_bert' }) }, other)).toBe('accepted');
    expect(await send({ body: strictFields() }, other)).toBe('accepted');
  });

  it('in the documented form too, where a second tells two equal ones apart', async () => {
    const body = { n: 'once', ...WHO };
    expect(await send({ body })).toBe('accepted');
    expect(await send({ body })).toBe('replayed');
    expect(await send({ body, path: '/apps/other' })).toBe('accepted');
    expect(await send({ body, at: NOW - 1 })).toBe('accepted');
  });

  it('one that was refused may be sent again, put right', async () => {
    const body = strictFields();
    const refused = await strict.verify(makeRequest({ body }), { roles: ['admin'] });
    expect(codeOf(refused)).toBe('role_missing');
    expect(await send({ body }, strict)).toBe('accepted');
  });

  it('is remembered for as long as its signature counts anywhere', async () => {
    const body = strictFields();
    await send({ body, at: NOW + 300 }, strict);
    await pruneRequests(database.sql, new Date((NOW + 600) * 1000));
    expect(await send({ body, at: NOW + 300 }, strict)).toBe('replayed');
    expect(await pruneRequests(database.sql, new Date((NOW + 901) * 1000))).toBeGreaterThan(0);
    expect(await send({ body, at: NOW + 300 }, strict)).toBe('accepted');
  });

  it('while the database is away nothing is accepted', async () => {
    const sql = (): Promise<never> => Promise.reject(Object.assign(new Error('gone'), { code: '57P01' }));
    const away = signed.verifierOn({ sql });
    expect(await send({ body: strictFields() }, away)).toBe('storage_unavailable');
  });
});

describe('case 8: bytes that were changed on the way', () => {
  const right = (): Buffer => Buffer.from(JSON.stringify(strictFields({ body: '{"text":"Zoe"}' })));
  it.each<[string, (bytes: Buffer) => Buffer]>([
    ['a flipped bit', (bytes) => Buffer.from(bytes.map((byte, at) => (at === 12 ? byte ^ 1 : byte)))],
    [
      'other JSON of the same fields',
      (bytes) => Buffer.from(JSON.stringify(JSON.parse(`${bytes}`), null, 1)),
    ],
    ['CRLF behind it', (bytes) => Buffer.concat([bytes, Buffer.from('\r\n')])],
    ['a line break behind it', (bytes) => Buffer.concat([bytes, Buffer.from('\n')])],
    ['a byte order mark', (bytes) => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes])],
    [
      'an invalid byte',
      (bytes) => Buffer.concat([bytes.subarray(0, 20), Buffer.from([0xff]), bytes.subarray(20)]),
    ],
    ['compressed', (bytes) => gzipSync(bytes)],
    ['cut', (bytes) => bytes.subarray(0, -1)],
  ])('%s', async (_, change) => {
    const bytes = right();
    for (const by of [strict, compatible]) {
      expect(await send({ body: change(bytes), signed: bytes }, by)).toMatch(/^(in|un)/);
    }
    // Control: it was right before.
    expect(await send({ body: bytes }, strict)).toBe('accepted');
  });
});

describe('case 9: rightly signed, and odd', () => {
  const deep = (levels: number): string => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
  it.each<[string, string]>([
    ['NUL', '{"text":"a\\u0000b"}'],
    ['NUL in a key', '{"a\\u0000b":1}'],
    ['half a surrogate pair', '{"text":"\\ud83d"}'],
    ['64 levels and one more', deep(65)],
    ['10,000 levels', deep(10_000)],
    ['10,000 levels of lists', `{"a":${'['.repeat(10_000)}${']'.repeat(10_000)}}`],
    ['__proto__', '{"__proto__":{"admin":true}}'],
    ['__proto__ deep down', '{"a":[{"\\u005f_proto__":1}]}'],
    ['null', 'null'],
    ['no JSON', '{"text":'],
    ['nothing', ''],
  ])('data with %s are refused', async (_, body) => {
    expect(await send({ body: strictFields({ body }) }, strict)).toBe('invalid_body');
    const whole = `${body.slice(0, -1)},${JSON.stringify(WHO).slice(1)}`;
    expect(await send({ body: whole })).not.toBe('accepted');
  });

  it.each<[string, (line: string) => string | Buffer]>([
    ['a field twice', (line) => line.replace('{', '{"mode":"live",')],
    ['a space', (line) => line.replace(':', ': ')],
    ['__proto__', (line) => line.replace('{', '{"__proto__":{},')],
    ['a byte order mark', (line) => `\ufeff${line}`],
    ['invalid UTF-8', (line) => Buffer.from(line.replace('hello', 'hell\u00ff'), 'latin1')],
    ['a list around it', (line) => `[${line}]`],
  ])('a signed line with %s is refused', async (_, change) => {
    const line = change(JSON.stringify(strictFields()));
    expect(await send({ body: line, signed: line }, strict)).toBe('invalid_body');
  });

  it('what is merely unusual is taken', async () => {
    const body = `{"n":9223372036854775808,"n":2,"constructor":"x","text":"\\u2028","deep":${deep(63)}}`;
    expect(await strict.verify(makeRequest({ body: strictFields({ body }) }))).toMatchObject({
      verified: { payload: { n: 2, constructor: 'x', text: '\u2028' } },
    });
  });
});
