import type { StripeObject } from '../store/store.ts';

/** Is this a hash, and neither an array nor a plain value? */
export function isHash(value: unknown): value is StripeObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Replaces what is named, at every depth of hashes; `null` empties a field. */
export function merged(before: unknown, change: unknown): unknown {
  if (!isHash(change) || !isHash(before)) return change;
  const after: Record<string, unknown> = { ...before };
  for (const [name, value] of Object.entries(change)) after[name] = merged(before[name], value);
  return after;
}

/**
 * What an update replaced, as `previous_attributes` has it: the old value of every field that is different
 * now. Of a hash only what changed in it, with null for what is new; an array always whole.
 */
export function differences(before: StripeObject, after: StripeObject): StripeObject {
  const old: Record<string, unknown> = {};
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const was = before[name] ?? null;
    const is = after[name] ?? null;
    if (was === is || JSON.stringify(was) === JSON.stringify(is)) continue;
    old[name] = isHash(was) && isHash(is) ? differences(was, is) : was;
  }
  return old;
}
