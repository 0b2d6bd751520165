import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { AppVerifier, Verification } from '../../src/apps/signed/verifier.ts';
import { freshDatabase } from '../support/database.ts';
import { WEBHOOK_SECRET } from '../support/events.ts';
import * as signed from './support/signed.ts';
import { APP_SECRET, headerFor, makeRequest, NEXT_SECRET, NOW, strictFields, WHO } from './support/signed.ts';

let verifier: AppVerifier;
let live: AppVerifier;
let rolled: AppVerifier;
let unset: AppVerifier;
const counted: string[] = [];
const alarms: string[] = [];

beforeAll(async () => {
  const { database } = await freshDatabase();
  const count = (result: string): void => void counted.push(result);
  const alarm = (code: string): void => void alarms.push(code);
  verifier = signed.verifierOn(database, { count, alarm });
  live = signed.verifierOn(database, { livemode: true });
  rolled = signed.verifierOn(database, { secrets: [APP_SECRET, NEXT_SECRET] });
  unset = signed.verifierOn(database, { secrets: [] });
});

/** `accepted`, or the code of the problem. */
function codeOf(found: Verification): string {
  return 'problem' in found ? found.problem.code : 'accepted';
}

async function send(post: signed.Post, by = verifier, roles: string[] = []): Promise<string> {
  return codeOf(await by.verify(makeRequest(post), { roles }));
}

const reversed = (): Record<string, unknown> =>
  Object.fromEntries(Object.entries(strictFields()).toReversed());

/** Both lines of a request whose data are too long to be signed themselves. */
function long(data: unknown = { text: 'x'.repeat(3_000) }): { line: string; rest: string } {
  const rest = JSON.stringify(data);
  const body = `sha256:${createHash('sha256').update(rest).digest('hex')}`;
  return { line: JSON.stringify(strictFields({ body })), rest };
}

describe('a request that is signed as a whole', () => {
  it('proves who sent what', async () => {
    const roles = [{ id: 'admin', name: 'Administrator', type: 'builtIn' }, { name: 'Cook' }, 'view_only'];
    const body = strictFields({ stripe_roles: roles, body: '{"text":"Zo\\u00eb","n":[1]}' });
    expect(await verifier.verify(makeRequest({ body }))).toEqual({
      verified: {
        userId: WHO.user_id,
        accountId: WHO.account_id,
        roles: ['admin', 'Cook', 'view_only'],
        livemode: false,
        payload: { text: 'Zoë', n: [1] },
        unsigned: {},
      },
    });
    expect(counted).toContain('accepted');
  });

  it('may have long data in a second line, whose hash is signed', async () => {
    const { line, rest } = long();
    expect(await send({ body: `${line}\n${rest}`, signed: line })).toBe('accepted');
    const again = long();
    expect(await send({ body: `${again.line}\n${rest.replace('x', 'y')}`, signed: again.line })).toBe(
      'invalid_signature',
    );
    expect(await send({ body: again.line })).toBe('invalid_body');
    expect(await send({ body: `${again.line}\n`, signed: again.line })).toBe('invalid_signature');
    expect(await send({ body: `${again.line}\n${rest}\n`, signed: again.line })).toBe('invalid_signature');
    expect(await send({ body: `${again.line}\r\n${rest}`, signed: again.line })).not.toBe('accepted');
    // Control: nothing of this used it up.
    expect(await send({ body: `${again.line}\n${rest}`, signed: again.line })).toBe('accepted');
  });
});

