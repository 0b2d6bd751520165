import type { z } from 'zod';
import { redact } from '../log.ts';
import { readQueued } from '../jobs/queued.ts';
import type { GET_JOB } from './operations.ts';
import type { JobRow } from './rows.ts';

const MASK = '[redacted]';
const SECRET_FIELD = /secret|token|password|authorization|api_?key/i;

/** A job as the API shows it. */
export function publicJob(row: JobRow): z.input<typeof GET_JOB.answer> {
  const { id, last_error, run_at, started_at, created_at, updated_at, queued, ...job } = row;
  return {
    id: String(id),
    ...job,
    last_error: last_error === null ? null : redact(last_error),
    run_at: run_at.toISOString(),
    started_at: started_at?.toISOString() ?? null,
    created_at: created_at.toISOString(),
    updated_at: updated_at.toISOString(),
    payload: JSON.parse(JSON.stringify(readQueued(queued).payload ?? null, masked)) as z.core.util.JSONType,
  };
}

function masked(name: string, value: unknown): unknown {
  if (SECRET_FIELD.test(name) && value !== null && typeof value !== 'boolean') return MASK;
  return typeof value === 'string' ? redact(value) : value;
}
