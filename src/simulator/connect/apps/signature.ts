import { signatureHeader } from '../../events/sign.ts';
import type { Call, Resource } from '../../server/call.ts';
import { badParameter, missingParameter } from '../../server/errors.ts';
import type { StripeObject } from '../../store/store.ts';
import { handedOut, type Role } from '../keys.ts';
import { appOf } from './app.ts';
import { ADMINISTRATOR, SIGNATURE_PATH } from './sessions.ts';

/** Who uses the app's extension when the key is of no session: a Dashboard user with one role. */
const SOMEBODY = { user: 'usr_QuittanceSimulator', roles: [ADMINISTRATOR] };

/** What an extension's `fetchStripeSignature` calls; see docs.stripe.com/stripe-apps/build-backend. */
export const appSignature: Resource = {
  routes: { [`GET ${SIGNATURE_PATH}`]: sign },
};

/** Signs what the extension wants to send to its server, with who sends it at the end. */
function sign({ realm, caller, params }: Call): StripeObject {
  const { engine, account, livemode, now } = realm;
  const origin = handedOut(engine, caller.key, livemode)?.origin;
  const { user, roles: held } = origin?.by === 'session' ? origin : SOMEBODY;
  const extra = readPayload(params['payload']);
  const { stripe_roles: roles, ...rest } = extra;
  if (roles !== undefined) checkRoles(roles, held);
  const wrong = Object.entries(rest).find(([, value]) => !isPlain(value));
  if (wrong)
    throw badParameter(`The value of ${wrong[0]} must be a string, a number or a boolean.`, {
      param: 'payload',
    });
  const payload = JSON.stringify({ ...extra, user_id: user, account_id: account });
  return { signature: signatureHeader(Buffer.from(payload), appOf(engine).secrets, now) };
}

function readPayload(text: unknown): Record<string, unknown> {
  if (typeof text !== 'string') throw missingParameter('payload');
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>;
  } catch {
    // Said below, as for JSON that is no object.
  }
  throw badParameter('payload must be a JSON object.', { param: 'payload' });
}

/** Stripe only signs roles that the user really has. */
function checkRoles(roles: unknown, held: readonly Role[]): void {
  const named = (Array.isArray(roles) ? roles : [roles]) as (Partial<Role> | string | null)[];
  const has = (role: Partial<Role> | string | null): boolean => {
    if (typeof role === 'string') return held.some(({ id, name }) => role === id || role === name);
    return held.some(({ id, name }) => (role?.id === undefined ? role?.name === name : role.id === id));
  };
  if (!named.every(has))
    throw badParameter('The user does not have all of the roles in stripe_roles.', { param: 'payload' });
}

function isPlain(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}
