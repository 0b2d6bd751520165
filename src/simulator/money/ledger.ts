import type { Realm } from '../realm.ts';

const KIND = '_purse';

/** Says which money counts to a sum: Stripe shows "available" and "pending" apart. */
export interface Sums {
  available: number;
  pending: number;
}

/** One currency of one account, kept as a running sum so that no question walks the transactions. */
export interface Purse {
  currency: string;
  /** What was available at the last booking. */
  settled: number;
  /** What becomes available later, by the second at which it does. */
  later: Readonly<Record<string, number>>;
  /** What Stripe and the platform kept as their fees so far. */
  fees: number;
  /** Refunds that wait for money, oldest first. */
  waiting: readonly string[];
}

/** Adds one booking to the running sums; returns true when nothing else becomes available at that time. */
export function addToPurse(
  realm: Realm,
  { currency, net, fee, availableOn }: { currency: string; net: number; fee: number; availableOn: number },
): { firstOfItsTime: boolean; waiting: boolean } {
  const before = purseOf(realm, currency);
  const firstOfItsTime =
    availableOn > realm.now && !pursesOf(realm).some(({ later }) => availableOn in later);
  const later: Record<string, number> = {};
  let settled = before.settled;
  for (const [time, amount] of Object.entries(before.later))
    if (Number(time) <= realm.now) settled += amount;
    else later[time] = amount;
  if (availableOn > realm.now) later[availableOn] = (later[availableOn] ?? 0) + net;
  else settled += net;
  put(realm, { ...before, settled, later, fees: before.fees + fee });
  return { firstOfItsTime, waiting: before.waiting.length > 0 && net > 0 };
}

export function purseOf(realm: Realm, currency: string): Purse {
  const row = realm.row(KIND, currency);
  return (row?.object as Purse | undefined) ?? { currency, settled: 0, later: {}, fees: 0, waiting: [] };
}

/** Every currency that the account has ever had. */
export function pursesOf(realm: Realm): Purse[] {
  const { order } = realm.engine.store.table(realm, KIND);
  return order.filter((row) => !row.gone).map(({ object }) => object as unknown as Purse);
}

/** What the account has of a currency now. */
export function sumsOf(realm: Realm, currency: string): Sums {
  return sums(purseOf(realm, currency), realm.now);
}

/**
 * Could the account give this much back? Money that is not available yet counts, and so do the fees: an
 * account
 * is not short because of what others kept of its payments, only because it spent them.
 */
export function covers(realm: Realm, currency: string, amount: number): boolean {
  const { available, pending } = sumsOf(realm, currency);
  return available + pending + purseOf(realm, currency).fees >= amount;
}

export function sums({ settled, later }: Purse, now: number): Sums {
  const all = { available: settled, pending: 0 };
  for (const [time, amount] of Object.entries(later)) {
    if (Number(time) <= now) all.available += amount;
    else all.pending += amount;
  }
  return all;
}

/** Remembers, or forgets, which refunds wait for money of this currency. */
export function setWaiting(realm: Realm, currency: string, waiting: readonly string[]): void {
  put(realm, { ...purseOf(realm, currency), waiting });
}

function put(realm: Realm, purse: Purse): void {
  realm.engine.store.put(realm, KIND, purse.currency, { ...purse });
}
