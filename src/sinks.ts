import type { Foundation } from './foundation.ts';
import { SinkParts } from './sinks/parts.ts';

/** The systems of yours that are told of events, wired. */
export function sinksOf(base: Foundation): SinkParts {
  const { databases, settings, metrics } = base;
  return new SinkParts({
    ...base,
    database: databases.requests,
    sinks: settings.sinks,
    count: (sink, result) => metrics.sinkDeliveries.inc({ sink, result }),
  });
}
