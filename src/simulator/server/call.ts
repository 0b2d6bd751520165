import type { Operation } from '../contract/contract.ts';
import type { Params } from '../contract/validate.ts';
import type { Realm } from '../realm.ts';
import type { StripeObject } from '../store/store.ts';
import type { Caller } from './auth.ts';
import type { Include } from './expand.ts';
import type { Filter } from './list.ts';

/** One checked request, as a behaviour gets it. */
export interface Call {
  realm: Realm;
  caller: Caller;
  operation: Operation;
  /** What stood at each `{}` of the path. */
  ids: string[];
  params: Params;
  /** The API version that the answer is to have. */
  version: string;
  /** Without the query; lists show it as their `url`. */
  path: string;
  /** Magic test ids that this request has already turned into objects of their own. */
  magic: Map<string, string>;
}

/** Does what one route does and returns its answer. */
export type Behaviour = (call: Call) => StripeObject;

/** What one noun of the API does beyond the general rules. */
export interface Resource {
  /** By route, for example `POST /v1/refunds`; what stands here replaces the general behaviour. */
  routes?: Readonly<Record<string, Behaviour>>;
  /** By `kind.parameter`, for list parameters that are not simply a field's value. */
  filters?: Readonly<Record<string, Filter>>;
  /** By `kind.field`, for lists that are only shown when expanded. */
  includes?: Readonly<Record<string, Include>>;
  /** By task name, what time brings about. */
  tasks?: Readonly<Record<string, (realm: Realm, about: string) => void>>;
  /** By type of event, what else changes when it is announced; in the same transaction. */
  follows?: Readonly<Record<string, (realm: Realm, object: StripeObject) => void>>;
  /** By kind, what is worked out anew whenever an object is shown. */
  live?: Readonly<Record<string, (realm: Realm, object: StripeObject) => StripeObject>>;
}

/** The routes, filters, lists and tasks of all resources together. */
export type Resources = Required<Resource>;

/** Joins what the resources declare; two with the same route would be a mistake, and is refused. */
export function joinResources(resources: readonly Resource[]): Resources {
  const parts = ['routes', 'filters', 'includes', 'tasks', 'follows', 'live'] as const;
  const joined: Record<string, Record<string, unknown>> = {};
  for (const part of parts) {
    const table: Record<string, unknown> = {};
    for (const resource of resources)
      for (const [name, value] of Object.entries(resource[part] ?? {})) {
        if (name in table) throw new Error(`two resources declare ${name}`);
        table[name] = value;
      }
    joined[part] = table;
  }
  return joined as unknown as Resources;
}
