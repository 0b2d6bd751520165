import * as doctor from './doctor/operations.ts';
import * as movements from './movements/operations.ts';
import type { AnyOperation } from './http/operation.ts';

/** Everything the operator's API can do, noun by noun: what `/openapi.json` is made of. */
export const OPERATIONS: readonly AnyOperation[] = [movements, doctor].flatMap((noun) =>
  Object.values<unknown>(noun as Record<string, unknown>).filter(isOperation),
);

function isOperation(value: unknown): value is AnyOperation {
  return typeof value === 'object' && value !== null && 'method' in value && 'path' in value;
}
