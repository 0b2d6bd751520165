import type { Realm } from '../realm.ts';
import type { Row, StripeObject } from '../store/store.ts';
import { noSuch, nounOf } from './errors.ts';

const DELETED = '_deleted';

/** An object of one of these kinds, or what Stripe still shows of it after its deletion. */
export function findAny(realm: Realm, kinds: readonly string[], id: string): StripeObject | undefined {
  for (const kind of kinds) {
    const row = realm.row(kind, id) ?? realm.row(DELETED, `${kind}/${id}`);
    if (row) return row.object;
  }
  return undefined;
}

/** The row of an object that the path names, or Stripe's 404. */
export function needRow(realm: Realm, kind: string, id: string): Row {
  const row = realm.row(kind, id);
  if (!row) throw noSuch(nounOf(kind), id);
  return row;
}

/** Deletes an object and keeps what Stripe shows of it afterwards: its id, and that it is gone. */
export function deleteObject(realm: Realm, kind: string, id: string): StripeObject {
  const { object } = needRow(realm, kind, id);
  realm.remove(kind, id);
  const stub = { id, object: kind, deleted: true };
  realm.engine.store.put(realm, DELETED, `${kind}/${id}`, stub);
  realm.emit(`${kind}.deleted`, object);
  return stub;
}
