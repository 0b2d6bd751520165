import type { Realm } from '../../realm.ts';

/** The kinds of object to which time alone does something. */
export type Aging = 'subscription_schedule' | 'subscription' | 'invoice' | 'quote';

/** When an object next has to be looked at; one row each, under the object's kind and id. */
export interface Moment {
  id: string;
  /** Unix seconds, on the test clock if there is one. */
  at: number;
  clock: string | null;
  kind: Aging;
  about: string;
}

export const MOMENT = '_moment';
export const WAKE = 'billing.wake';

/** Something that lives on a test clock or, without one, on the simulator's own. */
export interface Clocked {
  id: string;
  test_clock?: string | { id: string } | null;
}

/** The test clock's id; null for the simulator's own time. */
function clockOf({ test_clock: clock }: Clocked): string | null {
  if (clock === null || clock === undefined) return null;
  return typeof clock === 'string' ? clock : clock.id;
}

/** The realm at the time of the object's test clock; the realm itself when it has none. */
export function onClock(realm: Realm, object: Clocked): Realm {
  const clock = realm.get('test_helpers.test_clock', clockOf(object));
  return clock ? realm.at(clock.frozen_time) : realm;
}

/** Notes when the object is next to be woken; null: not before something else happens to it. */
export function wakeAt(realm: Realm, kind: Aging, object: Clocked, at: number | null): void {
  const id = `${kind}/${object.id}`;
  const { store, tasks, clock: time } = realm.engine;
  const known = store.table(realm, MOMENT).get(id)?.object['at'];
  if (known === (at ?? undefined)) return;
  if (at === null) {
    store.remove(realm, MOMENT, id);
    return;
  }
  const clock = clockOf(object);
  store.put(realm, MOMENT, id, { id, at, clock, kind, about: object.id });
  if (clock === null) tasks.plan(realm, WAKE, id, at * 1000 - time.now());
}
