import type { z } from 'zod';
import { readBody } from './body.ts';
import type { Problem } from './problem.ts';

const JSON_BYTES_MAX = 16 * 1024;
const KEY_CHARACTERS_MAX = 255;

/** A value that was asked for, or why there is none. */
export type Read<T> = { readonly value: T } | { readonly problem: Problem };

/** The JSON of a request's body. Problems: `invalid_request` (400), `body_too_large` (413, beyond 16 KiB). */
export async function readJson(request: Request, bytesMax = JSON_BYTES_MAX): Promise<Read<unknown>> {
  return read(request, bytesMax);
}

/** The same where nothing means `{}`. */
export async function readOptions(request: Request, bytesMax = JSON_BYTES_MAX): Promise<Read<unknown>> {
  return read(request, bytesMax, {});
}

async function read(request: Request, bytesMax: number, whenEmpty?: object): Promise<Read<unknown>> {
  const reading = await readBody(request, bytesMax);
  if (reading.kind === 'too_large') return { problem: tooLarge(bytesMax) };
  if (reading.kind !== 'bytes') return { problem: NOT_JSON };
  if (reading.bytes.length === 0 && whenEmpty) return { value: whenEmpty };
  try {
    return { value: JSON.parse(reading.bytes.toString('utf8')) };
  } catch {
    return { problem: NOT_JSON };
  }
}

/**
 * The `Idempotency-Key` header, null when there is none: up to 255 visible ASCII characters. Problem:
 * `invalid_idempotency_key` (400).
 */
export function readIdempotencyKey(request: Request): Read<string | null> {
  return checkIdempotencyKey(request.headers.get('idempotency-key'));
}

/** The same for a key that came another way. */
export function checkIdempotencyKey(key: string | null): Read<string | null> {
  if (key === null) return { value: null };
  const isFit = key.length <= KEY_CHARACTERS_MAX && /^[\x21-\x7e]+$/.test(key);
  return isFit ? { value: key } : { problem: BAD_KEY };
}

/** False for text with a NUL or half a surrogate pair, which PostgreSQL takes neither of. */
export function isStorable(value: string): boolean {
  return value.isWellFormed() && !value.includes('\0');
}

export const UNSTORABLE = 'holds a character that is none';

/** Where in a body such text stands, in its names too; null when nowhere. */
export function unstorableField(value: unknown, path: readonly string[] = []): string | null {
  if (typeof value === 'string') return isStorable(value) ? null : path.join('.');
  if (typeof value !== 'object' || value === null) return null;
  for (const [name, member] of Object.entries(value)) {
    const found = isStorable(name) ? unstorableField(member, [...path, name]) : path.join('.');
    if (found !== null) return found;
  }
  return null;
}

/** `invalid_request` in words, from what the schema found first. `example` is a body that would be right. */
export function invalidRequest({ issues }: z.ZodError, example: string): Problem {
  const [issue] = issues;
  if (issue?.code === 'unrecognized_keys') {
    return badField([...issue.path, issue.keys[0] ?? ''].join('.'), 'is not a known field here');
  }
  const field = fieldOf(issue?.path ?? []);
  if (field === '') return { status: 400, code: 'invalid_request', detail: `It must be ${example}.` };
  return badField(field, issue?.message ?? 'is wrong');
}

// The place in a list of words is no help: the message says what all of them have to be.
function fieldOf(path: readonly PropertyKey[]): string {
  return (typeof path.at(-1) === 'number' ? path.slice(0, -1) : path).join('.');
}

/** One field of a request is wrong: `message` goes on after its name. */
export function badField(field: string, message: string): Problem {
  return { status: 400, code: 'invalid_request', detail: `"${field}" ${message}.`, extra: { field } };
}

function tooLarge(bytesMax: number): Problem {
  return { status: 413, code: 'body_too_large', detail: `The body is larger than ${bytesMax / 1024} KiB.` };
}

const NOT_JSON: Problem = { status: 400, code: 'invalid_request', detail: 'The body must be JSON.' };

const BAD_KEY: Problem = {
  status: 400,
  code: 'invalid_idempotency_key',
  detail: `Idempotency-Key must be 1 to ${KEY_CHARACTERS_MAX} visible ASCII characters.`,
};
