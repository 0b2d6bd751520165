import type { Params } from '../../contract/validate.ts';
import type { Call, Resource } from '../../server/call.ts';
import { missingParameter } from '../../server/errors.ts';
import { list } from '../../server/generic.ts';
import type { StripeObject } from '../../store/store.ts';
import { answer, given, text } from '../params.ts';
import { updateSubscription } from './update.ts';

/** Parameters of an item that are about its subscription. */
const ABOUT_SUBSCRIPTION = ['payment_behavior', 'proration_behavior', 'proration_date', 'off_session'];

/** docs.stripe.com/api/subscription_items: each is a change of its subscription. */
export const subscriptionItems: Resource = {
  routes: {
    'POST /v1/subscription_items': create,
    'GET /v1/subscription_items': (call) => {
      if (text(call.params, 'subscription') === undefined) throw missingParameter('subscription');
      return list(call, { filters: {} });
    },
    'POST /v1/subscription_items/{}': update,
    'DELETE /v1/subscription_items/{}': remove,
  },
};

function create(call: Call): StripeObject {
  const { realm, params } = call;
  const id = text(params, 'subscription');
  if (id === undefined) throw missingParameter('subscription');
  const { subscription: _subscription, ...item } = params;
  realm.need('subscription', id, 'subscription');
  edit(call, id, item);
  const made = realm.where('subscription_item', 'subscription', id).at(-1);
  return answer(made ?? {});
}

function update(call: Call): StripeObject {
  const { realm, params, ids } = call;
  const item = realm.named('subscription_item', ids[0] ?? '', 'item');
  edit(call, item.subscription, { ...params, id: item.id });
  return answer(realm.need('subscription_item', item.id));
}

function remove(call: Call): StripeObject {
  const { realm, params, ids } = call;
  const item = realm.named('subscription_item', ids[0] ?? '', 'item');
  edit(call, item.subscription, { ...params, id: item.id, deleted: true });
  return { id: item.id, object: 'subscription_item', deleted: true };
}

function edit(call: Call, subscription: string, params: Params): void {
  const about = given(params, ABOUT_SUBSCRIPTION);
  const item = Object.fromEntries(Object.entries(params).filter(([name]) => !(name in about)));
  updateSubscription({ ...call, ids: [subscription], params: { ...about, items: [item] } });
}
