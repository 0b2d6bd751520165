import * as audit from './audit/operations.ts';
import * as movements from './movements/operations.ts';
import * as operators from './operators/operations.ts';
import * as session from './operators/session-operations.ts';
import type { AnyOperation } from './http/operation.ts';

/** Everything the operator's API can do, noun by noun: what `/openapi.json` is made of. */
export const OPERATIONS: readonly AnyOperation[] = [session, operators, audit, movements].flatMap((noun) =>
  Object.values<unknown>(noun as Record<string, unknown>).filter(isOperation),
);

function isOperation(value: unknown): value is AnyOperation {
  return typeof value === 'object' && value !== null && 'method' in value && 'path' in value;
}
