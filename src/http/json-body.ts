import { readBody } from './body.ts';
import type { Problem } from './problem.ts';

const BODY_BYTES_MAX = 16 * 1024;

/**
 * The JSON of a request's body; an empty one is `undefined`. Problems: `invalid_request` (400), `body_too_large`
 * (413, beyond 16 KiB).
 */
export async function readJsonBody(request: Request): Promise<{ value: unknown } | { problem: Problem }> {
  const reading = await readBody(request, BODY_BYTES_MAX);
  if (reading.kind === 'too_large') return { problem: TOO_LARGE };
  if (reading.kind !== 'bytes') return { problem: NOT_JSON };
  if (reading.bytes.length === 0) return { value: undefined };
  try {
    return { value: JSON.parse(reading.bytes.toString('utf8')) as unknown };
  } catch {
    return { problem: NOT_JSON };
  }
}

const NOT_JSON: Problem = { status: 400, code: 'invalid_request', detail: 'The body must be JSON.' };

const TOO_LARGE: Problem = { status: 413, code: 'body_too_large', detail: 'The body is larger than 16 KiB.' };
