import type { Params } from '../../contract/validate.ts';
import { idOf } from '../../kinds.ts';
import type { Call } from '../../server/call.ts';
import { StripeError, missingParameter } from '../../server/errors.ts';
import type { StripeObject } from '../../store/store.ts';
import { createInvoice } from '../invoices/create.ts';
import { makeItem } from '../invoices/items.ts';
import { group, list, text } from '../params.ts';
import { onClock } from '../time/moments.ts';
import { periodEnd } from './agenda.ts';
import { createSubscription } from './create.ts';
import { asPreview, rehearse } from './rehearse.ts';
import { renewAhead } from './renew.ts';
import type { Subscription } from './store.ts';
import { change } from './update.ts';

/** POST /v1/invoices/create_preview: does what is asked about, looks at the invoice, and undoes it. */
export function previewInvoice(call: Call): StripeObject {
  const { params } = call;
  const subscription = call.realm.get('subscription', text(params, 'subscription'));
  const wanted = text(params, 'subscription');
  if (wanted !== undefined && !subscription) call.realm.need('subscription', wanted, 'subscription');
  const id = text(params, 'customer') ?? idOf(subscription?.customer) ?? undefined;
  if (id === undefined) throw missingParameter('customer');
  const realm = onClock(call.realm, call.realm.need('customer', id, 'customer'));
  return rehearse(realm, (silent) => {
    const there = { ...call, realm: silent };
    for (const item of list(params, 'invoice_items'))
      makeItem(silent, { ...item, customer: id }, 'invoice_items.');
    if (subscription) return asPreview(silent, nextOf(there, subscription));
    const details = group(params, 'subscription_details');
    if (list(details, 'items').length > 0) return asPreview(silent, firstOf(there, id, details));
    return asPreview(silent, oneTime(there, id));
  });
}

/** The invoice of the change that is asked about, or the renewal's if that comes later. */
function nextOf(call: Call, subscription: Subscription): string {
  const { realm, params } = call;
  const { id } = subscription;
  const details = group(params, 'subscription_details');
  const discounts = params['discounts'] === undefined ? {} : { discounts: params['discounts'] };
  const asked = { ...details, ...discounts, payment_behavior: 'default_incomplete' };
  const now =
    Object.keys(details).length > 0 || params['discounts'] !== undefined
      ? change({ ...call, params: asked }, subscription)
      : undefined;
  if (now !== undefined) return now;
  const changed = realm.need('subscription', id);
  if (changed.cancel_at !== null && changed.cancel_at <= periodEnd(changed)) throw nothing(subscription);
  const next = renewAhead(realm, changed);
  if (next === undefined) throw nothing(subscription);
  return next;
}

function firstOf(call: Call, customer: string, details: Params): string {
  const { realm, params } = call;
  const { start_date: start, ...rest } = details;
  const asked = {
    ...rest,
    ...(start !== undefined && start !== 'now' && { backdate_start_date: start }),
    ...(params['discounts'] !== undefined && { discounts: params['discounts'] }),
    ...(params['currency'] !== undefined && { currency: params['currency'] }),
    customer,
    payment_behavior: 'default_incomplete',
  };
  const made = createSubscription({ ...call, realm, params: asked });
  return idOf(made.latest_invoice) ?? '';
}

function oneTime(call: Call, customer: string): string {
  const { currency, discounts } = call.params;
  const asked = {
    customer,
    pending_invoice_items_behavior: 'include',
    ...(currency !== undefined && { currency }),
    ...(discounts !== undefined && { discounts }),
  };
  const invoice = createInvoice({ ...call, params: asked });
  if ((invoice['lines'] as { data: unknown[] }).data.length === 0) throw none(`customer: ${customer}`);
  return invoice.id ?? '';
}

function nothing(subscription: Subscription): StripeError {
  return none(`subscription: ${subscription.id}`);
}

function none(whose: string): StripeError {
  return new StripeError(`No upcoming invoices for ${whose}`, {
    status: 404,
    type: 'invalid_request_error',
    code: 'invoice_upcoming_none',
  });
}
