import { createHash } from 'node:crypto';
import type { Problem } from '../../http/problem.ts';
import type { Read } from '../../http/request.ts';
import { decode, parseObject, parseWritten, type JsonObject } from './json.ts';
import * as problems from './problems.ts';
import { proofOf, type Proof, type Received } from './proof.ts';
import { explainInvalid, signatureProblem, type AppSignature } from './signature.ts';
import { missingOf, readWho, WHO } from './who.ts';

const NEWLINE = 0x0a;
const BOUND = ['body', 'path', 'method', 'mode', 'nonce'] as const;
const HASHED = /^sha256:([0-9a-f]{64})$/;
const NONCE = /^[\w-]{16,128}$/;

/**
 * Reads a request all of whose bytes are signed: a line of JSON, which is what Stripe signed, and where the
 * data are too long for that, a second line whose hash stands in the first.
 */
export function readStrict(received: Received, signature: AppSignature, livemode: boolean): Read<Proof> {
  const { line, rest } = split(received.bytes);
  const refused = signatureProblem(line, signature);
  if (refused === problems.INVALID_SIGNATURE) {
    return { problem: explainInvalid(line, signature, [...BOUND, 'stripe_roles']) };
  }
  if (refused) return { problem: refused };
  const signed = parseWritten(decode(line));
  if (!signed) return { problem: NOT_WRITTEN };
  const wrong = formProblem(signed) ?? placeProblem(signed, received, livemode);
  if (wrong) return { problem: wrong };
  const who = readWho(signed);
  if ('problem' in who) return who;
  const data = readData(signed.body as string, rest);
  if ('problem' in data) return data;
  const { userId, accountId } = who;
  const once = ['strict', livemode, accountId, userId, signed.nonce];
  return { value: proofOf({ ...who, livemode, payload: data.value, unsigned: {} }, once) };
}

/** What stands before and behind the first line break; `rest` is null without one. */
function split(bytes: Buffer): { line: Buffer; rest: Buffer | null } {
  const at = bytes.indexOf(NEWLINE);
  return at < 0 ? { line: bytes, rest: null } : { line: bytes.subarray(0, at), rest: bytes.subarray(at + 1) };
}

/** Exactly the fields of the form, in their order. */
function formProblem(signed: JsonObject): Problem | null {
  const roles = Object.hasOwn(signed, 'stripe_roles') ? ['stripe_roles'] : [];
  const form = [...BOUND, ...roles, ...WHO];
  const missing = missingOf(signed, form);
  if (missing.length > 0) return problems.lacking(missing, HOW_TO);
  const keys = Object.keys(signed);
  const foreign = keys.find((key) => !form.includes(key));
  if (foreign !== undefined) return problems.unsignedField(foreignText(foreign));
  if (keys.join() !== form.join()) return problems.keyOrder(form);
  const odd = BOUND.find((name) => typeof signed[name] !== 'string');
  return odd ? problems.invalidBody(`"${odd}" must be text.`) : null;
}

/** Sent to where it was signed for. */
function placeProblem({ path, method, mode, nonce }: JsonObject, to: Received, livemode: boolean) {
  const { pathname, search } = to.url;
  if (method !== to.method) return problems.mismatch('method', String(method), to.method);
  if (path !== pathname) return problems.mismatch('path', String(path), pathname);
  if (search !== '') return QUERY;
  if (mode !== 'live' && mode !== 'test') return problems.invalidBody('"mode" must be "live" or "test".');
  if ((mode === 'live') !== livemode) return problems.otherMode(livemode);
  return NONCE.test(String(nonce)) ? null : NO_NONCE;
}

function readData(body: string, rest: Buffer | null): Read<JsonObject> {
  const [, hash] = HASHED.exec(body) ?? [];
  if (hash === undefined && rest) return { problem: UNCOVERED };
  if (hash !== undefined && !rest) return { problem: NO_REST };
  if (rest && createHash('sha256').update(rest).digest('hex') !== hash) return { problem: OTHER_REST };
  const data = parseObject(rest ? decode(rest) : body);
  return data ? { value: data } : { problem: NO_DATA };
}

const HOW_TO =
  ' Send requests with quittance/app-client, or set app.signing to "compatible" for other clients.';

function foreignText(key: string): string {
  return `"${key}" is none of the fields that are signed: data belong into "body".`;
}

const NOT_WRITTEN = problems.invalidBody(
  'The first line must be a JSON object as JSON.stringify writes it: no spaces, no field twice.',
);

const NO_NONCE = problems.invalidBody('"nonce" must be 16 to 128 letters, digits, "_" and "-".');

const QUERY = problems.unsignedField(
  'The query of the address is not signed: send what stands in it as data instead.',
);

const UNCOVERED = problems.unsignedField(
  'Behind the signed line there is more, which the signature does not cover (a line break counts).',
);

const NO_REST = problems.invalidBody('The second line is missing, whose hash stands in "body".');

const OTHER_REST: Problem = {
  ...problems.INVALID_SIGNATURE,
  detail: 'The second line is not the one whose hash was signed in "body".',
};

const NO_DATA = problems.invalidBody(
  'The data must be a JSON object of at most 64 levels, without "__proto__", NUL and broken characters.',
);