describe('a request is refused with the word for what is wrong', () => {
  it.each<[string, () => signed.Post]>([
    ['missing_signature', () => ({ body: strictFields(), header: null })],
    ['invalid_signature', () => ({ body: strictFields(), secret: NEXT_SECRET })],
    ['invalid_signature', () => ({ body: strictFields(), header: 'junk' })],
    ['wrong_secret_kind', () => ({ body: strictFields(), secret: WEBHOOK_SECRET })],
    ['wrong_secret_kind', () => ({ body: WHO, secret: WEBHOOK_SECRET })],
    ['stale_signature', () => ({ body: strictFields(), at: NOW - 301 })],
    ['accepted', () => ({ body: strictFields(), at: NOW - 300 })],
    ['accepted', () => ({ body: strictFields(), at: NOW + 300 })],
    ['clock', () => ({ body: strictFields(), at: NOW + 301 })],
    ['key_order', () => ({ body: reversed() })],
    ['key_order', orderedByUs],
    ['invalid_body', () => ({ body: '' })],
    ['invalid_body', () => ({ body: 'hello' })],
    ['invalid_body', () => ({ body: { text: 'hello' } })],
    ['invalid_body', () => ({ body: { ...strictFields(), user_id: undefined } })],
    ['invalid_body', () => ({ body: strictFields({ user_id: 'jenny' }) })],
    ['invalid_body', () => ({ body: strictFields({ account_id: 'acct_' }) })],
    ['invalid_body', () => ({ body: strictFields({ stripe_roles: 'admin' }) })],
    ['invalid_body', () => ({ body: strictFields({ stripe_roles: [7] }) })],
    ['invalid_body', () => ({ body: strictFields({ nonce: 'short' }) })],
    ['invalid_body', () => ({ body: strictFields({ nonce: undefined }) })],
    ['invalid_body', () => ({ body: strictFields({ mode: 'both' }) })],
    ['invalid_body', () => ({ body: strictFields({ body: { text: 'hello' } }) })],
    ['invalid_body', () => ({ body: strictFields({ body: '[]' }) })],
    ['invalid_body', () => ({ body: strictFields({ body: `sha256:${'0'.repeat(64)}` }) })],
    ['unsigned_field', () => ({ body: { text: 'hello', ...WHO }, signed: WHO })],
    ['unsigned_field', () => ({ body: { extra: 1, ...strictFields() } })],
    ['unsigned_field', () => withLine('\n')],
    ['unsigned_field', () => withLine('\n{"text":"more"}')],
    ['unsigned_field', () => ({ body: strictFields(), path: `${signed.PATH}?all=1` })],
    ['path_mismatch', () => ({ body: strictFields(), path: '/apps/other' })],
    ['path_mismatch', () => ({ body: strictFields(), path: `${signed.PATH}/` })],
    ['method_mismatch', () => ({ body: strictFields({ method: 'DELETE' }) })],
    ['method_not_allowed', () => ({ body: strictFields(), method: 'GET' })],
    ['other_mode', () => ({ body: strictFields({ mode: 'live' }) })],
    ['body_too_large', () => ({ body: 'x'.repeat(256 * 1024 + 1) })],
  ])('%s: %s', async (code, post) => {
    expect(await send(post())).toBe(code);
  });

  it('names what it needs: the order of the fields, the two places', async () => {
    const detailOf = async (post: signed.Post): Promise<string> => {
      const found = await verifier.verify(makeRequest(post));
      return 'problem' in found ? found.problem.detail : '';
    };
    expect(await detailOf({ body: reversed() })).toContain(
      'body, path, method, mode, nonce, user_id, account_id',
    );
    expect(await detailOf({ body: strictFields(), path: '/apps/other' })).toContain('/apps/other');
    expect(await detailOf({ body: WHO })).toContain('app.signing');
  });

  it('body_parsed, when somebody read it before', async () => {
    const request = makeRequest({ body: strictFields() });
    await request.json();
    expect(codeOf(await verifier.verify(request))).toBe('body_parsed');
    const locked = makeRequest({ body: strictFields() });
    locked.body?.getReader();
    expect(codeOf(await verifier.verify(locked))).toBe('body_parsed');
  });

  it('raises the alarm when our clock is behind', async () => {
    alarms.length = 0;
    await send({ body: strictFields(), at: NOW - 301 });
    expect(alarms).toEqual([]);
    await send({ body: strictFields(), at: NOW + 301 });
    expect(alarms).toEqual(['clock_behind']);
  });

  it('not_configured, when there is no secret', async () => {
    const found = await unset.verify(makeRequest({ body: strictFields() }));
    expect(found).toMatchObject({ problem: { status: 503, code: 'not_configured' } });
  });

  it('never with a secret, a signature or what was sent', async () => {
    const body = strictFields({ body: '{"card":"my_private_text"}', path: '/elsewhere' });
    for (const post of [{ body }, { body, secret: NEXT_SECRET }, { body, secret: WEBHOOK_SECRET }]) {
      const told = JSON.stringify(await verifier.verify(makeRequest(post)));
      expect(told).toContain('problem');
      expect(told).not.toMatch(/absec_the|whsec_test|v1=|my_private_text/);
    }
  });
});

/** Signed as Stripe would, and sent with who it is in front. */
function orderedByUs(): signed.Post {
  const right = strictFields();
  return { body: { ...WHO, ...right }, signed: right };
}

function withLine(more: string): signed.Post {
  const line = JSON.stringify(strictFields());
  return { body: line + more, signed: line };
}

it('a live server takes requests of live mode only', async () => {
  expect(await send({ body: strictFields({ mode: 'live' }) }, live)).toBe('accepted');
  expect(await send({ body: strictFields() }, live)).toBe('other_mode');
});

it('S5: while the secret is rolled both signatures count, then the old one does not', async () => {
  const both = (body: unknown): string =>
    `${headerFor(body, APP_SECRET)},${headerFor(body, NEXT_SECRET).split(',')[1]}`;
  for (const by of [verifier, rolled]) {
    const body = JSON.stringify(strictFields());
    expect(await send({ body, header: both(body) }, by)).toBe('accepted');
  }
  expect(await send({ body: strictFields(), secret: NEXT_SECRET }, rolled)).toBe('accepted');
  expect(await send({ body: strictFields(), secret: APP_SECRET }, rolled)).toBe('accepted');
  // `verifier` stands for a server that no longer has the other one.
  expect(await send({ body: strictFields(), secret: NEXT_SECRET })).toBe('invalid_signature');
});

it('a role that a route asks for has to be among those that Stripe vouched for', async () => {
  const admin = { stripe_roles: [{ id: 'admin', name: 'Administrator', type: 'builtIn' }] };
  expect(await send({ body: strictFields(admin) }, verifier, ['admin'])).toBe('accepted');
  expect(await send({ body: strictFields(admin) }, verifier, ['developer', 'admin'])).toBe('accepted');
  expect(await send({ body: strictFields(admin) }, verifier, ['developer'])).toBe('role_missing');
  expect(await send({ body: strictFields(admin) }, verifier, ['Administrator'])).toBe('role_missing');
  expect(await send({ body: strictFields() }, verifier, ['admin'])).toBe('role_missing');
});
