import type Stripe from 'stripe';
import type { Params } from '../../contract/validate.ts';
import { idOf } from '../../kinds.ts';
import type { Realm } from '../../realm.ts';
import type { Call, Resource } from '../../server/call.ts';
import { badParameter, missingParameter } from '../../server/errors.ts';
import type { StripeObject } from '../../store/store.ts';
import { answer, group, text } from '../params.ts';
import { usualConfiguration } from './configurations.ts';

const SECRET_CHARS = 40;

/** Flows that are about one subscription. */
const ABOUT_SUBSCRIPTION = [
  'subscription_cancel',
  'subscription_pause',
  'subscription_update',
  'subscription_update_confirm',
];

/** docs.stripe.com/api/customer_portal/sessions */
export const portalSessions: Resource = {
  routes: { 'POST /v1/billing_portal/sessions': create },
};

function create({ realm, params }: Call): StripeObject {
  const customer = text(params, 'customer');
  if (customer === undefined) throw missingParameter('customer');
  realm.need('customer', customer, 'customer');
  const named = text(params, 'configuration');
  const configuration =
    named === undefined
      ? usualConfiguration(realm)
      : realm.need('billing_portal.configuration', named, 'configuration');
  const secret = `${realm.livemode ? 'live' : 'test'}_${realm.secret(SECRET_CHARS)}`;
  const made = realm.insert(
    'billing_portal.session',
    {
      configuration: configuration.id,
      customer,
      customer_account: null,
      flow: flowOf(realm, params),
      locale: (params['locale'] ?? null) as Stripe.BillingPortal.Session.Locale | null,
      on_behalf_of: text(params, 'on_behalf_of') ?? null,
      return_url: text(params, 'return_url') ?? configuration.default_return_url,
      url: `${realm.engine.settings.url}/p/session/${secret}`,
    },
    { secret },
  );
  realm.emit('billing_portal.session.created', made);
  return answer(made);
}

/** A session that is for one thing only, for example to cancel a subscription. */
function flowOf(realm: Realm, params: Params): Stripe.BillingPortal.Session.Flow | null {
  const data = group(params, 'flow_data');
  const type = text(data, 'type');
  if (type === undefined) return null;
  const details = group(data, type);
  const subscription = text(details, 'subscription');
  if (ABOUT_SUBSCRIPTION.includes(type)) {
    if (subscription === undefined) throw missingParameter(`flow_data[${type}][subscription]`);
    const { customer } = realm.need('subscription', subscription, `flow_data[${type}][subscription]`);
    if (idOf(customer) !== params['customer'])
      throw badParameter('The subscription belongs to another customer.', {
        param: `flow_data[${type}][subscription]`,
      });
  }
  const after = {
    hosted_confirmation: null,
    redirect: null,
    type: 'portal_homepage',
    ...group(data, 'after_completion'),
  };
  const flows = Object.fromEntries(
    ABOUT_SUBSCRIPTION.map((name) => [name, name === type ? { retention: null, ...details } : null]),
  );
  return {
    after_completion: after,
    customer_update: null,
    ...flows,
    type,
  } as unknown as Stripe.BillingPortal.Session.Flow;
}
