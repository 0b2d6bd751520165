import type Stripe from 'stripe';
import { mergeMetadata } from '../../contract/metadata.ts';
import type { Params } from '../../contract/validate.ts';
import type { Realm } from '../../realm.ts';
import type { Call, Resource } from '../../server/call.ts';
import { differences } from '../../server/hashes.ts';
import type { StripeObject } from '../../store/store.ts';
import { answer, filled, group, text } from '../params.ts';

type Configuration = Stripe.BillingPortal.Configuration;

const NO_PROFILE = { headline: null, privacy_policy_url: null, terms_of_service_url: null };

/** Each feature as it is when nothing is said about it. */
const FEATURES: Readonly<Record<string, Params>> = {
  customer_update: { allowed_updates: [], enabled: false },
  invoice_history: { enabled: false },
  payment_method_update: { enabled: false, payment_method_configuration: null },
  subscription_cancel: {
    cancellation_reason: {
      enabled: false,
      options: ['too_expensive', 'missing_features', 'switched_service', 'unused', 'other'],
    },
    enabled: false,
    mode: 'at_period_end',
    proration_behavior: 'none',
  },
  subscription_pause: { enabled: false },
  subscription_update: {
    billing_cycle_anchor: null,
    default_allowed_updates: [],
    enabled: false,
    proration_behavior: 'none',
    schedule_at_period_end: { conditions: [] },
    trial_update_behavior: 'end_trial',
  },
};

/** What the Dashboard's own configuration lets customers do. */
const USUAL = ['invoice_history', 'payment_method_update', 'subscription_cancel'];

/** docs.stripe.com/api/customer_portal/configurations */
export const portalConfigurations: Resource = {
  routes: {
    'POST /v1/billing_portal/configurations': create,
    'POST /v1/billing_portal/configurations/{}': update,
  },
};

/** The configuration of sessions that name none; made when it is first needed. */
export function usualConfiguration(realm: Realm): Configuration {
  const rows = realm.engine.store.table(realm, 'billing_portal.configuration').order;
  const known = rows.find(({ gone, object }) => !gone && object['is_default'] === true);
  if (known) return known.object as unknown as Configuration;
  const features = Object.fromEntries(USUAL.map((name) => [name, { enabled: true }]));
  return insert(realm, { features }, true);
}

function create({ realm, params }: Call): StripeObject {
  const made = insert(realm, params, false);
  realm.emit('billing_portal.configuration.created', made);
  return answer(made);
}

function insert(realm: Realm, params: Params, isDefault: boolean): Configuration {
  return realm.insert('billing_portal.configuration', {
    active: true,
    business_profile: filled(NO_PROFILE, params['business_profile']),
    default_return_url: text(params, 'default_return_url') ?? null,
    features: featuresOf(FEATURES, params),
    is_default: isDefault,
    login_page: { enabled: group(params, 'login_page')['enabled'] === true, url: null },
    metadata: mergeMetadata({}, params['metadata']),
    name: text(params, 'name') ?? null,
    updated: realm.now,
  });
}

function update({ realm, params, ids: [id = ''] }: Call): StripeObject {
  const before = realm.named('billing_portal.configuration', id, 'configuration');
  const { features, business_profile: profile, metadata, login_page: _login, ...fields } = params;
  const after = realm.change('billing_portal.configuration', id, {
    ...fields,
    business_profile: filled(before.business_profile, profile),
    ...(features !== undefined && { features: featuresOf(before.features as never, params) }),
    metadata: mergeMetadata(before.metadata, metadata),
    updated: realm.now,
  });
  realm.emit('billing_portal.configuration.updated', after, differences(answer(before), answer(after)));
  return answer(after);
}

function featuresOf(known: Readonly<Record<string, Params>>, params: Params): Configuration['features'] {
  const given = group(params, 'features');
  const features = Object.entries(known).map(([name, shape]) => [name, filled(shape, given[name])]);
  return Object.fromEntries(features) as Configuration['features'];
}
