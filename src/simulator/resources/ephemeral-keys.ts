import type { Call, Resource } from '../server/call.ts';
import { badParameter } from '../server/errors.ts';
import { deleteObject } from '../server/lookup.ts';
import type { StripeObject } from '../store/store.ts';

const KIND = 'ephemeral_key';
const VALID_SECONDS = 3600;

/** Whom a key may be for, by the parameter that says so. */
const ABOUT = {
  customer: 'customer',
  issuing_card: 'issuing.card',
  verification_session: 'identity.verification_session',
};

/** docs.stripe.com/payments/mobile: keys with which an app on a buyer's phone may see one customer. */
export const ephemeralKeys: Resource = {
  routes: {
    'POST /v1/ephemeral_keys': create,
    'DELETE /v1/ephemeral_keys/{}': (call) => {
      const id = call.ids[0] ?? '';
      const before = call.realm.row(KIND, id)?.object;
      return { ...deleteObject(call.realm, KIND, id), ...before };
    },
  },
};

function create({ realm, params }: Call): StripeObject {
  const [named] = Object.entries(ABOUT).filter(([param]) => params[param] !== undefined);
  if (!named)
    throw badParameter(
      'You must provide exactly one of `customer`, `issuing_card` or `verification_session`.',
      { param: 'customer' },
    );
  const [param, type] = named;
  const id = params[param] as string;
  if (type === 'customer') realm.need('customer', id, param);
  return realm.insertRaw(KIND, {
    associated_objects: [{ id, type }],
    expires: realm.now + VALID_SECONDS,
    secret: `ek_${realm.livemode ? 'live' : 'test'}_${realm.secret(60)}`,
  });
}
