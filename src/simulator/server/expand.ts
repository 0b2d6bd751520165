import type { Contract, Node, Shape } from '../contract/contract.ts';
import type { Realm } from '../realm.ts';
import type { StripeObject } from '../store/store.ts';
import { olderField } from '../versions/render.ts';
import { badParameter } from './errors.ts';

const LEVELS_MAX = 4;

interface Tree {
  [field: string]: Tree;
}

/** Makes a list that an object only shows when asked for, such as a Checkout Session's line items. */
export type Include = (realm: Realm, object: StripeObject) => unknown;

/** By `kind.field`. */
type Includes = Readonly<Record<string, Include>>;

/** Finds an object of one of these kinds by its id; deleted ones as what Stripe shows of them. */
type Find = (realm: Realm, kinds: string[], id: string) => StripeObject | undefined;

interface Expansion {
  realm: Realm;
  includes: Includes;
  find: Find;
  /** Older versions have fields that are made on the way out, and may be expanded all the same. */
  version: string;
}

/** Replaces ids by objects along the paths of `expand`; refuses what Stripe can't expand. */
export function expand(
  expansion: Expansion,
  answer: StripeObject,
  type: Node,
  paths: string[],
): StripeObject {
  if (paths.length === 0) return answer;
  const tree = Object.create(null) as Tree;
  for (const path of paths) plant(tree, path);
  return grow(expansion, answer, type, tree, '') as StripeObject;
}

function plant(tree: Tree, path: string): void {
  const fields = path.split('.');
  const levels = fields.filter((field) => field !== 'data').length;
  if (levels > LEVELS_MAX)
    throw badParameter(`You cannot expand more than ${LEVELS_MAX} levels of a property.`);
  let place = tree;
  for (const field of fields) {
    if (field === '') throw unexpandable(path);
    place = place[field] ??= Object.create(null) as Tree;
  }
}

function grow(expansion: Expansion, value: unknown, type: Node, tree: Tree, path: string): unknown {
  if (value === null || value === undefined) return value;
  if (Array.isArray(value)) {
    const inner = typeof type === 'object' && 'a' in type ? type.a : type;
    return value.map((item) => growItem(expansion, item, inner, tree, path));
  }
  return growItem(expansion, value, type, tree, path);
}

function growItem(expansion: Expansion, value: unknown, type: Node, tree: Tree, path: string): unknown {
  const { contract } = expansion.realm.engine;
  if (typeof value === 'string') {
    const kinds = contract.kindsIn(type);
    if (kinds.length === 0) throw unexpandable(path);
    const found = expansion.find(expansion.realm, kinds, value);
    if (!found) return value;
    const inner = kinds.length > 1 ? onlyWhatItHas(contract, found, kinds, tree) : tree;
    return growFields(expansion, found, contract.shapeOf(found.object ?? ''), inner, path);
  }
  if (typeof value !== 'object' || value === null) throw unexpandable(path);
  const object = value as StripeObject;
  if (object.object === 'list' || object.object === 'search_result') {
    const inner = typeof type === 'object' && 'l' in type ? type.l : type;
    const { data, ...others } = tree;
    const [stray] = Object.keys(others);
    if (stray !== undefined) throw unexpandable(join(path, stray));
    return data
      ? { ...object, data: grow(expansion, object['data'], { a: inner }, data, join(path, 'data')) }
      : object;
  }
  const number = typeof type === 'object' && 'r' in type ? contract.shape(type.r) : undefined;
  return growFields(expansion, object, contract.shapeOf(object.object ?? '') ?? number, tree, path);
}

/**
 * Where objects of several kinds may stand (the source of a balance transaction), a path is followed in those
 * that have such a field, and passes by the others.
 */
function onlyWhatItHas(contract: Contract, found: StripeObject, kinds: readonly string[], tree: Tree): Tree {
  const own = contract.shapeOf(found.object ?? '');
  const isOthers = (name: string): boolean =>
    !own?.has(name) && kinds.some((kind) => contract.shapeOf(kind)?.has(name));
  return Object.fromEntries(Object.entries(tree).filter(([name]) => !isOthers(name)));
}

function growFields(
  expansion: Expansion,
  object: StripeObject,
  shape: Shape | undefined,
  tree: Tree,
  path: string,
): StripeObject {
  const grown: Record<string, unknown> = { ...object };
  for (const [name, inner] of Object.entries(tree)) {
    const field = shape?.get(name);
    const include = expansion.includes[`${object.object}.${name}`];
    const older = field ? undefined : olderField(object.object ?? '', name, expansion.version);
    if (!field && !include && !older && object['deleted'] !== true) throw unexpandable(join(path, name));
    if (older) {
      const { contract } = expansion.realm.engine;
      const type = { u: (older.holds ?? []).map((kind) => contract.typeOf(kind)) };
      grown[name] = grow(expansion, older.was(expansion.realm, object), type, inner, join(path, name));
    }
    if (include) grown[name] = include(expansion.realm, object);
    // A list that was put in may have more to expand; a plain value may not.
    if (field && (!include || Object.keys(inner).length > 0))
      grown[name] = grow(expansion, grown[name], field.type, inner, join(path, name));
  }
  return grown;
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

function unexpandable(path: string): Error {
  return badParameter(`This property cannot be expanded (${path}).`);
}
