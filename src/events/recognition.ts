import { readFileSync } from 'node:fs';
import type { Recognition } from '../inbox/envelope.ts';

interface EventTypes {
  api_version: string;
  snapshot: string[];
  thin: string[];
}

/**
 * What this Quittance knows: the event types of the installed `stripe` package (written down by the build)
 * and those with a handler; API versions up to the package's own.
 */
export function recognitionOf(hasHandler: (type: string) => boolean, livemode: boolean | null): Recognition {
  const known = readEventTypes();
  const types = new Set([...known.snapshot, ...known.thin]);
  const [newest] = known.api_version.split('.') as [string];
  return {
    livemode,
    isKnownType: (type) => types.has(type) || hasHandler(type),
    // Versions are dates with the name of their release train behind: older ones are known, newer ones not.
    isKnownVersion: (version) => {
      const match = /^(\d{4}-\d{2}-\d{2})(\.[a-z]+)?$/.exec(version);
      return match !== null && (match[1] as string) <= newest;
    },
  };
}

/** Every event type of the installed `stripe` package. */
export function knownEventTypes(): string[] {
  const { snapshot, thin } = readEventTypes();
  return [...snapshot, ...thin];
}

function readEventTypes(): EventTypes {
  const file = new URL('../../generated/event-types.json', import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')) as EventTypes;
}
