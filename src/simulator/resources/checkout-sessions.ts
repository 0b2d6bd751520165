import { mergeMetadata } from '../contract/metadata.ts';
import { expireSession } from '../checkout/pay.ts';
import { itemsOf, openSession } from '../checkout/session.ts';
import type { Realm } from '../realm.ts';
import type { Call, Resource } from '../server/call.ts';
import { emptyList } from '../server/list.ts';
import type { StripeObject } from '../store/store.ts';

const ITEMS_SHOWN = 10;

/** docs.stripe.com/api/checkout/sessions */
export const checkoutSessions: Resource = {
  routes: {
    'POST /v1/checkout/sessions': ({ realm, params }) => asObject(openSession(realm, params)),
    'POST /v1/checkout/sessions/{}': update,
    'POST /v1/checkout/sessions/{}/expire': ({ realm, ids }) =>
      asObject(expireSession(realm, realm.named('checkout.session', ids[0] ?? '', 'session'))),
    'GET /v1/checkout/sessions/{}/line_items': listItems,
  },
  includes: { 'checkout.session.line_items': includeItems },
  filters: {
    'checkout.session.customer_details': ({ customer_details: details }, wanted) =>
      (details as { email: string } | null)?.email === (wanted as { email?: string }).email,
    'checkout.session.subscription': (session, wanted) => session['subscription'] === wanted,
  },
  live: {
    // A simulator with kept state may come back at another port.
    'checkout.session': ({ engine: { settings } }, session) => {
      const url = session['url'] as string | null;
      if (url === null || url.startsWith(settings.url)) return session;
      return { ...session, url: `${settings.url}${new URL(url).pathname}` };
    },
  },
  tasks: {
    'checkout.expire': (realm, id) => {
      const session = realm.get('checkout.session', id);
      if (session?.status === 'open') expireSession(realm, session);
    },
  },
};

function update({ realm, params, ids }: Call): StripeObject {
  const before = realm.named('checkout.session', ids[0] ?? '', 'session');
  const { metadata, collected_information: _collected, ...fields } = params;
  const known = Object.fromEntries(Object.entries(fields).filter(([name]) => name in before));
  const after = realm.change('checkout.session', before.id, {
    ...known,
    metadata: mergeMetadata(before.metadata, metadata),
  });
  return asObject(after);
}

/** Items keep the order of the cart: the first one given comes first. */
function listItems({ realm, ids, params, path }: Call): StripeObject {
  const { id } = realm.named('checkout.session', ids[0] ?? '', 'session');
  const all = itemsOf(realm, id);
  const from = all.findIndex((item) => item.id === params['starting_after']) + 1;
  const limit = (params['limit'] as number | undefined) ?? ITEMS_SHOWN;
  return { ...emptyList(path), data: all.slice(from, from + limit), has_more: all.length > from + limit };
}

function includeItems(realm: Realm, { id = '' }: StripeObject): StripeObject {
  const all = itemsOf(realm, id);
  const list = emptyList(`/v1/checkout/sessions/${id}/line_items`);
  return { ...list, data: all.slice(0, ITEMS_SHOWN), has_more: all.length > ITEMS_SHOWN };
}

function asObject(session: object): StripeObject {
  return session as StripeObject;
}
