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

/**
 * The same, also where an object names one of the other side's: the platform's transfer the payment that
 * it became, a connected account's charge the fee that the platform took of it.
 */
export function findAcross(realm: Realm, kinds: readonly string[], id: string): StripeObject | undefined {
  const found = findAny(realm, kinds, id);
  if (found) return found;
  const { engine, account, livemode } = realm;
  const home = engine.settings.account;
  for (const kind of kinds) {
    const row = engine.store.find(kind, id);
    if (row?.livemode === livemode && (account === home || row.account === home)) return row.object;
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
