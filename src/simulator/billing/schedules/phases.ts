import type Stripe from 'stripe';
import { mergeMetadata } from '../../contract/metadata.ts';
import type { Params } from '../../contract/validate.ts';
import type { Realm } from '../../realm.ts';
import { badParameter, missingParameter } from '../../server/errors.ts';
import { readItems } from '../subscriptions/items.ts';
import { filled, group, list, number, text, texts } from '../params.ts';
import { addIntervals, type Interval } from '../time/calendar.ts';

type Phase = Stripe.SubscriptionSchedule.Phase;

/** A phase as it is shown, with what its subscription will be asked for. */
export interface Planned {
  shown: Phase;
  params: Params;
}

// docs.stripe.com/billing/subscriptions/subscription-schedules
const PHASES_MAX = 10;

const EMPTY_PHASE = {
  add_invoice_items: [],
  application_fee_percent: null,
  automatic_tax: { disabled_reason: null, enabled: false, liability: null },
  billing_cycle_anchor: null,
  billing_thresholds: null,
  collection_method: null,
  default_payment_method: null,
  default_tax_rates: [],
  description: null,
  discounts: [],
  invoice_settings: null,
  on_behalf_of: null,
  proration_behavior: 'create_prorations',
  transfer_data: null,
  trial_end: null,
};

/** What of a phase is a parameter of its subscription too. */
const PASSED_ON = [
  'add_invoice_items',
  'application_fee_percent',
  'automatic_tax',
  'billing_thresholds',
  'collection_method',
  'default_payment_method',
  'default_tax_rates',
  'description',
  'discounts',
  'metadata',
  'on_behalf_of',
  'transfer_data',
];

/** Reads `phases`, one after the other from `start` on. */
export function readPhases(realm: Realm, phases: readonly Params[], start: number): Planned[] {
  if (phases.length === 0) throw missingParameter('phases');
  if (phases.length > PHASES_MAX)
    throw badParameter(`A subscription schedule can have up to ${PHASES_MAX} phases.`, { param: 'phases' });
  let from = start;
  return phases.map((params, index) => {
    const planned = readPhase(realm, params, from, `phases[${index}]`);
    from = planned.shown.end_date;
    return planned;
  });
}

function readPhase(realm: Realm, params: Params, from: number, path: string): Planned {
  const wanted = readItems(realm, list(params, 'items'), `${path}[items]`);
  const [first] = wanted;
  if (!first) throw missingParameter(`${path}[items]`);
  const start = typeof params['start_date'] === 'number' ? params['start_date'] : from;
  const end = endOf(params, start, first.price, path);
  const trial = params['trial'] === true ? end : trialOf(params, start);
  const items = wanted.map(({ price, quantity, params: item }) => ({
    billing_thresholds: null,
    discounts: [],
    metadata: mergeMetadata({}, item['metadata']),
    plan: price.id,
    price: price.id,
    ...(price.recurring?.usage_type !== 'metered' && { quantity: quantity ?? 1 }),
    tax_rates: texts(item, 'tax_rates'),
  }));
  const known = Object.fromEntries(Object.entries(params).filter(([name]) => name in EMPTY_PHASE));
  const collection = text(params, 'collection_method');
  const invoice = group(params, 'invoice_settings');
  return {
    shown: {
      ...filled(EMPTY_PHASE, known),
      currency: text(params, 'currency') ?? first.price.currency,
      end_date: end,
      items,
      metadata: mergeMetadata({}, params['metadata']),
      start_date: start,
      trial_end: trial ?? null,
    } as unknown as Phase,
    params: {
      ...Object.fromEntries(
        PASSED_ON.filter((name) => params[name] !== undefined).map((name) => [name, params[name]]),
      ),
      items: items.map((item) => ({ ...item, billing_thresholds: undefined, chosen: true, plan: undefined })),
      ...(trial !== undefined && { trial_end: trial }),
      ...(collection === 'send_invoice' && { days_until_due: number(invoice, 'days_until_due') ?? 30 }),
    },
  };
}

function trialOf(params: Params, start: number): number | undefined {
  const end = number(params, 'trial_end');
  return end !== undefined && end > start ? end : undefined;
}

/** A date, a length, or so many periods of the first price; one of these if nothing is said. */
function endOf(params: Params, start: number, price: Stripe.Price, path: string): number {
  const date = params['end_date'];
  const length = params['duration'] as { interval: Interval; interval_count?: number } | undefined;
  if (typeof date === 'number') {
    if (date > start) return date;
    throw badParameter('The phase must end after it begins.', { param: `${path}[end_date]` });
  }
  if (length) return addIntervals(start, length.interval, length.interval_count ?? 1);
  const { interval = 'month', interval_count: count = 1 } = price.recurring ?? {};
  return addIntervals(start, interval as Interval, count * (number(params, 'iterations') ?? 1));
}
