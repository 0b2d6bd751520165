import type Stripe from 'stripe';
import { mergeMetadata } from '../../contract/metadata.ts';
import type { Params } from '../../contract/validate.ts';
import { idOf } from '../../kinds.ts';
import type { Realm } from '../../realm.ts';
import type { Call } from '../../server/call.ts';
import { badParameter, refused } from '../../server/errors.ts';
import { endDiscount, redeemAll } from '../discounts/redeem.ts';
import { makeItem, pendingItems } from '../invoices/items.ts';
import { list, number, text } from '../params.ts';
import { onClock } from '../time/moments.ts';
import { periodStart } from './agenda.ts';
import { makeBill } from './bill.ts';
import type { Asked } from './create.ts';
import { applyEdits, readEdits, type Edit } from './edits.ts';
import { endOf } from './ending.ts';
import { cancellationOf, fieldsOf } from './fields.ts';
import { isMetered, itemsOf, periodIn, periodOf, type Item } from './items.ts';
import { endUnpaidTrial } from './pause.ts';
import { payBill } from './pay-bill.ts';
import { changeLater } from './pending.ts';
import { chargeRest, creditRest } from './prorate.ts';
import { trialOf } from './start.ts';
import { altering, isLiving, refresh, type Subscription } from './store.ts';

/** What an update does to the periods of a subscription. */
interface Timing {
  /** A new period begins now. */
  restarts: boolean;
  /** Everything is free until then. */
  trialEnd: number | null;
  /** The trial that there was is over now. */
  trialEnds: boolean;
}

/** POST /v1/subscriptions/{}; see docs.stripe.com/billing/subscriptions/prorations. */
export function updateSubscription(call: Call): Subscription {
  const before = call.realm.named('subscription', call.ids[0] ?? '', 'subscription');
  const there = { ...call, realm: onClock(call.realm, before), params: modern(before, call.params) };
  if (!isLiving(before)) return updateEnded(there, before);
  if (there.params['payment_behavior'] === 'pending_if_incomplete') return changeLater(there, before, change);
  change(there, before);
  return there.realm.need('subscription', before.id);
}

/** Carries out an update and has its invoice paid, if it makes one; returns that invoice's id. */
export function change(call: Asked, before: Subscription): string | undefined {
  const { realm, params } = call;
  const edits = readEdits(realm, before, list(params, 'items'));
  const timing = timingOf(before, params, edits, realm.now);
  if (timing.trialEnds && endUnpaidTrial(realm, before)) return undefined;
  let invoice: string | undefined;
  altering(realm, before.id, () => {
    reprice(realm, before, edits, timing, params);
    realm.change('subscription', before.id, changesOf(call, before, timing));
    if (timing.trialEnd !== null) realm.conceal('subscription', before.id, { trialWarned: false });
    const ends = endOf(refresh(realm, before.id), params, realm.now);
    if (ends) realm.change('subscription', before.id, ends);
    invoice = bill(realm, before, edits, timing, params);
  });
  const behaviour = text(params, 'payment_behavior') ?? 'allow_incomplete';
  if (invoice !== undefined)
    payBill(realm, invoice, { behaviour, offSession: params['off_session'] !== false });
  return invoice;
}

/** Before 2020 a subscription had one plan and a quantity of it. */
function modern(before: Subscription, params: Params): Params {
  const { plan, quantity, price, ...rest } = params;
  if (plan === undefined && quantity === undefined && price === undefined) return params;
  const [item] = before.items.data;
  const edit = {
    id: item?.id,
    ...(plan !== undefined && { plan }),
    ...(quantity !== undefined && { quantity }),
  };
  return { ...rest, items: [edit] };
}

function updateEnded({ realm, params }: Asked, before: Subscription): Subscription {
  const other = Object.keys(params).some((name) => !['metadata', 'cancellation_details'].includes(name));
  if (other)
    throw refused('A canceled subscription can only update its cancellation_details and metadata.', {
      code: 'resource_missing',
    });
  const { reason } = before.cancellation_details ?? {};
  return altering(realm, before.id, () =>
    realm.change('subscription', before.id, {
      ...(params['cancellation_details'] !== undefined && {
        cancellation_details: cancellationOf(params, reason ?? null),
      }),
      metadata: mergeMetadata(before.metadata, params['metadata']),
    }),
  );
}

function timingOf(before: Subscription, params: Params, edits: readonly Edit[], now: number): Timing {
  const asked = params['trial_end'];
  const trialing = before.status === 'trialing';
  const trialEnds = asked === 'now' && trialing;
  const trialEnd = asked === undefined || asked === 'now' ? null : trialOf(params, [], now);
  const anchor = params['billing_cycle_anchor'] as string | { type: string } | undefined;
  const resets = (typeof anchor === 'object' ? anchor.type : anchor) === 'now';
  const classic = before.billing_mode.type === 'classic';
  const moved = classic && !trialing && edits.some(changesInterval);
  return {
    restarts: trialEnd === null && (trialEnds || (resets && !trialing) || moved),
    trialEnd,
    trialEnds,
  };
}

