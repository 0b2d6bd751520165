import type { StripeObject } from '../store/store.ts';

/** How objects looked before one version. */
interface Change {
  /** Versions before this one (its date and name, for example `2025-03-31.basil`) get the older form. */
  before: string;
  /** The kind of object that looked different. */
  kind: string;
  older: (object: StripeObject) => StripeObject;
}

/** Newest first, since an old request undoes one change after the other. */
const CHANGES: readonly Change[] = [];

/** The answer in the form of the version that the request asks for. */
export function render(object: StripeObject, version: string, changes = CHANGES): StripeObject {
  return changes
    .filter(({ before, kind }) => object.object === kind && version < before)
    .reduce((shown, { older }) => older(shown), object);
}
