import type Stripe from 'stripe';
import { mergeMetadata } from '../contract/metadata.ts';
import type { Params } from '../contract/validate.ts';
import type { Realm } from '../realm.ts';
import { namedOwner, owned } from './owner.ts';
import { METHOD_CONFIGURATION, methodTypes, setupOptions } from './method-types.ts';

/** Makes an intent from parameters that were checked; Checkout in setup mode makes its own this way too. */
export function makeSetupIntent(realm: Realm, params: Params): Stripe.SetupIntent {
  const owner = namedOwner(realm, params) ?? null;
  const legacy = params['payment_method_types'] !== undefined;
  const types = methodTypes(params, null);
  const id = realm.newId('setup_intent');
  const automatic = {
    allow_redirects: 'always',
    enabled: true,
    ...(params['automatic_payment_methods'] as object),
  };
  return realm.insert('setup_intent', {
    id,
    automatic_payment_methods: legacy ? null : (automatic as Stripe.SetupIntent.AutomaticPaymentMethods),
    client_secret: `${id}_secret_${realm.secret(33)}`,
    ...owned(owner),
    description: (params['description'] as string | undefined) ?? null,
    flow_directions: null,
    managed_payments: { enabled: false },
    metadata: mergeMetadata({}, params['metadata']),
    payment_method_configuration_details: legacy ? null : { id: METHOD_CONFIGURATION, parent: null },
    payment_method_options: setupOptions(types, params['payment_method_options'] as Params),
    payment_method_types: types,
    status: 'requires_payment_method',
    usage: (params['usage'] as string | undefined) ?? 'off_session',
  });
}
