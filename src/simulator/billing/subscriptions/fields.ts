import type Stripe from 'stripe';
import type { Params } from '../../contract/validate.ts';
import { ownMethod } from '../../payments/own-method.ts';
import type { Call } from '../../server/call.ts';
import { badParameter, missingParameter } from '../../server/errors.ts';
import { taxRatesOf } from '../catalog/tax-rates.ts';
import { filled, given, group, number, text } from '../params.ts';

type Subscription = Stripe.Subscription;

/** As much of a request as says what a subscription is to be. */
type Speaking = Pick<Call, 'realm' | 'params' | 'magic'>;

/** Fields that are taken over as they are sent. */
const PLAIN = [
  'application_fee_percent',
  'billing_thresholds',
  'default_source',
  'description',
  'on_behalf_of',
  'pending_invoice_item_interval',
];

const NO_PAYMENT_SETTINGS = {
  payment_method_options: null,
  payment_method_types: null,
  save_default_payment_method: 'off',
};

/** What parameters say about a subscription apart from its items, its periods and its end. */
export function fieldsOf(call: Speaking, customer: string): Partial<Subscription> {
  const { realm, params } = call;
  const has = (name: string): boolean => params[name] !== undefined;
  const tax = params['automatic_tax'] as Params | undefined;
  const transfer = params['transfer_data'] as Params | null | undefined;
  const behaviour = params['trial_settings'] as Params | undefined;
  return {
    ...given(params, PLAIN),
    ...(tax && { automatic_tax: filled({ disabled_reason: null, enabled: false, liability: null }, tax) }),
    ...(has('default_payment_method') && { default_payment_method: methodOf(call, customer) }),
    ...(has('default_tax_rates') && { default_tax_rates: taxRatesOf(realm, params, 'default_tax_rates') }),
    ...(has('invoice_settings') && {
      invoice_settings: filled(
        { account_tax_ids: null, issuer: { type: 'self' } },
        params['invoice_settings'],
      ) as never,
    }),
    ...(has('payment_settings') && {
      payment_settings: filled(NO_PAYMENT_SETTINGS, params['payment_settings']),
    }),
    ...(transfer !== undefined && { transfer_data: transfer && { amount_percent: null, ...transfer } }),
    ...(behaviour && { trial_settings: behaviour as unknown as Subscription['trial_settings'] }),
    ...collectionOf(params),
  } as Partial<Subscription>;
}

/** The defaults of what `fieldsOf` reads. */
export const NOTHING_SAID = {
  automatic_tax: { disabled_reason: null, enabled: false, liability: null },
  collection_method: 'charge_automatically',
  default_tax_rates: [],
  invoice_settings: { account_tax_ids: null, issuer: { type: 'self' } },
  payment_settings: NO_PAYMENT_SETTINGS,
  trial_settings: { end_behavior: { missing_payment_method: 'create_invoice' } },
} as unknown as Partial<Subscription>;

/** The feedback that came with a cancellation, and why it was canceled. */
export function cancellationOf(params: Params, reason: string | null): Subscription['cancellation_details'] {
  const { comment = null, feedback = null } = group(params, 'cancellation_details');
  return { comment, feedback, feedback_option: null, reason } as Subscription['cancellation_details'];
}

function methodOf(call: Speaking, customer: string): string | null {
  const id = text(call.params, 'default_payment_method');
  if (id === undefined) return null;
  return ownMethod(call, id, customer, 'default_payment_method').id;
}

function collectionOf(params: Params): Partial<Subscription> {
  const method = text(params, 'collection_method');
  const days = number(params, 'days_until_due');
  if (method === 'send_invoice' && days === undefined) throw missingParameter('days_until_due');
  if (method === 'charge_automatically' && days !== undefined)
    throw badParameter('You can only specify `days_until_due` if `collection_method` is `send_invoice`.', {
      param: 'days_until_due',
    });
  return {
    ...(method !== undefined && { collection_method: method }),
    ...(method === 'charge_automatically' && { days_until_due: null }),
    ...(days !== undefined && { days_until_due: days }),
  };
}
