import type Stripe from 'stripe';
import { mergeMetadata } from '../../contract/metadata.ts';
import type { Params } from '../../contract/validate.ts';
import { idOf } from '../../kinds.ts';
import type { Realm } from '../../realm.ts';
import type { Call } from '../../server/call.ts';
import { badParameter, missingParameter, refused } from '../../server/errors.ts';
import { differences } from '../../server/hashes.ts';
import type { StripeObject } from '../../store/store.ts';
import { answer, filled, group, list, text } from '../params.ts';
import { alter } from '../subscriptions/store.ts';
import { onClock } from '../time/moments.ts';
import { ageSchedule, applyPhase, planSchedule } from './age.ts';
import { readPhases, type Planned } from './phases.ts';

type Schedule = Stripe.SubscriptionSchedule;

const DEFAULTS = {
  application_fee_percent: null,
  automatic_tax: { disabled_reason: null, enabled: false, liability: null },
  billing_cycle_anchor: 'automatic',
  billing_thresholds: null,
  collection_method: 'charge_automatically',
  default_payment_method: null,
  default_source: null,
  description: null,
  invoice_settings: { account_tax_ids: null, days_until_due: null, issuer: { type: 'self' } },
  on_behalf_of: null,
  transfer_data: null,
};

/** POST /v1/subscription_schedules */
export function createSchedule(call: Call): StripeObject {
  const { params } = call;
  const from = text(params, 'from_subscription');
  if (from !== undefined) return answer(fromSubscription(call.realm, from, params));
  const id = text(params, 'customer');
  if (id === undefined) throw missingParameter('customer');
  const customer = call.realm.need('customer', id, 'customer');
  const realm = onClock(call.realm, customer);
  const given = params['start_date'];
  const start = given === undefined || given === 'now' ? realm.now : Number(given);
  const phases = readPhases(realm, list(params, 'phases'), start);
  const schedule = insert(realm, params, phases, {
    customer: id,
    test_clock: idOf(customer.test_clock ?? null),
  });
  if (start <= realm.now) ageSchedule(realm, schedule.id);
  else planSchedule(realm, schedule.id);
  return answer(realm.need('subscription_schedule', schedule.id));
}

/** POST /v1/subscription_schedules/{}: what is not over yet may be planned anew. */
export function updateSchedule(call: Call): StripeObject {
  const { params, ids } = call;
  const before = call.realm.named('subscription_schedule', ids[0] ?? '', 'schedule');
  const realm = onClock(call.realm, before);
  if (before.status !== 'active' && before.status !== 'not_started')
    throw refused(`You cannot update a subscription schedule that is ${before.status}.`);
  const phases =
    params['phases'] === undefined ? undefined : replanned(realm, before, list(params, 'phases'));
  if (phases)
    realm.conceal('subscription_schedule', before.id, { phases: phases.map((phase) => phase.params) });
  const now = phases?.find(({ shown }) => shown.start_date <= realm.now && realm.now < shown.end_date)?.shown;
  const after = realm.change('subscription_schedule', before.id, {
    ...(phases && { phases: phases.map(({ shown }) => shown) }),
    ...(now &&
      before.status === 'active' && {
        current_phase: { start_date: now.start_date, end_date: now.end_date },
      }),
    ...(params['end_behavior'] !== undefined && {
      end_behavior: params['end_behavior'] as Schedule['end_behavior'],
    }),
    ...(params['default_settings'] !== undefined && {
      default_settings: filled(before.default_settings, params['default_settings']),
    }),
    metadata: mergeMetadata(before.metadata, params['metadata']),
  });
  if (phases && before.status === 'active') applyPhase(realm, after, text(params, 'proration_behavior'));
  planSchedule(realm, before.id);
  const previous = differences(answer(before), answer(after));
  realm.emit('subscription_schedule.updated', after, previous);
  return answer(realm.need('subscription_schedule', before.id));
}

function replanned(realm: Realm, before: Schedule, phases: readonly Params[]): Planned[] {
  const [first] = before.phases;
  const named = phases[0]?.['start_date'];
  const start = typeof named === 'number' ? named : (first?.start_date ?? realm.now);
  if (before.status === 'active' && named === 'now')
    throw badParameter('The start date of the current phase cannot be changed.', {
      param: 'phases[0][start_date]',
    });
  return readPhases(realm, phases, start);
}

/** A schedule whose first phase is what a running subscription is now. */
function fromSubscription(world: Realm, id: string, params: Params): Schedule {
  const subscription = world.need('subscription', id, 'from_subscription');
  const realm = onClock(world, subscription);
  if (subscription.schedule !== null)
    throw refused(`The subscription ${id} already has a schedule attached.`, { param: 'from_subscription' });
  const items = subscription.items.data;
  const start = Math.min(...items.map((item) => item.current_period_start));
  const phase = {
    items: items.map(({ price, quantity }) => ({ price: price.id, quantity })),
    end_date: Math.max(...items.map((item) => item.current_period_end)),
    metadata: {},
  };
  const phases = readPhases(realm, [phase], start);
  const current_phase = { start_date: start, end_date: phase.end_date };
  const schedule = insert(realm, params, phases, {
    customer: idOf(subscription.customer) ?? '',
    current_phase,
    status: 'active',
    subscription: id,
    test_clock: idOf(subscription.test_clock),
  });
  alter(realm, id, { schedule: schedule.id });
  planSchedule(realm, schedule.id);
  return realm.need('subscription_schedule', schedule.id);
}

function insert(
  realm: Realm,
  params: Params,
  phases: readonly Planned[],
  fields: Partial<Schedule>,
): Schedule {
  const schedule = realm.insert(
    'subscription_schedule',
    {
      billing_mode: { flexible: { proration_discounts: 'included' }, type: 'flexible' },
      default_settings: filled(DEFAULTS, group(params, 'default_settings')) as never,
      end_behavior: (params['end_behavior'] ?? 'release') as Schedule['end_behavior'],
      metadata: mergeMetadata({}, params['metadata']),
      phases: phases.map(({ shown }) => shown),
      status: 'not_started',
      ...fields,
    },
    { phases: phases.map((phase) => phase.params), warned: false },
  );
  realm.emit('subscription_schedule.created', schedule);
  return schedule;
}
