import type { z } from 'zod';
import type { Problem } from '../http/problem.ts';

/** `invalid_request` in words, from what the schema found first. `example` is a body that would be right. */
export function invalidRequest({ issues }: z.ZodError, example: string): Problem {
  const [issue] = issues;
  if (issue?.code === 'unrecognized_keys') {
    return badField(issue.keys[0] ?? '', 'is not a known field, or not in this combination');
  }
  // The place in a list is no help: the message says what all of its items have to be.
  const field = String(issue?.path[0] ?? '');
  if (field === '') return { status: 400, code: 'invalid_request', detail: `The body must be ${example}.` };
  return badField(field, issue?.message ?? 'is wrong');
}

/** One thing of a request is wrong. */
export function badField(field: string, message: string): Problem {
  return { status: 400, code: 'invalid_request', detail: `"${field}" ${message}.`, extra: { field } };
}
