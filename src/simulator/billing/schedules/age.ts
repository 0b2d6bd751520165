import type Stripe from 'stripe';
import type { Params } from '../../contract/validate.ts';
import { idOf } from '../../kinds.ts';
import type { Realm } from '../../realm.ts';
import { differences } from '../../server/hashes.ts';
import { answer, list, number, text } from '../params.ts';
import { endSubscription } from '../subscriptions/cancel.ts';
import { createSubscription, type Asked } from '../subscriptions/create.ts';
import { addItem, itemsOf, periodIn, priceOf } from '../subscriptions/items.ts';
import { alter, altering, isLiving, type Subscription } from '../subscriptions/store.ts';
import { change } from '../subscriptions/update.ts';
import { periodEnd } from '../subscriptions/agenda.ts';
import { DAY_SECONDS } from '../time/calendar.ts';
import { wakeAt } from '../time/moments.ts';

type Schedule = Stripe.SubscriptionSchedule;

/** The docs say seven days; the CLI's own fixture expects the event when nine are left. */
const EXPIRING_SECONDS = 10 * DAY_SECONDS;

/** Plans what time does to a schedule next. */
export function planSchedule(realm: Realm, id: string): void {
  const schedule = realm.need('subscription_schedule', id);
  wakeAt(realm, 'subscription_schedule', schedule, nextOf(realm, schedule));
}

function nextOf(realm: Realm, { id, status, phases, current_phase: current }: Schedule): number | null {
  if (status === 'not_started') return phases[0]?.start_date ?? null;
  if (status !== 'active') return null;
  const last = phases.at(-1)?.end_date ?? 0;
  const warning = realm.hidden('subscription_schedule', id).warned === true ? [] : [last - EXPIRING_SECONDS];
  return Math.min(current?.end_date ?? last, ...warning);
}

/** What time alone does to a schedule: it begins, goes on to its next phase, and ends. */
export function ageSchedule(realm: Realm, id: string): void {
  const schedule = realm.get('subscription_schedule', id);
  if (!schedule) return;
  const { status, phases, current_phase: current } = schedule;
  const last = phases.at(-1)?.end_date ?? 0;
  if (status === 'not_started') begin(realm, schedule);
  else if (status === 'active') {
    warn(realm, schedule, last);
    if (last <= realm.now) finish(realm, schedule);
    else if ((current?.end_date ?? last) <= realm.now) goOn(realm, schedule);
  }
  planSchedule(realm, id);
}

function begin(realm: Realm, schedule: Schedule): void {
  const [first] = schedule.phases;
  if (!first || first.start_date > realm.now) return;
  const { default_settings: defaults } = schedule;
  const params = {
    ...paramsAt(realm, schedule, 0),
    customer: idOf(schedule.customer),
    ...(first.start_date < realm.now && { backdate_start_date: first.start_date }),
    ...(defaults.default_payment_method !== null && {
      default_payment_method: idOf(defaults.default_payment_method),
    }),
  };
  const subscription = createSubscription(askedBy(realm, params), { schedule: schedule.id });
  const active = realm.change('subscription_schedule', schedule.id, {
    current_phase: { start_date: first.start_date, end_date: first.end_date },
    status: 'active',
    subscription: subscription.id,
  });
  realm.emit('subscription_schedule.updated', active, differences(answer(schedule), answer(active)));
}

function goOn(realm: Realm, schedule: Schedule): void {
  const next = schedule.phases.find(
    ({ start_date: start, end_date: end }) => start <= realm.now && realm.now < end,
  );
  if (!next) return;
  const after = realm.change('subscription_schedule', schedule.id, {
    current_phase: { start_date: next.start_date, end_date: next.end_date },
  });
  applyPhase(realm, after);
  realm.emit('subscription_schedule.updated', after, differences(answer(schedule), answer(after)));
}

