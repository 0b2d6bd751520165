import type Stripe from 'stripe';
import type { Realm } from '../../realm.ts';
import type { Call, Resource } from '../../server/call.ts';
import { badParameter } from '../../server/errors.ts';
import { deleteObject } from '../../server/lookup.ts';
import type { StripeObject } from '../../store/store.ts';
import { answer, number, text } from '../params.ts';
import { DAY_SECONDS, addIntervals } from '../time/calendar.ts';
import { nextOn, wake } from '../time/wake.ts';

type TestClock = Stripe.TestHelpers.TestClock;

const KIND = 'test_helpers.test_clock';
const ADVANCE = 'billing.advance_clock';

/** docs.stripe.com/api/test_clocks: a clock is deleted after 30 days. */
const KEPT_SECONDS = 30 * DAY_SECONDS;

/** docs.stripe.com/billing/testing/test-clocks: two intervals of the shortest subscription, or two years. */
const INTERVALS_MAX = 2;
const YEARS_MAX = 2;

/** docs.stripe.com/api/test_clocks */
export const testClocks: Resource = {
  routes: {
    'POST /v1/test_helpers/test_clocks': create,
    'DELETE /v1/test_helpers/test_clocks/{}': remove,
    'POST /v1/test_helpers/test_clocks/{}/advance': advance,
  },
  tasks: { [ADVANCE]: (realm, id) => run(realm, id) },
};

function create({ realm, params }: Call): StripeObject {
  if (realm.livemode) throw badParameter('Test clocks can only be used in test mode.');
  const clock = realm.insert(KIND, {
    deletes_after: realm.now + KEPT_SECONDS,
    frozen_time: number(params, 'frozen_time') ?? realm.now,
    name: text(params, 'name') ?? null,
    status: 'ready',
    status_details: {},
  });
  realm.emit('test_helpers.test_clock.created', clock);
  return answer(clock);
}

/** Time passes after the answer, as it does at Stripe; `test_helpers.test_clock.ready` tells when it has. */
function advance({ realm, params, ids: [id = ''] }: Call): StripeObject {
  const clock = realm.named(KIND, id, 'test_clock');
  const target = number(params, 'frozen_time') ?? 0;
  if (clock.status === 'advancing')
    throw badParameter('This test clock is advancing already.', { code: 'test_clock_not_ready' });
  if (target <= clock.frozen_time)
    throw badParameter('Test clocks can only be moved forward.', { param: 'frozen_time' });
  const latest = farthest(realm, clock);
  if (target > latest)
    throw badParameter(
      `A test clock can only be advanced by two intervals of its shortest subscription: to ${latest}.`,
      { param: 'frozen_time' },
    );
  const advancing = realm.change(KIND, id, {
    status: 'advancing',
    status_details: { advancing: { target_frozen_time: target } },
  });
  realm.emit('test_helpers.test_clock.advancing', advancing);
  realm.later(ADVANCE, id, 0);
  return answer(advancing);
}

/** Lets everything on the clock live until the time that it is to reach, in order. */
function run(realm: Realm, id: string): void {
  const target = realm.get(KIND, id)?.status_details.advancing?.target_frozen_time;
  if (target === undefined) return;
  for (let next = nextOn(realm, id, target); next; next = nextOn(realm, id, target)) {
    const { frozen_time: now } = realm.need(KIND, id);
    const { frozen_time } = realm.change(KIND, id, { frozen_time: Math.max(now, next.at) });
    wake(realm.at(frozen_time), next);
  }
  const ready = realm.change(KIND, id, { frozen_time: target, status: 'ready', status_details: {} });
  realm.emit('test_helpers.test_clock.ready', ready);
}

/** With the clock go its customers and what belongs to them. */
function remove({ realm, ids: [id = ''] }: Call): StripeObject {
  const clock = realm.named(KIND, id, 'test_clock');
  for (const customer of realm.where('customer', 'test_clock', id))
    deleteObject(realm, 'customer', customer.id);
  realm.remove(KIND, id);
  realm.emit('test_helpers.test_clock.deleted', clock);
  return { id, object: KIND, deleted: true };
}

function farthest(realm: Realm, { id, frozen_time: now }: TestClock): number {
  const ends = realm.where('customer', 'test_clock', id).flatMap((customer) =>
    realm.where('subscription', 'customer', customer.id).flatMap(({ items, ended_at }) =>
      ended_at === null
        ? items.data.map(({ price }) => {
            const { interval = 'month', interval_count: count = 1 } = price.recurring ?? {};
            return addIntervals(now, interval as 'month', count * INTERVALS_MAX);
          })
        : [],
    ),
  );
  return ends.length === 0 ? addIntervals(now, 'year', YEARS_MAX) : Math.min(...ends);
}
