import type { Call, Resource } from '../../server/call.ts';
import { badParameter, missingParameter } from '../../server/errors.ts';
import { signatureHeader } from '../../events/sign.ts';
import type { StripeObject } from '../../store/store.ts';

/** Who uses the app's extension: a Dashboard user with one role. */
const USER_ID = 'usr_QuittanceSimulator';
const ROLES = new Set(['admin', 'Administrator']);

/** What an extension's `fetchStripeSignature` calls; see docs.stripe.com/stripe-apps/build-backend. */
export const appSignature: Resource = {
  routes: { 'GET /v1/apps/app_embedded_backend_signature': sign },
};

/** Signs what the extension wants to send to its server, with who sends it at the end. */
function sign({ realm, params }: Call): StripeObject {
  const extra = readPayload(params['payload']);
  const { stripe_roles: roles, ...rest } = extra;
  if (roles !== undefined) checkRoles(roles);
  const wrong = Object.entries(rest).find(([, value]) => !isPlain(value));
  if (wrong)
    throw badParameter(`The value of ${wrong[0]} must be a string, a number or a boolean.`, {
      param: 'payload',
    });
  const payload = JSON.stringify({ ...extra, user_id: USER_ID, account_id: realm.account });
  const { appSecret } = realm.engine.settings;
  const signature = signatureHeader(
    Buffer.from(payload),
    [{ secret: appSecret, expires_at: null }],
    realm.now,
  );
  return { signature };
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
function checkRoles(roles: unknown): void {
  const named = (Array.isArray(roles) ? roles : [roles]) as ({ id?: string; name?: string } | string)[];
  const missing = named.find((role) =>
    typeof role === 'string' ? !ROLES.has(role) : !ROLES.has(role.id ?? '') && !ROLES.has(role.name ?? ''),
  );
  if (missing !== undefined)
    throw badParameter('The user does not have all of the roles in stripe_roles.', { param: 'payload' });
}

function isPlain(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}
