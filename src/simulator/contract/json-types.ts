import { badParameter } from '../server/errors.ts';
import type { Contract, Node } from './contract.ts';

/** How /v2 writes each type in JSON: 64-bit integers, decimals and times stand there as text. */
const WRITTEN: Record<string, string> = {
  s: 'string',
  n: 'number',
  b: 'boolean',
  d: 'string',
  i: 'string',
  t: 'string',
};

/**
 * Refuses a JSON value of another type than the contract's: /v2 turns no text into a boolean or a number,
 * and no number into text. What is unknown, missing or out of bounds is for validate.ts, which sees the same
 * body as a form; a form has text only, so that it could not tell `"true"` from `true`.
 */
export function checkJsonTypes(contract: Contract, type: Node | undefined, value: unknown, param = ''): void {
  if (type === undefined || type === '?') return;
  if (typeof type === 'string') expectType(WRITTEN[type] ?? 'string', value, param);
  else if ('e' in type) expectType('string', value, param);
  else if ('u' in type) checkUnion(contract, type.u, value, param);
  else if ('r' in type || 'm' in type) checkObject(contract, type, value, param);
  else {
    expectType('array', value, param);
    const inner = 'a' in type ? type.a : type.l;
    for (const [index, item] of (value as unknown[]).entries())
      checkJsonTypes(contract, inner, item, `${param}[${index}]`);
  }
}

function checkObject(
  contract: Contract,
  type: { r: number } | { m: Node },
  value: unknown,
  param: string,
): void {
  expectType('object', value, param);
  const shape = 'r' in type ? contract.shape(type.r) : undefined;
  for (const [name, item] of Object.entries(value as object)) {
    const field = shape?.get(name);
    // `null` unsets, and so does an empty text where the contract says so.
    if (item === null || (item === '' && field?.emptyable === true)) continue;
    const inner = 'm' in type ? type.m : field?.type;
    checkJsonTypes(contract, inner, item, param === '' ? name : `${param}[${name}]`);
  }
}

/** One member that fits is enough; when none does, the first one's complaint is the answer. */
function checkUnion(contract: Contract, types: Node[], value: unknown, param: string): void {
  let complaint: unknown;
  for (const type of types) {
    try {
      checkJsonTypes(contract, type, value, param);
      return;
    } catch (thrown) {
      complaint ??= thrown;
    }
  }
  throw complaint;
}

function expectType(wanted: string, value: unknown, param: string): void {
  const given = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
  if (given === wanted) return;
  const message = `Invalid type for '${param}': expected ${wanted}, but received ${given}.`;
  throw badParameter(message, { code: 'invalid_fields', param });
}
