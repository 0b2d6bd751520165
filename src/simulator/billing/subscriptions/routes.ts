import { idOf } from '../../kinds.ts';
import type { Call, Resource } from '../../server/call.ts';
import { listPage } from '../../server/list.ts';
import type { StripeObject } from '../../store/store.ts';
import { endDiscount } from '../discounts/redeem.ts';
import { answer } from '../params.ts';
import { cancelSubscription, endSubscription } from './cancel.ts';
import { createSubscription } from './create.ts';
import { subscriptionFollows } from './outcomes.ts';
import { pauseSubscription, resumeSubscription } from './pause.ts';
import { previewInvoice } from './preview.ts';
import { altering, isLiving, type Subscription } from './store.ts';
import { updateSubscription } from './update.ts';

const ENDED = new Set(['canceled', 'incomplete_expired']);

/** docs.stripe.com/api/subscriptions */
export const subscriptions: Resource = {
  routes: {
    'POST /v1/invoices/create_preview': previewInvoice,
    'POST /v1/subscriptions': (call) => answer(createSubscription(call)),
    'GET /v1/subscriptions': listSubscriptions,
    'POST /v1/subscriptions/{}': (call) => answer(updateSubscription(call)),
    'DELETE /v1/subscriptions/{}': (call) => answer(cancelSubscription(call)),
    'DELETE /v1/subscriptions/{}/discount': removeDiscount,
    'POST /v1/subscriptions/{}/migrate': migrate,
    'POST /v1/subscriptions/{}/pause': (call) => answer(pauseSubscription(call)),
    'POST /v1/subscriptions/{}/resume': (call) => answer(resumeSubscription(call)),
  },
  filters: {
    'subscription.status': ({ status }, wanted) =>
      wanted === 'all' || (wanted === 'ended' ? ENDED.has(status as string) : status === wanted),
    'subscription.price': (object, price) => has(object, (item) => item.price.id === price),
    'subscription.plan': (object, plan) => has(object, (item) => item.price.id === plan),
    'subscription.test_clock': ({ test_clock: clock }, wanted) => clock === wanted,
  },
  follows: {
    ...subscriptionFollows,
    'customer.deleted': (realm, { id = '' }) => {
      for (const each of realm.where('subscription', 'customer', id))
        if (isLiving(each)) endSubscription(realm, each.id, 'cancellation_requested');
    },
  },
};

/** What has ended is only listed when a status is asked for. */
function listSubscriptions({ realm, params, path }: Call): StripeObject {
  const hidesEnded = params['status'] === undefined;
  return listPage({
    realm,
    kind: 'subscription',
    params,
    url: path,
    filters: Object.fromEntries(
      Object.entries(subscriptions.filters ?? {}).map(([name, filter]) => [name.split('.')[1] ?? '', filter]),
    ),
    belongs: ({ object }) => !hidesEnded || !ENDED.has(object['status'] as string),
  });
}

function removeDiscount({ realm, ids: [id = ''] }: Call): StripeObject {
  const { discounts } = realm.named('subscription', id, 'subscription');
  const ended = discounts.map((each) => endDiscount(realm, idOf(each) ?? ''));
  altering(realm, id, () => realm.change('subscription', id, { discounts: [] }));
  return ended[0] ?? { id, object: 'discount', deleted: true };
}

function migrate({ realm, params, ids: [id = ''] }: Call): StripeObject {
  realm.named('subscription', id, 'subscription');
  const given = params['billing_mode'] as { type: 'flexible'; flexible?: object } | undefined;
  const flexible = { proration_discounts: 'included' as const, ...given?.flexible };
  const billing_mode = { flexible, type: 'flexible' as const, updated_at: realm.now };
  return answer(altering(realm, id, () => realm.change('subscription', id, { billing_mode })));
}

function has(
  object: StripeObject,
  wanted: (item: Subscription['items']['data'][number]) => boolean,
): boolean {
  return (object as unknown as Subscription).items.data.some(wanted);
}
