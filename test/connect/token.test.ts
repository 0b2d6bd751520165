import { expect, test } from 'vitest';
import { checkToken, signToken, TOKEN_SECONDS } from '../../src/connect/token.ts';

const SECRET = 'a secret of sixteen and more';
const SECRETS = { secret: SECRET, previousSecrets: [] };
const ONBOARD = { purpose: 'onboard', subject: 'sel_1' } as const;
const NOW = 1_800_000_000;
const at = (seconds: number) => ({ now: () => seconds * 1000 });

test('a token is good for its purpose and its seller, to its last second, and for nothing else', () => {
  const { token, expiresAt } = signToken(SECRET, ONBOARD, at(NOW));
  const end = NOW + TOKEN_SECONDS.onboard;
  expect(expiresAt.getTime()).toBe(end * 1000);
  expect(checkToken(SECRETS, ONBOARD, token, at(end))).toBe('good');
  expect(checkToken(SECRETS, ONBOARD, token, at(end + 1))).toBe('expired');
  expect(checkToken(SECRETS, { ...ONBOARD, subject: 'sel_2' }, token, at(NOW))).toBe('forged');
  expect(checkToken(SECRETS, { ...ONBOARD, purpose: 'seller' }, token, at(NOW))).toBe('forged');
  const next = { secret: 'another secret, long enough', previousSecrets: [] };
  expect(checkToken(next, ONBOARD, token, at(NOW))).toBe('forged');
  expect(checkToken({ ...next, previousSecrets: [SECRET] }, ONBOARD, token, at(NOW))).toBe('good');
});

test('what is no token of ours is forged, also one that says it is old or lasts longer', () => {
  const { token } = signToken(SECRET, ONBOARD, at(NOW));
  const mac = token.slice(11);
  const bad = [
    undefined,
    '',
    '.',
    mac,
    `${NOW - 10}.${mac}`,
    `${NOW + 90_000}.${mac}`,
    `${token}A`,
    ` ${token}`,
    `${token}\n`,
    token.slice(0, -1),
    `1e9.${mac}`,
    `${NOW}.${'é'.repeat(43)}`,
  ];
  const taken = bad.filter((each) => checkToken(SECRETS, ONBOARD, each, at(NOW)) !== 'forged');
  expect(taken).toEqual([]);
});
