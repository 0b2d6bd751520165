import { mergeMetadata, type Metadata } from '../contract/metadata.ts';
import type { Params } from '../contract/validate.ts';
import type { StripeObject } from '../store/store.ts';
import type { Behaviour, Call, Resources } from './call.ts';
import { noSuch, nounOf } from './errors.ts';
import { differences } from './hashes.ts';
import { listPage } from './list.ts';
import { deleteObject, findAny, needRow } from './lookup.ts';
import { searchPage } from './search.ts';

/** Kinds that Stripe answers with `deleted: true` after their end; every other deleted object is a 404. */
const REMEMBERED = new Set(['account', 'customer']);

/** The behaviour declared for a route or, where none is, what Stripe's API does with any object. */
export function behaviourOf(call: Call, resources: Resources): Behaviour {
  const { operation } = call;
  const declared = resources.routes[`${operation.method} ${operation.path}`];
  if (declared) return declared;
  if (operation.kind === 'search') return search;
  if (operation.kind !== 'one') return (each) => list(each, resources);
  const addressed = operation.path.endsWith('{}');
  if (operation.method === 'GET') return addressed ? retrieve : retrieveSingle;
  if (operation.method === 'DELETE') return remove;
  if (addressed) return update;
  return operation.path.includes('{}') && !isCollection(operation.path) ? act : create;
}

/** Copies parameters into an object: metadata is merged, `null` empties a field, other values replace. */
export function applyParams(before: StripeObject, params: Params): StripeObject {
  const after: Record<string, unknown> = { ...before };
  for (const [name, value] of Object.entries(params)) {
    if (name === 'metadata') after[name] = mergeMetadata(before['metadata'] as Metadata, value);
    else if (name in before || value !== null) after[name] = value;
  }
  return after;
}

function retrieve(call: Call): StripeObject {
  const { realm, ids } = call;
  const kind = kindOf(call);
  const id = ids.at(-1) ?? '';
  const found =
    realm.row(kind, id)?.object ?? (REMEMBERED.has(kind) ? findAny(realm, [kind], id) : undefined);
  if (!found) throw noSuch(nounOf(kind), id);
  return found;
}

export function list(call: Call, resources: Pick<Resources, 'filters'>): StripeObject {
  const { realm, params, path, ids } = call;
  const kind = kindOf(call);
  const filters = Object.fromEntries(
    Object.entries(resources.filters)
      .filter(([name]) => name.startsWith(`${kind}.`))
      .map(([name, filter]) => [name.slice(kind.length + 1), filter]),
  );
  const [parent] = ids;
  const owner = parent === undefined ? undefined : parentField(call);
  const page = listPage({
    realm,
    kind,
    params,
    url: path,
    filters,
    ...(owner && { belongs: (row) => (row.hidden?.['parent'] ?? row.object[owner]) === parent }),
  });
  if (call.operation.kind !== 'v2list') return page;
  return { data: page['data'], next_page_url: null, previous_page_url: null };
}

function search(call: Call): StripeObject {
  return searchPage(call.realm, kindOf(call), call.params, call.path);
}

function create(call: Call): StripeObject {
  const { realm, params, ids } = call;
  const kind = kindOf(call);
  const owner = ids[0] === undefined ? {} : { [parentField(call)]: ids[0] };
  const fresh = realm.engine.contract.shapeOf(kind);
  const known = Object.entries(params).filter(([name]) => name === 'id' || fresh?.has(name));
  const hidden = ids[0] === undefined ? undefined : { parent: ids[0] };
  const fields = applyParams({}, Object.fromEntries(known.filter(([, value]) => value !== null)));
  const object = realm.insertRaw(kind, { ...fields, ...owner }, hidden);
  announce(call, `${kind}.created`, object);
  return object;
}

function update(call: Call): StripeObject {
  const { realm, params, ids } = call;
  const kind = kindOf(call);
  const row = needRow(realm, kind, ids.at(-1) ?? '');
  const shape = realm.engine.contract.shapeOf(kind);
  const known = Object.fromEntries(Object.entries(params).filter(([name]) => shape?.has(name)));
  const before = row.object;
  const after = applyParams(before, known);
  realm.engine.store.put(realm, kind, row.id, after);
  announce(call, `${kind}.updated`, after, differences(before, after));
  return after;
}

function remove(call: Call): StripeObject {
  return deleteObject(call.realm, kindOf(call), call.ids.at(-1) ?? '');
}

/**
 * `POST /v1/things/{}/verb`: the thing as the parameters change it; what the verb means is not known here.
 */
function act(call: Call): StripeObject {
  const { realm, params, ids } = call;
  const kind = kindOf(call);
  const row = realm.row(kind, ids.at(-1));
  if (!row) return create(call);
  const shape = realm.engine.contract.shapeOf(kind);
  const known = Object.fromEntries(Object.entries(params).filter(([name]) => shape?.has(name)));
  const after = applyParams(row.object, known);
  realm.engine.store.put(realm, kind, row.id, after);
  return after;
}

/** Something there is only one of, such as the tax settings: made when first looked at. */
function retrieveSingle(call: Call): StripeObject {
  const kind = kindOf(call);
  const id = call.ids[0] ?? 'single';
  const found = call.realm.row(kind, id);
  return found ? found.object : call.realm.insertRaw(kind, { id });
}

/** Announces an event, if Stripe has one of that name. */
function announce({ realm }: Call, type: string, object: StripeObject, previous?: StripeObject): void {
  // Of all the groups only Issuing's events have a line where its objects have a dot.
  realm.emit(type.replace(/^issuing\./, 'issuing_'), object, previous);
}

function kindOf({ realm, operation }: Call): string {
  const { contract } = realm.engine;
  return contract.kindOf(operation.out) ?? contract.kindsIn(operation.out)[0] ?? operation.path;
}

/** `/v1/customers/{}/tax_ids` ends in the name of a collection, `/v1/invoices/{}/pay` in a verb. */
function isCollection(path: string): boolean {
  return /[^s]s$/.test(path) || path.endsWith('external_accounts');
}

/** The field by which a nested object names its parent: `customer` below /v1/customers. */
function parentField({ operation }: Call): string {
  const collection = operation.path.split('/')[2] ?? '';
  return collection.replace(/ies$/, 'y').replace(/s$/, '');
}
