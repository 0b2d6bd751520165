import type { StripeObject } from '../store/store.ts';
import type { Contract, Field, Node, Shape } from './contract.ts';
import { constant } from './contract.ts';

/** Shapes inside shapes stop here; some contain themselves. */
const DEPTH_MAX = 4;

/**
 * What a new object of this kind holds where nothing was said: null where Stripe allows null, nothing where
 * a field is optional, and otherwise the emptiest value of its type.
 */
export function defaultsOf(contract: Contract, kind: string): StripeObject {
  let defaults = contract.defaults.get(kind);
  if (!defaults) {
    const shape = contract.shapeOf(kind);
    defaults = shape
      ? { ...emptyObject(contract, shape, 0), ...UNTYPED[kind] }
      : { id: undefined, object: kind };
    contract.defaults.set(kind, defaults);
  }
  return defaults;
}

/** An object with every field that is always there. */
function emptyObject(contract: Contract, shape: Shape, depth: number): StripeObject {
  const object: Record<string, unknown> = {};
  for (const field of shape.values())
    // A field that may be left out and may be null is null on a new object; only lists wait to be expanded.
    if (!field.optional || (field.nullable && !isList(field.type)))
      object[field.name] = emptyValue(contract, field, depth);
  return object;
}

function isList(type: Node): boolean {
  return typeof type === 'object' && 'l' in type;
}

function emptyValue(contract: Contract, field: Field, depth: number): unknown {
  if (field.name === 'id' || field.name === 'created') return undefined;
  if (field.name === 'metadata') return {};
  if (field.nullable) return null;
  if (depth === 0 && ON.has(field.name) && field.type === 'b') return true;
  return constant(field) ?? emptyOf(contract, field.type, depth);
}

function emptyOf(contract: Contract, type: Node, depth: number): unknown {
  if (typeof type === 'string') return EMPTY[type] ?? '';
  if ('e' in type) return CALM.find((word) => type.e.includes(word)) ?? type.e[0] ?? '';
  if ('a' in type) return [];
  if ('m' in type) return {};
  if ('l' in type) return { object: 'list', data: [], has_more: false, url: '' };
  if ('u' in type) return type.u.includes('s') ? '' : emptyOf(contract, type.u[0] ?? 's', depth);
  return depth >= DEPTH_MAX ? {} : emptyObject(contract, contract.shape(type.r), depth + 1);
}

/** What Stripe sends and the client's types do not name, as recorded since May 2026. */
const UNTYPED: Readonly<Record<string, StripeObject>> = {
  payment_intent: { shared_payment_granted_token: null },
  payment_method: { shared_payment_granted_token: null },
};

/** New objects are in use. */
const ON = new Set(['active', 'enabled']);

const EMPTY: Record<string, unknown> = { n: 0, b: false, d: '0', i: '0', '?': null };

/** Of a field's words, the one which says that nothing unusual is going on. */
const CALM = [
  'active',
  'open',
  'enabled',
  'available',
  'succeeded',
  'none',
  'unspecified',
  'automatic',
  'pending',
];
