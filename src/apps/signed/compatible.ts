import type { Problem } from '../../http/problem.ts';
import type { Read } from '../../http/request.ts';
import { signedAt } from '../../stripe/signature.ts';
import { decode, parseObject, parseWritten, type JsonObject } from './json.ts';
import * as problems from './problems.ts';
import { proofOf, type Proof, type Received } from './proof.ts';
import { explainInvalid, signatureProblem, whoText, type AppSignature } from './signature.ts';
import { missingOf, readWho, WHO } from './who.ts';

/**
 * Reads a request as Stripe documents it: the body is what was signed, or its `user_id` and `account_id` are,
 * and then whatever else it says is not.
 * Two requests that are equal and signed in the same second are one: nothing in them tells them apart.
 * Source: docs.stripe.com/stripe-apps/build-backend
 */
export function readCompatible(received: Received, signature: AppSignature, livemode: boolean): Read<Proof> {
  const fields = readFields(received.bytes, signature);
  if ('problem' in fields) return fields;
  const { signed, unsigned } = fields.value;
  const who = readWho(signed);
  if ('problem' in who) return who;
  const { user_id: _user, account_id: _account, stripe_roles: _roles, ...payload } = signed;
  if (isOtherMode(payload, livemode)) return { problem: problems.otherMode(livemode) };
  const { bytes, method, url } = received;
  const once = ['compatible', livemode, method, url.pathname, signedAt(signature.header ?? '')];
  return { value: proofOf({ ...who, livemode, payload, unsigned }, once, bytes) };
}

interface Fields {
  signed: JsonObject;
  unsigned: JsonObject;
}

function readFields(bytes: Buffer, signature: AppSignature): Read<Fields> {
  const refused = signatureProblem(bytes, signature);
  if (!refused) return readWhole(bytes);
  if (refused !== problems.INVALID_SIGNATURE) return { problem: refused };
  // Parsed before it is known who wrote it: there is no other way to the two fields that are signed.
  const object = parseObject(decode(bytes));
  if (!object || missingOf(object, WHO).length > 0) {
    return { problem: explainInvalid(bytes, signature, []) };
  }
  const { user_id, account_id, ...unsigned } = object;
  const problem = signatureProblem(whoText(object), signature);
  if (problem === problems.INVALID_SIGNATURE) return { problem: explainInvalid(bytes, signature, []) };
  return problem ? { problem } : { value: { signed: { user_id, account_id }, unsigned } };
}

function readWhole(bytes: Buffer): Read<Fields> {
  const signed = parseWritten(decode(bytes));
  if (!signed) return { problem: NOT_WRITTEN };
  const missing = missingOf(signed, WHO);
  if (missing.length > 0) return { problem: problems.lacking(missing) };
  const keys = Object.keys(signed);
  const last: readonly string[] = WHO;
  const order = [...keys.filter((key) => !last.includes(key)), ...WHO];
  if (keys.join() !== order.join()) return { problem: problems.keyOrder(order) };
  return { value: { signed, unsigned: {} } };
}

// The extension may have signed its mode, in Stripe's word for objects or in the one of the Dashboard.
function isOtherMode({ livemode, mode }: JsonObject, ours: boolean): boolean {
  if (typeof livemode === 'boolean' && livemode !== ours) return true;
  return (mode === 'live' || mode === 'test') && (mode === 'live') !== ours;
}

const NOT_WRITTEN: Problem = problems.invalidBody(
  'The body must be a JSON object as JSON.stringify writes it, of at most 64 levels, without "__proto__", ' +
    'NUL and broken characters.',
);
