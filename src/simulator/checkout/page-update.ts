import type Stripe from 'stripe';
import type { Params } from '../contract/validate.ts';
import type { Realm } from '../realm.ts';
import { changeCode, changeQuantity } from './recount.ts';
import { details } from './session.ts';

type Session = Stripe.Checkout.Session;
type CustomerDetails = Stripe.Checkout.Session.CustomerDetails;

/** What the buyer tells Stripe.js before paying: who they are, where the goods go, how many. */
export function updatePage(realm: Realm, session: Session, params: Params): Session {
  const { quantity, promotion_code: code } = params;
  if (quantity !== undefined) changeQuantity(realm, session, String(params['line_item']), Number(quantity));
  if (typeof code === 'string') changeCode(realm, realm.need('checkout.session', session.id), code.trim());
  const known = realm.need('checkout.session', session.id);
  const { shipping_address: shipping } = params;
  return realm.change('checkout.session', session.id, {
    customer_details: { ...(known.customer_details ?? details(null, null)), ...detailsIn(params) },
    ...(shipping !== undefined && {
      collected_information: {
        business_name: null,
        individual_name: null,
        ...known.collected_information,
        shipping_details: contact(shipping),
      },
    }),
  });
}

/** The customer's details that were said; an empty text takes one back. */
function detailsIn(params: Params): Partial<CustomerDetails> {
  const said: Record<string, unknown> = {};
  for (const name of ['email', 'phone', 'name'])
    if (params[name] !== undefined) said[name] = params[name] === '' ? null : params[name];
  const billing = params['billing_address'];
  if (billing !== undefined) {
    const { name, address } = contact(billing) ?? { name: null, address: null };
    said['address'] = address;
    if (name) said['name'] = name;
  }
  return said;
}

/** A name and an address with null for each part that is not there; an empty text means none at all. */
function contact(value: unknown): { name: string; address: Stripe.Address } | null {
  if (typeof value !== 'object' || value === null) return null;
  const { name = '', address = {} } = value as { name?: string; address?: Partial<Stripe.Address> };
  const nothing = { city: null, country: null, line1: null, line2: null, postal_code: null, state: null };
  return { name, address: { ...nothing, ...address } };
}
