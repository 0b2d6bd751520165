import { inSpan } from '../http/spans.ts';
import type { Envelope } from './enqueue.ts';

/** What stands in the queue for a run of a job. */
export interface Queued {
  payload: unknown;
  key?: string;
  /** Of a job on the timetable: which tick. */
  cronTs?: string;
  traceparent?: string;
}

/** Reads what we queued, what the timetable did, or what somebody queued by SQL. */
export function readQueued(queued: unknown): Queued {
  const read = (queued ?? {}) as Partial<Envelope> & { _cron?: { ts: string } };
  if (read._cron) return { payload: null, cronTs: read._cron.ts };
  if (read.key === undefined) return { payload: queued };
  const { payload = null, key, traceparent } = read;
  return { payload, key, ...(traceparent ? { traceparent } : {}) };
}

/** Runs a job in a span of the trace it was queued in. */
export function inJobSpan<T>(
  run: { name: string; id: unknown; attempt: number; traceparent: string | null },
  work: () => Promise<T>,
): Promise<T> {
  const attributes = {
    'messaging.system': 'graphile_worker',
    'messaging.operation.name': 'process',
    'messaging.operation.type': 'process',
    'messaging.destination.name': run.name,
    // Its type says text; our connections read int8 as numbers.
    'messaging.message.id': String(run.id),
    'quittance.attempt': run.attempt,
  };
  const parent = { traceparent: run.traceparent };
  return inSpan(`process ${run.name}`, { kind: 'consumer', attributes, parent }, work);
}
