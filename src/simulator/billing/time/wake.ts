import { ageInvoice } from '../invoices/age.ts';
import { ageQuote } from '../quotes/age.ts';
import { abortSchedule, ageSchedule } from '../schedules/age.ts';
import { ageSubscription } from '../subscriptions/renew.ts';
import type { Realm } from '../../realm.ts';
import { StripeError } from '../../server/errors.ts';
import type { Resource } from '../../server/call.ts';
import { MOMENT, WAKE, type Aging, type Moment } from './moments.ts';

/** What time alone does to each kind; of several at one moment the first named here comes first. */
const AGING: Readonly<Record<Aging, (realm: Realm, id: string) => void>> = {
  subscription_schedule: ageSchedule,
  subscription: ageSubscription,
  invoice: ageInvoice,
  quote: ageQuote,
};

/** The order in which kinds are looked at when several are due at once. */
const ORDER = Object.keys(AGING);

/** Wakes objects that live on the simulator's own clock. */
export const wakes: Resource = {
  tasks: {
    [WAKE]: (realm, id) => {
      const moment = realm.row(MOMENT, id)?.object as Moment | undefined;
      if (moment && moment.clock === null && moment.at <= realm.now) wake(realm, moment);
    },
  },
};

/** The next thing that happens on a test clock until this time; the earliest one. */
export function nextOn(realm: Realm, clock: string, until: number): Moment | undefined {
  let next: Moment | undefined;
  for (const { object } of realm.engine.store.table(realm, MOMENT).where('clock', clock)) {
    const moment = object as unknown as Moment;
    if (moment.at <= until && (next === undefined || isBefore(moment, next))) next = moment;
  }
  return next;
}

/** Lets the object of a moment do what is due; it notes its next moment itself. */
export function wake(realm: Realm, { id, kind, about }: Moment): void {
  realm.remove(MOMENT, id);
  try {
    realm.engine.store.attempt(() => AGING[kind](realm, about));
  } catch (thrown) {
    // What a caller would be refused with: nobody is there, and what was planned does not come about.
    if (!(thrown instanceof StripeError)) throw thrown;
    if (kind === 'subscription_schedule') abortSchedule(realm, about);
  }
}

function isBefore(a: Moment, b: Moment): boolean {
  return a.at < b.at || (a.at === b.at && ORDER.indexOf(a.kind) < ORDER.indexOf(b.kind));
}
