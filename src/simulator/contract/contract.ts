import { readFileSync } from 'node:fs';
import { QuittanceError } from '../../errors.ts';
import type { StripeObject } from '../store/store.ts';

/**
 * One type of Stripe's API, as the build wrote it: `s` string, `n` number, `b` boolean, `d` decimal string,
 * `i` 64-bit integer sent as a string, `t` timestamp of /v2, `?` anything; `e` enum (`o` when Stripe may
 * add to it), `a` array, `m` map, `r` another shape by number, `u` one of several, `l` a list with cursors.
 */
export type Node =
  | 's'
  | 'n'
  | 'b'
  | 'd'
  | 'i'
  | 't'
  | '?'
  | { e: string[]; o?: 1 }
  | { a: Node }
  | { m: Node }
  | { r: number }
  | { u: Node[] }
  | { l: Node };

export interface Field {
  name: string;
  type: Node;
  optional: boolean;
  nullable: boolean;
  /** An empty string unsets it. */
  emptyable: boolean;
}

/** All fields of one object or of one set of parameters, in Stripe's order. */
export type Shape = ReadonlyMap<string, Field>;

export interface Operation {
  method: string;
  /** `{}` stands for each identifier. */
  path: string;
  in?: Node;
  out: Node;
  kind: 'one' | 'list' | 'search' | 'v2list';
}

export interface Match {
  operation: Operation;
  /** What stood at each `{}`, decoded. */
  ids: string[];
}

interface Step {
  next: Map<string, Step>;
  operations: Map<string, Operation>;
}

type RawField = [name: string, flags: number, type: Node];
interface RawContract {
  apiVersion: string;
  operations: Operation[];
  types: RawField[][];
}

