import type { Problem } from '../../http/problem.ts';
import { checkSignature, signedAt } from '../../stripe/signature.ts';
import { decode, parseObject } from './json.ts';
import * as problems from './problems.ts';
import { missingOf, WHO } from './who.ts';

// What Stripe signs has to fit in a URL. Looking for why a signature is wrong must cost no more.
const EXPLAINED_BYTES_MAX = 16 * 1024;

/** A `Stripe-Signature` header, and what it may have been made with. */
export interface AppSignature {
  header: string | null;
  /** Secrets of the app: any of them may have signed. */
  secrets: readonly string[];
  /** Secrets of our webhooks: none of them may, but somebody may have taken the wrong one. */
  webhookSecrets: readonly string[];
  nowSeconds: number;
}

/** Null when the signature is right for these bytes, and of now. */
export function signatureProblem(bytes: Uint8Array, signature: AppSignature): Problem | null {
  const check = checkSignature(bytes, signature.header, signature.secrets, signature.nowSeconds);
  switch (check.kind) {
    case 'valid':
      return check.ahead ? problems.CLOCK : null;
    case 'missing':
      return problems.MISSING_SIGNATURE;
    case 'stale':
      return problems.STALE;
    case 'invalid':
      return problems.INVALID_SIGNATURE;
    default:
      return check satisfies never;
  }
}

/** The JSON text that Stripe signs where an extension asks for nothing else to be signed. */
export function whoText({ user_id, account_id }: Record<string, unknown>): Buffer {
  return Buffer.from(JSON.stringify({ user_id, account_id }));
}

/**
 * Says more of bytes whose signature is wrong: what was forgotten, or what it would have been right for.
 * `front` names fields that come first, in this order.
 */
export function explainInvalid(bytes: Buffer, signature: AppSignature, front: readonly string[]): Problem {
  const fits = (text: Uint8Array, secrets = signature.secrets): boolean =>
    ['valid', 'stale'].includes(checkSignature(text, signature.header, secrets, signature.nowSeconds).kind);
  // A header that is none fits nothing.
  if (signedAt(signature.header ?? '') === null) return problems.INVALID_SIGNATURE;
  if (fits(bytes, signature.webhookSecrets)) return problems.WRONG_SECRET_KIND;
  if (bytes.length > EXPLAINED_BYTES_MAX) return problems.INVALID_SIGNATURE;
  const object = parseObject(decode(bytes));
  if (!object) return NO_OBJECT;
  const missing = missingOf(object, WHO);
  if (missing.length > 0) return problems.lacking(missing);
  if (fits(whoText(object), signature.webhookSecrets)) return problems.WRONG_SECRET_KIND;
  if (fits(whoText(object))) return ONLY_WHO;
  const keys = inOrder(Object.keys(object), front);
  const ordered = Buffer.from(JSON.stringify(Object.fromEntries(keys.map((key) => [key, object[key]]))));
  if (!fits(ordered)) return problems.INVALID_SIGNATURE;
  return keys.join() === Object.keys(object).join() ? REWRITTEN : problems.keyOrder(keys);
}

/** The order that Stripe signs fields in: who sends it is last, whatever else there is. */
function inOrder(keys: readonly string[], front: readonly string[]): string[] {
  const last: readonly string[] = WHO;
  const rest = keys.filter((key) => !front.includes(key) && !last.includes(key));
  return [...front.filter((key) => keys.includes(key)), ...rest, ...WHO];
}

const NO_OBJECT = problems.invalidBody(
  'The body must begin with the JSON object that was signed, with "user_id" and "account_id" at its end.',
);

const ONLY_WHO = problems.unsignedField(
  'The signature covers "user_id" and "account_id" only. This server takes requests that are signed as a ' +
    'whole: send them with quittance/app-client, or set app.signing to "compatible".',
);

const REWRITTEN: Problem = {
  ...problems.INVALID_SIGNATURE,
  detail: 'The fields are right but not the bytes: send what JSON.stringify gives, without spaces.',
};
