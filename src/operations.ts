import * as installs from './apps/installs/operations.ts';
import * as disputes from './disputes/operations.ts';
import * as sellers from './connect/operations.ts';
import * as movements from './movements/operations.ts';
import * as payouts from './payouts/operations.ts';
import * as sinks from './sinks/operations.ts';
import type { AnyOperation } from './http/operation.ts';

/** Everything the operator's API can do, noun by noun: what `/openapi.json` is made of. */
export const OPERATIONS: readonly AnyOperation[] = [
  movements,
  payouts,
  sellers,
  sinks,
  disputes,
  installs,
].flatMap((noun) => Object.values<unknown>(noun as Record<string, unknown>).filter(isOperation));

function isOperation(value: unknown): value is AnyOperation {
  return typeof value === 'object' && value !== null && 'method' in value && 'path' in value;
}
