import { idOf } from '../../kinds.ts';
import type { Realm } from '../../realm.ts';
import { endDiscount } from '../discounts/redeem.ts';
import { markUncollectible, voidInvoice } from '../invoices/endings.ts';
import { finalizeInvoice } from '../invoices/finalize.ts';
import { ageSchedule } from '../schedules/age.ts';
import {
  INCOMPLETE_SECONDS,
  TRIAL_WARNING_SECONDS,
  UPCOMING_SECONDS,
  announces,
  periodEnd,
  periodStart,
} from './agenda.ts';
import { makeBill } from './bill.ts';
import { endSubscription, lastBill } from './cancel.ts';
import { isMetered, itemsOf, periodIn, periodOf } from './items.ts';
import { endUnpaidTrial } from './pause.ts';
import { dropPending } from './pending.ts';
import { asPreview, rehearse } from './rehearse.ts';
import { alter, altering, isLiving, refresh, type Subscription } from './store.ts';

interface Step {
  isDue: (realm: Realm, subscription: Subscription) => boolean;
  act: (realm: Realm, subscription: Subscription) => void;
}

/** What time alone does to a subscription; the first step that is due is taken, and then time looks again. */
const STEPS: readonly Step[] = [
  // Nobody paid for it to begin.
  {
    isDue: ({ now }, { status, created }) => status === 'incomplete' && created + INCOMPLETE_SECONDS <= now,
    act: expire,
  },
  // A change was not paid in time.
  {
    isDue: ({ now }, { pending_update: pending }) => pending !== null && pending.expires_at <= now,
    act: dropPending,
  },
  // Three days before a trial ends.
  {
    isDue: (realm, { id, status, trial_end: end }) =>
      status === 'trialing' &&
      end !== null &&
      end - TRIAL_WARNING_SECONDS <= realm.now &&
      realm.hidden('subscription', id).trialWarned !== true,
    act: (realm, subscription) => {
      realm.conceal('subscription', subscription.id, { trialWarned: true });
      realm.emit('customer.subscription.trial_will_end', subscription);
    },
  },
  // Some days before the next invoice.
  {
    isDue: (realm, subscription) =>
      subscription.status !== 'paused' &&
      subscription.status !== 'incomplete' &&
      announces(subscription) &&
      periodEnd(subscription) - UPCOMING_SECONDS <= realm.now &&
      realm.hidden('subscription', subscription.id).upcoming !== periodEnd(subscription),
    act: announceNext,
  },
  // Collection was paused until now.
  {
    isDue: ({ now }, { pause_collection: pause }) => pause !== null && (pause.resumes_at ?? now + 1) <= now,
    act: (realm, { id }) => alter(realm, id, { pause_collection: null }),
  },
  // It was to end now.
  { isDue: ({ now }, { cancel_at: at }) => at !== null && at <= now, act: endAsPlanned },
  // The trial is over.
  {
    isDue: ({ now }, { status, trial_end: end }) => status === 'trialing' && end !== null && end <= now,
    act: endTrial,
  },
  // A period is over.
  {
    isDue: ({ now }, subscription) =>
      subscription.status !== 'paused' &&
      subscription.status !== 'incomplete' &&
      periodEnd(subscription) <= now,
    act: (realm, subscription) => renew(realm, subscription, {}),
  },
];

/** Does the next thing that time does to a subscription. */
export function ageSubscription(realm: Realm, id: string): void {
  const subscription = realm.get('subscription', id);
  if (!subscription || !isLiving(subscription)) return;
  STEPS.find(({ isDue }) => isDue(realm, subscription))?.act(realm, subscription);
  refresh(realm, id);
}

/** Lets the period end, in a rehearsal, and returns the invoice that this makes; none if it ends for good. */
export function renewAhead(realm: Realm, subscription: Subscription): string | undefined {
  const { id } = subscription;
  const before = idOf(subscription.latest_invoice);
  const then = realm.at(periodEnd(subscription));
  realm.conceal('subscription', id, { upcoming: periodEnd(subscription), trialWarned: true });
  const schedule = idOf(subscription.schedule);
  if (schedule !== null) ageSchedule(then, schedule);
  ageSubscription(then, id);
  const next = idOf(realm.need('subscription', id).latest_invoice);
  return next === null || next === before ? undefined : next;
}

function expire(realm: Realm, { id }: Subscription): void {
  const { firstInvoice } = realm.hidden('subscription', id);
  const first = realm.get('invoice', firstInvoice);
  alter(realm, id, { status: 'incomplete_expired', ended_at: realm.now });
  if (first?.status === 'open') voidInvoice(realm, first.id);
}

function announceNext(realm: Realm, subscription: Subscription): void {
  realm.conceal('subscription', subscription.id, { upcoming: periodEnd(subscription) });
  const invoice = rehearse(realm, (silent) => {
    const next = renewAhead(silent, subscription);
    return next === undefined ? undefined : asPreview(silent, next);
  });
  if (invoice) realm.emit('invoice.upcoming', invoice);
}

function endAsPlanned(realm: Realm, subscription: Subscription): void {
  if (itemsOf(realm, subscription.id).some(isMetered)) lastBill(realm, subscription);
  endSubscription(realm, subscription.id, 'cancellation_requested');
}

function endTrial(realm: Realm, subscription: Subscription): void {
  if (!endUnpaidTrial(realm, subscription)) renew(realm, subscription, { status: 'active' });
}

/** Begins the next period of every item whose period is over, and drafts the invoice for it. */
function renew(realm: Realm, before: Subscription, changes: Partial<Subscription>): void {
  const { id } = before;
  const due = itemsOf(realm, id).filter((item) => item.current_period_end <= realm.now);
  const period = { start: periodStart(before), end: periodEnd(before) };
  let invoice = '';
  altering(realm, id, () => {
    for (const item of due) {
      const next = periodOf(item.price, before.billing_cycle_anchor, realm.now);
      realm.change('subscription_item', item.id, {
        current_period_start: next.start,
        current_period_end: next.end,
      });
    }
    const discounts = stillGood(realm, before);
    const subscription = realm.change('subscription', id, { ...changes, discounts });
    const past = before.status === 'trialing' ? undefined : due;
    const items = due.map(({ id: item }, index) => {
      const now = realm.need('subscription_item', item);
      const old = past?.[index];
      return { item: now, period: periodIn(now), past: old && periodIn(old) };
    });
    invoice = makeBill(realm, subscription, {
      reason: 'subscription_cycle',
      items,
      period,
      waits: before.pause_collection === null,
    }).id;
  });
  hold(realm, before, invoice);
}

/** While collection is paused invoices are made and not collected; kept as drafts they stay as they are. */
function hold(realm: Realm, { pause_collection: pause }: Subscription, invoice: string): void {
  if (!pause || pause.behavior === 'keep_as_draft') return;
  if (finalizeInvoice(realm, invoice, false).status !== 'open') return;
  if (pause.behavior === 'void') voidInvoice(realm, invoice);
  else markUncollectible(realm, invoice);
}

/** Discounts that are over end now: those for one invoice, and those whose months have passed. */
function stillGood(realm: Realm, { discounts, status }: Subscription): string[] {
  return discounts
    .map((each) => idOf(each) ?? '')
    .filter((id) => {
      const { end } = realm.need('discount', id);
      const { terms } = realm.hidden('discount', id);
      const over =
        (end !== null && end <= realm.now) || (terms?.duration === 'once' && status !== 'trialing');
      if (over) endDiscount(realm, id);
      return !over;
    });
}
