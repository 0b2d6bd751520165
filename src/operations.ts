import type { AnyOperation } from './http/operation.ts';
import * as movements from './movements/operations.ts';
import * as orders from './orders/operations.ts';
import * as refunds from './refunds/operations.ts';

/** Everything the operator's API can do, noun by noun: what `/openapi.json` is made of. */
export const OPERATIONS: readonly AnyOperation[] = [movements, orders, refunds].flatMap((noun) =>
  Object.values<unknown>(noun as Record<string, unknown>).filter(isOperation),
);

function isOperation(value: unknown): value is AnyOperation {
  return typeof value === 'object' && value !== null && 'method' in value && 'path' in value;
}
