import * as events from './events/operations.ts';
import * as replays from './events/replays/operations.ts';
import * as movements from './movements/operations.ts';
import type { AnyOperation } from './http/operation.ts';

/** Everything the operator's API can do, noun by noun: what `/openapi.json` is made of. */
export const OPERATIONS: readonly AnyOperation[] = [events, replays, movements].flatMap((noun) =>
  Object.values<unknown>(noun as Record<string, unknown>).filter(isOperation),
);

function isOperation(value: unknown): value is AnyOperation {
  return typeof value === 'object' && value !== null && 'method' in value && 'path' in value;
}
