import * as installs from './apps/installs/operations.ts';
import * as audit from './audit/operations.ts';
import * as checkout from './checkout/operations.ts';
import * as sellers from './connect/operations.ts';
import * as disputes from './disputes/operations.ts';
import * as doctor from './doctor/operations.ts';
import * as events from './events/operations.ts';
import * as replays from './events/replays/operations.ts';
import * as jobList from './job-list/operations.ts';
import * as movements from './movements/operations.ts';
import * as operators from './operators/operations.ts';
import * as session from './operators/session-operations.ts';
import * as orders from './orders/operations.ts';
import * as payouts from './payouts/operations.ts';
import * as refunds from './refunds/operations.ts';
import * as sinks from './sinks/operations.ts';
import * as today from './today/operations.ts';
import type { AnyOperation } from './http/operation.ts';

const NOUNS = [
  session,
  today,
  events,
  replays,
  checkout,
  orders,
  refunds,
  movements,
  sellers,
  payouts,
  disputes,
  installs,
  sinks,
  jobList,
  doctor,
  audit,
  operators,
];

/** Everything the operator's API can do, noun by noun: what `/openapi.json` is made of. */
export const OPERATIONS: readonly AnyOperation[] = NOUNS.flatMap((noun) =>
  Object.values<unknown>(noun as Record<string, unknown>).filter(isOperation),
);

function isOperation(value: unknown): value is AnyOperation {
  return typeof value === 'object' && value !== null && 'method' in value && 'path' in value;
}
