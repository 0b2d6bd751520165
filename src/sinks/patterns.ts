import { knownEventTypes } from '../events/recognition.ts';
import { QuittanceError } from '../errors.ts';
import type { Sink } from './settings.ts';

/**
 * The event types that a sink is for. A type that is written out counts though this Quittance does not know
 * it; `*` and `payment_intent.*` mean those it knows. Throws `invalid_options` for a pattern that means none.
 */
export function typesOf({ name, events }: Sink, known: readonly string[] = knownEventTypes()): string[] {
  const types = events.flatMap((pattern) => {
    if (!pattern.endsWith('*')) return [pattern];
    const found = known.filter((type) => type.startsWith(pattern.slice(0, -1)));
    if (found.length > 0) return found;
    const message = `sinks: "${pattern}" of the sink "${name}" means no event type that is known`;
    throw new QuittanceError({ code: 'invalid_options', message });
  });
  return [...new Set(types)];
}
