import { createHmac } from 'node:crypto';
import Stripe from 'stripe';
import { describe, expect, it } from 'vitest';
import { checkSignature, TOLERANCE_SECONDS } from '../../src/stripe/signature.ts';
import { sign } from '../support/events.ts';
import { Seeded } from '../support/seeded.ts';
import { oddHeader } from '../support/signature-headers.ts';

const SEED = Number(process.env.SEED ?? 20_261_028);
const HEADERS = 100_000;
const NOW = 1_790_000_000;
const SECRETS = ['whsec_the_first', 'whsec_the_second'] as const;
const BODY = Buffer.from('{"id":"evt_1","object":"event","name":"Zoë ☕"}');
const theirs = new Stripe('sk_test_signer').webhooks.signature as NonNullable<
  Stripe['webhooks']['signature']
>;

function acceptedByStripe(header: string): boolean {
  return SECRETS.some((secret) => {
    try {
      return theirs.verifyHeader(BODY, header, secret, TOLERANCE_SECONDS, undefined, NOW * 1000);
    } catch {
      return false;
    }
  });
}

function hmac(timestamp: string, secret: string = SECRETS[0], body: Buffer = BODY): string {
  return createHmac('sha256', secret).update(`${timestamp}.`).update(body).digest('hex');
}

const check = (header: string | null, now = NOW): string => {
  const found = checkSignature(BODY, header, SECRETS, now);
  return found.kind === 'valid' && found.ahead ? 'ahead' : found.kind;
};

describe('case 7: any header at all', () => {
  it(`never throws, and accepts nothing that stripe-node refuses (${HEADERS} headers, seed ${SEED})`, () => {
    const random = new Seeded(SEED);
    const seen: Record<string, number> = {};
    for (let number = 0; number < HEADERS; number += 1) {
      const header = oddHeader(random, { body: BODY, secrets: SECRETS, now: NOW });
      const kind = check(header);
      seen[kind] = (seen[kind] ?? 0) + 1;
      const accepted = kind === 'valid' || kind === 'ahead';
      if (accepted && !acceptedByStripe(header)) {
        throw new Error(`seed ${SEED}, header ${number}: only we accept ${JSON.stringify(header)}`);
      }
    }
    // Control: the generator reaches every answer, so the comparison had something to compare.
    const kinds = ['valid', 'ahead', 'stale', 'invalid', 'missing'];
    expect(kinds.filter((kind) => (seen[kind] ?? 0) < 50)).toEqual([]);
  });

  it(`accepts every header that generateTestHeaderString makes (seed ${SEED})`, () => {
    const random = new Seeded(SEED);
    for (let number = 0; number < 2_000; number += 1) {
      const body = JSON.stringify({ id: `evt_${number}`, text: random.text(300) });
      const secret = `whsec_${random.below(1e9)}`;
      const header = sign(body, secret, NOW - random.below(TOLERANCE_SECONDS + 1));
      const found = checkSignature(Buffer.from(body), header, [SECRETS[0], secret], NOW);
      expect({ number, ...found }).toMatchObject({ number, kind: 'valid', ahead: false });
    }
  });

  it.each([
    ['no t', `v1=${hmac(`${NOW}`)}`],
    ['two t', `t=${NOW},t=${NOW},v1=${hmac(`${NOW}`)}`],
    ['t that is no number', `t=abc,v1=${hmac('abc')}`],
    ['t with letters behind it', `t=${NOW}abc,v1=${hmac(`${NOW}abc`)}`],
    ['a negative t', `t=-1,v1=${hmac('-1')}`],
    ['t with a leading zero, which no number has', `t=0${NOW},v1=${hmac(`0${NOW}`)}`],
    ['v0 alone', `t=${NOW},v0=${hmac(`${NOW}`)}`],
    [
      '300 v1 of which the last is right',
      `t=${NOW},${`v1=${'0'.repeat(64)},`.repeat(299)}v1=${hmac(`${NOW}`)}`,
    ],
    ['upper-case hex', `t=${NOW},v1=${hmac(`${NOW}`).toUpperCase()}`],
    ['an odd number of digits', `t=${NOW},v1=${hmac(`${NOW}`).slice(1)}`],
    ['an empty v1, for which stripe-node throws a bare Error', `t=${NOW},v1=`],
    ['spaces', `t=${NOW}, v1=${hmac(`${NOW}`)}`],
    ['16 KB', `t=${NOW},v1=${hmac(`${NOW}`)},v2=${'0'.repeat(16_384)}`],
  ])('refuses %s', (_, header) => {
    expect(check(header)).toBe('invalid');
  });

  it('accepts the same without what was wrong (control)', () => {
    expect(check(`t=${NOW},v1=${hmac(`${NOW}`)}`)).toBe('valid');
    expect(check(`t=${NOW},v1=${hmac(`${NOW}`)},v0=${'0'.repeat(64)},v2=anything`)).toBe('valid');
  });
});

describe('case 3: the age of a signature', () => {
  it.each([
    [-301, 'ahead'],
    [-300, 'valid'],
    [0, 'valid'],
    [300, 'valid'],
    [301, 'stale'],
  ])('%i s old is %s', (age, kind) => {
    expect(check(`t=${NOW},v1=${hmac(`${NOW}`)}`, NOW + age)).toBe(kind);
  });

  it('does not say "stale" of a signature that was never right', () => {
    expect(check(`t=${NOW - 1_000},v1=${'0'.repeat(64)}`)).toBe('invalid');
  });
});

describe('case 5: a secret being rolled', () => {
  const old = `v1=${hmac(`${NOW}`, SECRETS[0])}`;
  const fresh = `v1=${hmac(`${NOW}`, SECRETS[1])}`;
  const foreign = `v1=${'f'.repeat(64)}`;

  it.each([
    ['both, the old first, to who knows the old', [old, fresh], [SECRETS[0]]],
    ['both, the old first, to who knows the new', [old, fresh], [SECRETS[1]]],
    ['both, the new first, to who knows the old', [fresh, old], [SECRETS[0]]],
    ['the right one behind a foreign one', [foreign, old], [SECRETS[0]]],
    ['the right one before a foreign one, to who knows two', [old, foreign], [SECRETS[1], SECRETS[0]]],
    ['only the new, to who knows two', [fresh], [...SECRETS]],
  ])('accepts %s', (_, signatures, secrets) => {
    const header = [`t=${NOW}`, ...signatures].join(',');
    expect(checkSignature(BODY, header, secrets, NOW)).toMatchObject({ kind: 'valid', ahead: false });
  });

  it('refuses what only the removed secret signed', () => {
    expect(checkSignature(BODY, `t=${NOW},${old}`, [SECRETS[1]], NOW).kind).toBe('invalid');
    expect(checkSignature(BODY, `t=${NOW},${old}`, [], NOW).kind).toBe('invalid');
  });
});

describe('case 8: the HMAC is of bytes', () => {
  it('tells bodies apart that decode to the same text', () => {
    const secret = SECRETS[0];
    const body = Buffer.from([0x7b, 0xff, 0x7d]);
    const decoded = Buffer.from(body.toString('utf8'));
    const header = `t=${NOW},v1=${hmac(`${NOW}`, secret, decoded)}`;
    expect(checkSignature(body, header, [secret], NOW).kind).toBe('invalid');
    // Control: the header is right for the bytes it was made of.
    expect(checkSignature(decoded, header, [secret], NOW).kind).toBe('valid');
  });
});
