import type { Envelope } from './enqueue.ts';

/** What a job was queued with: by us in an envelope, by the timetable, or by somebody's own SQL as it is. */
export function readQueued(queued: unknown): { payload: unknown; key?: string; cronTs?: string } {
  const { payload, key, _cron: cron } = (queued ?? {}) as Partial<Envelope> & { _cron?: { ts: string } };
  if (cron) return { payload: null, cronTs: cron.ts };
  return key === undefined ? { payload: queued } : { payload: payload ?? null, key };
}