function changesInterval({ before, after }: Edit): boolean {
  const [old, next] = [before?.price.recurring, after?.price.recurring];
  return Boolean(
    old && next && (old.interval !== next.interval || old.interval_count !== next.interval_count),
  );
}

/** Changes the items and their periods, and notes what that costs or gives back. */
function reprice(
  realm: Realm,
  before: Subscription,
  edits: readonly Edit[],
  timing: Timing,
  params: Params,
): void {
  const { restarts, trialEnd } = timing;
  const at = number(params, 'proration_date') ?? realm.now;
  if (at < periodStart(before) || at > Math.max(...before.items.data.map((item) => item.current_period_end)))
    throw badParameter('`proration_date` must lie in the current billing period.', {
      param: 'proration_date',
    });
  const paid = before.status !== 'trialing' && before.status !== 'incomplete' && before.status !== 'paused';
  const prorates = paid && params['proration_behavior'] !== 'none';
  const everything = restarts || trialEnd !== null;
  const touched = new Set(edits.map((edit) => edit.before?.id));
  if (prorates)
    for (const item of itemsOf(realm, before.id))
      if (everything || touched.has(item.id)) creditRest(realm, before, { item, period: periodIn(item) }, at);
  const fresh = applyEdits(realm, before, edits);
  const anchor = restarts ? realm.now : (trialEnd ?? before.billing_cycle_anchor);
  for (const item of itemsOf(realm, before.id)) {
    if (!everything && !fresh.has(item.id)) continue;
    const period = periodFor(before, item, { trialEnd, anchor, now: realm.now });
    const { id } = realm.change('subscription_item', item.id, {
      current_period_start: period.start,
      current_period_end: period.end,
    });
    if (prorates && !everything)
      chargeRest(realm, before, { item: realm.need('subscription_item', id), period }, at);
  }
}

function periodFor(
  before: Subscription,
  item: Item,
  { trialEnd, anchor, now }: { trialEnd: number | null; anchor: number; now: number },
) {
  if (trialEnd !== null) return { start: now, end: trialEnd };
  const free =
    before.status === 'trialing' && before.trial_end !== null && anchor === before.billing_cycle_anchor;
  return free
    ? { start: periodStart(before), end: before.trial_end ?? now }
    : periodOf(item.price, anchor, now);
}

function changesOf(call: Asked, before: Subscription, timing: Timing): Partial<Subscription> {
  const { realm, params } = call;
  const pause = params['pause_collection'] as Params | null | undefined;
  const { trialEnd, trialEnds, restarts } = timing;
  return {
    ...fieldsOf(call, idOf(before.customer) ?? ''),
    ...(restarts && { billing_cycle_anchor: realm.now }),
    ...(trialEnds && { status: 'active', trial_end: realm.now }),
    ...(trialEnd !== null && {
      billing_cycle_anchor: trialEnd,
      status: 'trialing',
      trial_end: trialEnd,
      trial_start: before.trial_start ?? realm.now,
    }),
    ...(pause !== undefined && {
      pause_collection:
        pause && ({ resumes_at: null, ...pause } as unknown as Stripe.Subscription.PauseCollection),
    }),
    ...(params['discounts'] !== undefined && { discounts: discountsOf(realm, before, params) }),
    metadata: mergeMetadata(before.metadata, params['metadata']),
  };
}

function discountsOf(realm: Realm, before: Subscription, params: Params): string[] {
  const owner = { customer: idOf(before.customer), subscription: before.id };
  const discounts = redeemAll(realm, list(params, 'discounts'), owner, 'discounts');
  for (const id of before.discounts as string[]) if (!discounts.includes(id)) endDiscount(realm, id);
  return discounts;
}

/** Makes an invoice now if a period begins or the caller wants one, and there is something for it. */
function bill(
  realm: Realm,
  before: Subscription,
  edits: readonly Edit[],
  { restarts, trialEnds }: Timing,
  params: Params,
): string | undefined {
  const subscription = refresh(realm, before.id);
  const customer = idOf(before.customer) ?? '';
  const prorates = params['proration_behavior'] !== 'none';
  const now = params['proration_behavior'] === 'always_invoice' || (prorates && edits.some(changesInterval));
  const extras = list(params, 'add_invoice_items');
  const free = subscription.status === 'trialing';
  if (!restarts && !(now && !free)) {
    for (const extra of extras)
      makeItem(realm, { ...extra, customer, subscription: before.id, currency: before.currency });
    return undefined;
  }
  const pending = { subscription: before.id, loose: true };
  const nothing = pendingItems(realm, customer, before.currency, pending).length === 0 && extras.length === 0;
  if (!restarts && nothing) return undefined;
  const lines = restarts ? subscription.items.data.map((item) => billed(before, item, trialEnds)) : [];
  const start = restarts && !trialEnds ? realm.now : periodStart(before);
  const period = { start, end: realm.now };
  return makeBill(realm, subscription, {
    reason: 'subscription_update',
    items: lines,
    period,
    extras,
    waits: false,
  }).id;
}

function billed(before: Subscription, item: Item, trialEnds: boolean) {
  const old = before.items.data.find(({ id }) => id === item.id);
  const past = old && !trialEnds && isMetered(item) ? periodIn(old) : undefined;
  return { item, period: periodIn(item), past };
}
