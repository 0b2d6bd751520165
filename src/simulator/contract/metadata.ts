import { badParameter } from '../server/errors.ts';
import type { FormObject } from '../server/form.ts';

// docs.stripe.com/api/metadata
const METADATA_KEYS_MAX = 50;
const METADATA_KEY_CHARS_MAX = 40;
const METADATA_VALUE_CHARS_MAX = 500;

export type Metadata = Record<string, string>;

/** Refuses metadata that Stripe would refuse, with the limit in the message. */
export function checkMetadata(metadata: FormObject, param: string): void {
  const names = Object.keys(metadata);
  if (names.length > METADATA_KEYS_MAX)
    throw badParameter(`You can only set up to ${METADATA_KEYS_MAX} metadata keys per object.`, { param });
  for (const name of names) {
    const value = metadata[name];
    if (name.length > METADATA_KEY_CHARS_MAX)
      throw badParameter(
        `Metadata keys can have up to ${METADATA_KEY_CHARS_MAX} characters, but you passed in a key ` +
          `that is ` +
          `${name.length} characters. Invalid key: ${name.slice(0, 100)}`,
        { param: `${param}[${name}]` },
      );
    if (typeof value === 'string' && value.length > METADATA_VALUE_CHARS_MAX)
      throw badParameter(
        `Metadata values can have up to ${METADATA_VALUE_CHARS_MAX} characters, but you passed in a ` +
          `value that is ` +
          `${value.length} characters. Invalid value: ${value.slice(0, 100)}`,
        { param: `${param}[${name}]` },
      );
  }
}

/**
 * What an object's metadata is after an update: keys are merged, an empty value removes its key, `null` for
 * the whole removes all.
 */
export function mergeMetadata(before: Metadata | null | undefined, change: unknown): Metadata {
  if (change === undefined) return before ?? {};
  if (change === null) return {};
  const merged = new Map(Object.entries(before ?? {}));
  for (const [name, value] of Object.entries(change as Record<string, string | null>)) {
    if (value === null) merged.delete(name);
    else merged.set(name, value);
  }
  if (merged.size > METADATA_KEYS_MAX)
    throw badParameter(`You can only set up to ${METADATA_KEYS_MAX} metadata keys per object.`, {
      param: 'metadata',
    });
  return Object.fromEntries([...merged].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
