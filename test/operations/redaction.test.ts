import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createLogger, redact } from '../../src/log.ts';

const LETTERS = 'aB3dE6gH9jK2mN5pQ8sT1vW4';
const TOKEN = `${LETTERS}xY7-zA0_bC3dE6gH9jK`; // 32 bytes in base64url
const CONFIGURED = 'a configured "secret" of the operator';

/** Every form of a secret that a line may hold: what must not be left of it, within what. */
const SECRETS: readonly (readonly [string, string, string])[] = [
  ['a secret key of live mode', `sk_live_${LETTERS}`, ''],
  ['a secret key of test mode', `sk_test_${LETTERS}`, ''],
  ['a key of an organisation', `sk_org_live_${LETTERS}`, ''],
  ['a restricted key of live mode', `rk_live_${LETTERS}`, ''],
  ['a restricted key of test mode', `rk_test_${LETTERS}`, ''],
  ['a signing secret of a webhook', `whsec_${LETTERS}`, ''],
  ['a signing secret of an app', `absec_${LETTERS}`, ''],
  ['a code of OAuth', `ac_${LETTERS}`, ''],
  ['a refresh token of OAuth', `rt_${LETTERS}`, ''],
  ['the client secret of a PaymentIntent', `${LETTERS}pi`, 'pi_3Nabc_secret_…'],
  ['the client secret of a SetupIntent', `${LETTERS}seti`, 'seti_1Nabc_secret_…'],
  ['the client secret of a session', `${LETTERS}cs`, 'cs_test_a1b2_secret_…'],
  ['the client secret of a customer session', `${LETTERS}cuss`, 'cuss_secret_…'],
  ['the client secret of an account session', `${LETTERS}accs`, 'accs_secret__…'],
  ['an ephemeral key', `ek_test_${LETTERS},${LETTERS}`, ''],
  ['a connection token of a terminal', `pst_live_${LETTERS}`, ''],
  ['a bearer token', `${LETTERS}==`, 'Authorization: Bearer …'],
  ['a name and password of HTTP', 'dXNlcjpwYXNzd29yZA==', 'authorization: Basic …'],
  ['the cookie of a session', TOKEN, '__Host-quittance_session=…; Path=/'],
  ['a header of cookies', 'theme=dark; sid=1234', 'Cookie: …'],
  ['a token of ours by itself', TOKEN, ''],
  ['a token of ours with a time', TOKEN, '1790000000.…'],
  ['a token for CSRF', TOKEN, 'x-csrf-token: …'],
  ['the API key that dev makes up', `qk_${LETTERS}_${LETTERS}`, ''],
  ['a one-time link', 'short1', 'https://pay.example/admin/link?token=…'],
  ['a code in an address', 'short2', 'https://pay.example/apps/oauth?scope=x&code=…'],
  ['a ticket in an address', 'short3', 'https://pay.example/apps/connections/c/begin?ticket=…'],
  ['a state in an address', 'short4', 'https://pay.example/connect/oauth?state=…&scope=x'],
  ['the password of a database', 'pa55-w0rd', 'postgres://payer:…@db.internal:5432/shop'],
  ['a password with an @ in it', 'pa55@w0rd', 'postgresql://payer:…@db.internal/shop'],
  ['the password of another service', 'pa55-w0rd', 'redis://:…@cache.internal:6379'],
  ['a variable', 'any-value-1', 'QUITTANCE_SECRET=…'],
  ['another variable', 'any-value-2', 'STRIPE_SECRET_KEY=…'],
  ['a token of OpenID Connect', `eyJhbGciOiJ9.eyJzdWIiOiIx.${LETTERS}`, ''],
  ['a private key', 'MIIEvQIBADANBg', '-----BEGIN PRIVATE KEY----- … -----END PRIVATE KEY-----'],
  ['a card number', '4242424242424242', ''],
  ['a card number in groups', '5555 5555 5555 4444', ''],
  ['a card number of fifteen digits', '3782-822463-10005', ''],
  ['what this server is configured with', CONFIGURED, ''],
];

