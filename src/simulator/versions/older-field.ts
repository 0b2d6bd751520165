import type { Realm } from '../realm.ts';
import type { StripeObject } from '../store/store.ts';

/** A field that objects of a kind had, or had otherwise, before some version. */
export interface OlderField {
  /** Versions before this one show it. */
  before: string;
  kind: string;
  field: string;
  /** The kinds of object that it may be expanded into. */
  holds?: readonly string[];
  /** Newer versions have a field of this name too, with another value. */
  replaces?: true;
  /** Its value, worked out from the newest form; `undefined` leaves it out. */
  was: (realm: Realm, object: StripeObject) => unknown;
}

/** A list inside an object as older versions show it. */
export function embeddedList(url: string, data: readonly object[]): object {
  return { object: 'list', data, has_more: false, total_count: data.length, url };
}