/** Makes the subscription what the current phase says. */
export function applyPhase(realm: Realm, schedule: Schedule, prorating?: string): void {
  const subscription = realm.get('subscription', idOf(schedule.subscription));
  const index = schedule.phases.findIndex(
    ({ start_date: start }) => start === schedule.current_phase?.start_date,
  );
  const phase = schedule.phases[index];
  if (!subscription || !phase || !isLiving(subscription)) return;
  const params = paramsAt(realm, schedule, index);
  // Where a phase ends with a period, the renewal that is due now bills the new items.
  if (periodEnd(subscription) <= realm.now) swap(realm, subscription, list(params, 'items'));
  const { items, trial_end, ...rest } = params;
  const edits = periodEnd(subscription) <= realm.now ? [] : editsFor(realm, subscription, items as Params[]);
  const proration_behavior = prorating ?? phase.proration_behavior;
  const asked = {
    ...rest,
    proration_behavior,
    ...(edits.length > 0 && { items: edits }),
    ...(trial_end !== undefined && { trial_end }),
  };
  change(askedBy(realm, asked), realm.need('subscription', subscription.id));
}

/** Replaces the items at the end of their period; the new ones begin where it ends. */
function swap(realm: Realm, subscription: Subscription, wanted: readonly Params[]): void {
  altering(realm, subscription.id, () => {
    const old = itemsOf(realm, subscription.id);
    const period = old[0] ? periodIn(old[0]) : { start: realm.now, end: realm.now };
    for (const params of wanted) {
      const same = old.find(({ price }) => price.id === text(params, 'price'));
      const quantity = number(params, 'quantity');
      if (same) {
        if (quantity !== undefined) realm.change('subscription_item', same.id, { quantity });
        continue;
      }
      const price = priceOf(realm, params, 'phases[items]');
      const owner = { id: subscription.id, customer: idOf(subscription.customer) ?? '' };
      if (price) addItem(realm, owner, { price, quantity, params, path: 'phases[items]' }, period);
    }
    for (const { id, price } of old)
      if (wanted.every((params) => text(params, 'price') !== price.id)) realm.remove('subscription_item', id);
  });
}

/** The items of a phase as changes of those that there are. */
function editsFor(realm: Realm, { id }: Subscription, wanted: readonly Params[]): Params[] {
  const old = itemsOf(realm, id);
  const gone = old.filter(({ price }) => wanted.every((params) => text(params, 'price') !== price.id));
  const kept = wanted.map((params) => {
    const same = old.find(({ price }) => price.id === text(params, 'price')) ?? gone.shift();
    return same ? { ...params, id: same.id } : params;
  });
  return [...kept, ...gone.map((item) => ({ id: item.id, deleted: true }))];
}

function warn(realm: Realm, schedule: Schedule, last: number): void {
  if (
    realm.hidden('subscription_schedule', schedule.id).warned === true ||
    last - EXPIRING_SECONDS > realm.now
  )
    return;
  realm.conceal('subscription_schedule', schedule.id, { warned: true });
  realm.emit('subscription_schedule.expiring', schedule);
}

/** What a schedule was to bring about can't be, for example because its customer is gone. */
export function abortSchedule(realm: Realm, id: string): void {
  const canceled = { canceled_at: realm.now, current_phase: null, status: 'canceled' as const };
  realm.emit('subscription_schedule.aborted', realm.change('subscription_schedule', id, canceled));
}

function finish(realm: Realm, schedule: Schedule): void {
  const id = idOf(schedule.subscription);
  const done = realm.change('subscription_schedule', schedule.id, {
    completed_at: realm.now,
    current_phase: null,
    status: 'completed',
  });
  if (id !== null) alter(realm, id, { schedule: null });
  if (id !== null && schedule.end_behavior === 'cancel') endSubscription(realm, id, 'cancellation_requested');
  realm.emit('subscription_schedule.completed', done);
}

function paramsAt(realm: Realm, { id }: Schedule, index: number): Params {
  return realm.hidden('subscription_schedule', id).phases?.[index] ?? {};
}

function askedBy(realm: Realm, params: Params): Asked {
  return { realm, params, version: realm.engine.settings.apiVersion, magic: new Map() };
}
