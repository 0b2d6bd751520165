import { mergeMetadata } from '../contract/metadata.ts';
import type { Call, Resource } from '../server/call.ts';
import { refused } from '../server/errors.ts';
import { differences } from '../server/hashes.ts';
import { needRow } from '../server/lookup.ts';
import type { StripeObject } from '../store/store.ts';

const KIND = 'identity.verification_session';

/** docs.stripe.com/identity: sessions that nobody goes through; there is no page to show a document on. */
export const verificationSessions: Resource = {
  routes: {
    'POST /v1/identity/verification_sessions': create,
    'POST /v1/identity/verification_sessions/{}/cancel': (call) => {
      const { status } = needRow(call.realm, KIND, call.ids[0] ?? '').object;
      if (status !== 'requires_input' && status !== 'canceled')
        throw refused(`You cannot cancel a VerificationSession that is ${String(status)}.`);
      return end(call, 'canceled', { status: 'canceled', client_secret: null, url: null });
    },
    'POST /v1/identity/verification_sessions/{}/redact': (call) =>
      end(call, 'redacted', { redaction: { status: 'redacted' }, client_secret: null, url: null }),
  },
};

function create({ realm, params }: Call): StripeObject {
  const { metadata, return_url: _back, ...fields } = params;
  const id = realm.newId(KIND);
  const secret = realm.secret(25);
  const session = realm.insertRaw(KIND, {
    options: {},
    type: 'document',
    ...fields,
    id,
    client_secret: `${id}_secret_${secret}`,
    metadata: mergeMetadata({}, metadata),
    status: 'requires_input',
    url: `${realm.engine.settings.url}/_sim/identity/${secret}`,
  });
  realm.emit(`${KIND}.created`, session);
  return session;
}

function end({ realm, ids }: Call, event: string, changes: StripeObject): StripeObject {
  const before = needRow(realm, KIND, ids[0] ?? '').object;
  const after = { ...before, ...changes };
  if (Object.keys(differences(before, after)).length === 0) return before;
  realm.engine.store.put(realm, KIND, ids[0] ?? '', after);
  realm.emit(`${KIND}.${event}`, after);
  return after;
}