/** What an operator has to be able to read. */
const READABLE = [
  'pi_3NabcDEF123456789',
  'cus_PabcDEF123456',
  'evt_1NabcDEF1234567890123456',
  'acct_1NabcDEF1234567',
  'cs_test_a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8s9T0u1V2w3X4y5Z6a7B8c9',
  'we_1NabcDEF1234567',
  'req_AbCdEfGhIjKlMn',
  'pk_test_is_public',
  'ord_01J8Z0Q4M9',
  '7f0c1a52-3f6e-4a55-9d0a-2b9ad1c3e5f7',
  'invalid_signature',
  'missing_secret_kind',
  'postgres://db.internal:5432/shop',
  'https://pay.example/payment/success?session_id=cs_test_1',
  '1790000000123',
  '4242424242424241 has a wrong check digit',
  'the words secret, token and password by themselves',
  'a-name-of-forty-three-characters-and-no-more',
];

const lineOf = (value: unknown): string => {
  let text = '';
  const sink = new Writable({
    write: (chunk: Buffer, _encoding, done) => ((text += chunk.toString()), done()),
  });
  createLogger('info', sink, [CONFIGURED]).info(value as object, 'said');
  expect(() => JSON.parse(text) as unknown).not.toThrow();
  return text;
};

const within = (secret: string, place: string): string => (place ? place.replace('…', secret) : secret);

/** The ways in which a text gets into a line. */
const WAYS: readonly (readonly [string, (text: string) => unknown])[] = [
  ['by itself', (text) => ({ text })],
  ['in the middle of a sentence', (text) => ({ text: `it said\n${text} and went on` })],
  ['deep in an object', (text) => ({ a: { b: [{ c: text }] } })],
  ['in an error', (text) => ({ err: new Error(`failed: ${text}`) })],
  ['in the cause of an error', (text) => ({ err: new Error('failed', { cause: new Error(text) }) })],
  ['in JSON within JSON', (text) => ({ body: JSON.stringify({ body: JSON.stringify({ text }) }) })],
  ['in an address', (text) => ({ url: `https://x.example/?next=${encodeURIComponent(text)}` })],
];

describe('the log', () => {
  it.each(WAYS)('holds no secret that stands %s', (_way, wrap) => {
    const left = SECRETS.filter(([, secret, place]) => {
      const line = lineOf(wrap(within(secret, place)));
      const forms = [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)];
      return forms.some((form) => line.includes(form)) || !line.includes('[redacted]');
    });
    expect(left.map(([name]) => name)).toEqual([]);
  });

  it.each(WAYS)('leaves readable what stands %s and is no secret', (_way, wrap) => {
    const struck = READABLE.filter((text) => lineOf(wrap(text)).includes('[redacted]'));
    expect(struck).toEqual([]);
  });

  it('strikes out members by their names, whatever they hold', () => {
    const named = {
      password: 'hunter2',
      client_secret: 'a "quoted" one',
      apiKey: 'k\\',
      'set-cookie': ['a=1', 'b=2'],
      headers: { Authorization: 'Token abc', cookie: 'x=1' },
    };
    for (const value of [
      named,
      { body: JSON.stringify(named) },
      { a: JSON.stringify({ b: JSON.stringify(named) }) },
    ]) {
      const line = lineOf({ value, after: 'still here' });
      expect(line).not.toMatch(/hunter2|quoted|a=1|b=2|abc|x=1/);
      expect(line).toContain('still here');
    }
  });

  it('keeps the object a client secret belongs to, and a line JSON when a bare number is a card', () => {
    expect(redact('pi_3Nabc_secret_aB3dE6gH9jK2mN5p')).toBe('pi_3Nabc_secret_[redacted]');
    expect(lineOf({ number: 4_242_424_242_424_242, list: [4_242_424_242_424_242, 7] })).toContain(
      '"number":null',
    );
  });

  it('takes no time to speak of for a long line', () => {
    const line = `{"text":"${'a_secret_%3D'.repeat(20_000)}","more":"${'x'.repeat(200_000)}"}`;
    const begun = performance.now();
    redact(line);
    expect(performance.now() - begun).toBeLessThan(500);
  });
});
