import Stripe from 'stripe';
import { expect, it } from 'vitest';
import { readCompatible } from '../../src/apps/signed/compatible.ts';
import type { Proof } from '../../src/apps/signed/proof.ts';
import { readStrict } from '../../src/apps/signed/strict.ts';
import { TOLERANCE_SECONDS } from '../../src/stripe/signature.ts';
import { sign, WEBHOOK_SECRET } from '../support/events.ts';
import { Seeded } from '../support/seeded.ts';
import { oddHeader } from '../support/signature-headers.ts';
import { APP_SECRET, clock, NOW, ORIGIN, PATH, strictFields, WHO } from './support/signed.ts';

const SEED = Number(process.env.SEED ?? 20_261_130);
const REQUESTS = 100_000;
const SECRETS = [APP_SECRET];
const NEWLINE = 0x0a;
const theirs = new Stripe('sk_test_signer').webhooks.signature as NonNullable<
  Stripe['webhooks']['signature']
>;

/** What is signed, each with what is sent for it. */
const BODIES: readonly { signed: string; sent: string }[] = [
  JSON.stringify(strictFields()),
  JSON.stringify({ todo: 'Zoë ☕', done: false, ...WHO }),
  JSON.stringify(WHO),
]
  .map((signed) => ({ signed, sent: signed }))
  .concat({ signed: JSON.stringify(WHO), sent: JSON.stringify({ todo: 1, ...WHO }) });

function acceptedByStripe(signed: string | Buffer, header: string): boolean {
  return SECRETS.some((secret) => {
    try {
      return theirs.verifyHeader(signed, header, secret, TOLERANCE_SECONDS, undefined, clock.now());
    } catch {
      return false;
    }
  });
}

/** What we make of a request: the proof, or the code of its problem. */
function ours(reads: typeof readStrict, bytes: Buffer, header: string): Proof | string {
  const received = { bytes, method: 'POST', url: new URL(PATH, ORIGIN) };
  const webhookSecrets = [WEBHOOK_SECRET];
  const found = reads(received, { header, secrets: SECRETS, webhookSecrets, nowSeconds: NOW }, false);
  return 'problem' in found ? found.problem.code : found.value;
}

/** Whether Stripe's client finds that what we took for proven was signed. */
function isProven({ verified }: Proof, bytes: Buffer, header: string, isStrict: boolean): boolean {
  const end = bytes.indexOf(NEWLINE);
  if (acceptedByStripe(isStrict && end >= 0 ? bytes.subarray(0, end) : bytes, header)) return true;
  const who = JSON.stringify({ user_id: verified.userId, account_id: verified.accountId });
  const isMore = Object.keys(verified.payload).length + verified.roles.length > 0;
  return !isStrict && !isMore && acceptedByStripe(who, header);
}

function changed(random: Seeded, sent: string): Buffer {
  const bytes = Buffer.from(sent);
  if (random.chance(0.6)) return bytes;
  const at = random.below(bytes.length + 1);
  const added = random.chance(0.5) ? Buffer.from(random.text(3)) : Buffer.from([random.below(256)]);
  return Buffer.concat([bytes.subarray(0, at), added, bytes.subarray(at + random.below(3))]);
}

it(`accepts nothing that stripe-node refuses, and never throws (${REQUESTS} requests, seed ${SEED})`, () => {
  const random = new Seeded(SEED);
  const seen: Record<string, number> = {};
  for (let number = 0; number < REQUESTS; number += 1) {
    const { signed, sent } = random.pick(BODIES);
    const isStrict = random.chance(0.5);
    const secrets = random.chance(0.9) ? SECRETS : [WEBHOOK_SECRET];
    const header = oddHeader(random, { body: Buffer.from(signed), secrets, now: NOW });
    const bytes = changed(random, sent);
    const found = ours(isStrict ? readStrict : readCompatible, bytes, header);
    const code = typeof found === 'string' ? found : `accepted ${isStrict ? 'strict' : 'compatible'}`;
    seen[code] = (seen[code] ?? 0) + 1;
    if (typeof found === 'string' || isProven(found, bytes, header, isStrict)) continue;
    throw new Error(
      `seed ${SEED}, request ${number}: only we accept ${header} for ${JSON.stringify(bytes.toString())}`,
    );
  }
  // Control: the generator reaches every answer, so the comparison had something to compare.
  const codes = ['accepted strict', 'accepted compatible', 'invalid_signature', 'invalid_body'];
  codes.push('stale_signature', 'clock', 'wrong_secret_kind', 'unsigned_field', 'missing_signature');
  expect(codes.filter((code) => (seen[code] ?? 0) < 50)).toEqual([]);
});

it(`accepts every header that generateTestHeaderString makes (seed ${SEED})`, () => {
  const random = new Seeded(SEED);
  for (let number = 0; number < 1_000; number += 1) {
    const at = NOW - random.below(TOLERANCE_SECONDS + 1);
    const data = { text: random.text(300), number };
    const whole = JSON.stringify({ ...data, ...WHO });
    const line = JSON.stringify(strictFields({ body: JSON.stringify(data) }));
    const proofs = [
      ours(readCompatible, Buffer.from(whole), sign(whole, random.pick(SECRETS), at)),
      ours(readCompatible, Buffer.from(whole), sign(JSON.stringify(WHO), random.pick(SECRETS), at)),
      ours(readStrict, Buffer.from(line), sign(line, random.pick(SECRETS), at)),
    ] as Proof[];
    const told = proofs.map(({ verified }) => ({ ...verified.payload, ...verified.unsigned }));
    expect({ number, told }).toEqual({ number, told: [data, data, data] });
  }
});