const OPTIONAL = 1;
const NULLABLE = 2;
const EMPTYABLE = 4;
const ONE_BY_ID = /^[^{]+\/\{\}$/;
const CONTRACT_FILE = new URL('../../../generated/contract.json', import.meta.url);

/** What Stripe's API accepts and answers, derived at build time from the installed `stripe` package. */
export class Contract {
  /** The version whose shapes these are. */
  readonly apiVersion: string;
  /** New objects' defaults by kind, made when first asked for; see defaults.ts. */
  readonly defaults = new Map<string, StripeObject>();
  readonly #raw: RawField[][];
  readonly #shapes = new Map<number, Shape>();
  readonly #numbers = new Map<string, number>();
  readonly #collections = new Map<string, string>();
  readonly #operations: readonly Operation[];
  readonly #root: Step = { next: new Map(), operations: new Map() };

  /**
   * `extra` are routes that Stripe has but does not document; `?` as their parameters' type leaves those
   * unchecked.
   */
  constructor({ apiVersion, operations, types }: RawContract, extra: readonly Operation[] = []) {
    this.apiVersion = apiVersion;
    this.#raw = types;
    this.#operations = operations;
    for (const operation of [...operations, ...extra]) this.#place(operation);
    for (const [number, fields] of types.entries()) this.#nameShape(number, fields);
  }

  /** The operation that answers this method and path, or undefined: Stripe has no such route. */
  match(method: string, path: string): Match | undefined {
    const ids: string[] = [];
    const operation = walk(this.#root, path.split('/').slice(1), 0, method, ids);
    return operation && { operation, ids };
  }

  shape(number: number): Shape {
    let shape = this.#shapes.get(number);
    if (!shape) this.#shapes.set(number, (shape = readShape(this.#raw[number] ?? [])));
    return shape;
  }

  /** The shape of the object whose `object` field says `kind`. */
  shapeOf(kind: string): Shape | undefined {
    const number = this.#numbers.get(kind);
    return number === undefined ? undefined : this.shape(number);
  }

  /** The type of the objects whose `object` field says `kind`. */
  typeOf(kind: string): Node {
    return { r: this.#numbers.get(kind) ?? 0 };
  }

  /** What the `object` field of this type says; undefined for types that are no API object. */
  kindOf(type: Node): string | undefined {
    return typeof type === 'object' && 'r' in type ? constant(this.shape(type.r).get('object')) : undefined;
  }

  /** Every kind of object that stands in this type, for a field which holds an id or the object itself. */
  kindsIn(type: Node): string[] {
    if (typeof type === 'object' && 'u' in type) return type.u.flatMap((part) => this.kindsIn(part));
    if (typeof type === 'object' && 'a' in type) return this.kindsIn(type.a);
    const kind = this.kindOf(type);
    return kind === undefined ? [] : [kind];
  }

  /**
   * Where objects of this kind live, for example `/v1/refunds`; undefined when they can't be fetched one by
   * one.
   */
  collectionOf(kind: string): string | undefined {
    const known = this.#collections.get(kind);
    if (known !== undefined || this.#collections.size > 0) return known;
    for (const { method, path, out } of this.#operations) {
      const [name] = method === 'GET' && ONE_BY_ID.test(path) ? this.kindsIn(out) : [];
      if (name !== undefined && !this.#collections.has(name))
        this.#collections.set(name, path.slice(0, -'/{}'.length));
    }
    return this.#collections.get(kind);
  }

  #place(operation: Operation): void {
    let step = this.#root;
    for (const part of operation.path.split('/').slice(1)) {
      let next = step.next.get(part);
      if (!next) step.next.set(part, (next = { next: new Map(), operations: new Map() }));
      step = next;
    }
    step.operations.set(operation.method, operation);
  }

  #nameShape(number: number, fields: RawField[]): void {
    const kind = fields.find(([name]) => name === 'object')?.[2];
    const deleted = fields.some(([name, , type]) => name === 'deleted' && type === 'b');
    if (typeof kind !== 'object' || !('e' in kind) || kind.e.length !== 1 || deleted) return;
    const [name = ''] = kind.e;
    if (!this.#numbers.has(name)) this.#numbers.set(name, number);
  }
}

// Nobody changes it, a test suite starts hundreds of simulators, and reading 1.2 MB was most of a start.
let known: RawContract | undefined;

/** The contract that `npm run build` wrote, read once in a process. */
export function loadContract(extra: readonly Operation[]): Contract {
  known ??= readContract();
  return new Contract(known, extra);
}

function readContract(): RawContract {
  try {
    return JSON.parse(readFileSync(CONTRACT_FILE, 'utf8')) as RawContract;
  } catch (cause) {
    const message = `The simulator has no ${CONTRACT_FILE.pathname}: run "npm run build" first.`;
    throw new QuittanceError({ code: 'simulator_not_built', message, cause });
  }
}

/** The one value of a field that has only one, such as `object`. */
export function constant(field: Field | undefined): string | undefined {
  const type = field?.type;
  return typeof type === 'object' && 'e' in type && type.e.length === 1 ? type.e[0] : undefined;
}

function readShape(fields: RawField[]): Shape {
  return new Map(
    fields.map(([name, flags, type]) => [
      name,
      {
        name,
        type,
        optional: (flags & OPTIONAL) !== 0,
        nullable: (flags & NULLABLE) !== 0,
        emptyable: (flags & EMPTYABLE) !== 0,
      },
    ]),
  );
}

/** A fixed word wins over an identifier, so that /v1/customers/search is not the customer called "search". */
function walk(step: Step, parts: string[], at: number, method: string, ids: string[]): Operation | undefined {
  const part = parts[at];
  if (part === undefined) return step.operations.get(method);
  const fixed = part === '{}' ? undefined : step.next.get(part);
  const found = fixed && walk(fixed, parts, at + 1, method, ids);
  if (found) return found;
  const variable = part === '' ? undefined : step.next.get('{}');
  if (!variable) return undefined;
  const before = ids.length;
  ids.push(decode(part));
  const operation = walk(variable, parts, at + 1, method, ids);
  if (!operation) ids.length = before;
  return operation;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
