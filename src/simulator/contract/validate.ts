import { badParameter, missingParameter, unknownParameters } from '../server/errors.ts';
import { elements, type FormObject, type FormValue } from '../server/form.ts';
import type { Contract, Field, Node, Shape } from './contract.ts';
import { checkMetadata } from './metadata.ts';

/** Parameters after checking: numbers are numbers, arrays are arrays, `null` means "unset this". */
export interface Params {
  [name: string]: unknown;
}

/** Numbers which may have a fraction; every other number of /v1 is an integer. */
const FRACTIONAL = /percent|^(height|length|weight|width|latitude|longitude|exchange_rate|multiplier)$/;

/** As the published specification says of almost every text; descriptions and evidence may be longer. */
const STRING_CHARS_MAX = 5_000;
const DESCRIPTION_CHARS_MAX = 40_000;
const EVIDENCE_CHARS_MAX = 150_000;
const ENDS_CHARS = 4;

interface Reading {
  contract: Contract;
  /** Enums are only enforced for the version that they were derived from; older ones had other words. */
  strict: boolean;
  unknown: string[];
}

/**
 * Checks a form against the shape of an operation's parameters and gives every value its type.
 * Throws what Stripe answers: parameter_unknown, parameter_missing, parameter_invalid_*.
 */
export function checkParams(
  contract: Contract,
  type: Node | undefined,
  form: FormObject,
  strict: boolean,
): Params {
  if (type === '?') return plain(form) as Params;
  const reading: Reading = { contract, strict, unknown: [] };
  const shape = typeof type === 'object' && 'r' in type ? contract.shape(type.r) : new Map<string, Field>();
  const params = readShape(reading, shape, form, '');
  if (reading.unknown.length > 0) throw unknownParameters(reading.unknown);
  return params;
}

function readShape(reading: Reading, shape: Shape, form: FormObject, path: string): Params {
  const params: Params = {};
  for (const name of Object.keys(form)) {
    const value = form[name];
    const field = shape.get(name);
    const param = path === '' ? name : `${path}[${name}]`;
    if (!field || value === undefined) reading.unknown.push(param);
    else params[name] = readField(reading, field, value, param);
  }
  for (const field of shape.values())
    if (!field.optional && !(field.name in form) && reading.unknown.length === 0)
      throw missingParameter(path === '' ? field.name : `${path}[${field.name}]`);
  return params;
}

function readField(reading: Reading, field: Field, value: FormValue, param: string): unknown {
  if (value !== '') return readValue(reading, field.type, value, param);
  if (field.emptyable || isMap(field.type)) return null;
  if (typeof field.type === 'object' && 'a' in field.type) return [];
  if (field.type === 's' && field.optional && !isReference(reading, field.name)) return null;
  throw blank(param);
}

function readValue(reading: Reading, type: Node, value: FormValue, param: string): unknown {
  if (typeof type === 'string') return readScalar(type, value, param);
  if ('u' in type) return readUnion(reading, type.u, value, param);
  if ('e' in type) return readEnum(reading, type, value, param);
  if ('r' in type) return readObject(reading, type.r, value, param);
  if ('m' in type) return readMap(reading, type.m, value, param);
  const inner = 'a' in type ? type.a : type.l;
  return readArray(reading, inner, value, param);
}

function readScalar(type: string, value: FormValue, param: string): unknown {
  if (type === '?') return typeof value === 'object' ? plain(value) : value;
  if (typeof value === 'object') throw badParameter(`Invalid ${NOUNS[type] ?? 'string'}: {…}`, { param });
  if (value.length > STRING_CHARS_MAX && value.length > longestOf(param))
    throw badParameter(
      `Invalid string: ${value.slice(0, ENDS_CHARS)}...${value.slice(-ENDS_CHARS)}; must be at most ` +
        `${longestOf(param)} characters`,
      { param },
    );
  if (type === 'b') return readBoolean(value, param);
  if (type === 'n') return readNumber(value, param);
  if (type === 'd' && !/^-?\d+(\.\d+)?$/.test(value))
    throw badParameter(
      `Invalid decimal: ${value.slice(0, 100)}; must contain at maximum 12 decimal places.`,
      {
        code: 'parameter_invalid_integer',
        param,
      },
    );
  return value;
}

function longestOf(param: string): number {
  if (/\bevidence\b/.test(param)) return EVIDENCE_CHARS_MAX;
  return /\bdescription\]?$/.test(param) ? DESCRIPTION_CHARS_MAX : STRING_CHARS_MAX;
}

const NOUNS: Record<string, string> = { n: 'integer', b: 'boolean', s: 'string', d: 'decimal' };

function readBoolean(value: string, param: string): boolean {
  if (value === 'true' || value === '1') return true;
  if (value === 'false' || value === '0') return false;
  throw badParameter(`Invalid boolean: ${value.slice(0, 100)}`, { param });
}

function readNumber(value: string, param: string): number {
  const name = /([a-z_]+)\]?$/.exec(param)?.[1] ?? param;
  const fractional = FRACTIONAL.test(name);
  const number = Number(value);
  const right = fractional
    ? /^-?\d*\.?\d+$/.test(value)
    : /^-?\d+$/.test(value) && Number.isSafeInteger(number);
  if (right) return number;
  const noun = fractional ? 'decimal' : 'integer';
  throw badParameter(`Invalid ${noun}: ${value.slice(0, 100)}`, { code: 'parameter_invalid_integer', param });
}

function readEnum(reading: Reading, type: { e: string[]; o?: 1 }, value: FormValue, param: string): string {
  if (typeof value === 'object') throw badParameter('Invalid string: {…}', { param });
  if (type.e.includes(value) || type.e.length === 0 || !reading.strict) return value;
  const words = type.e.length === 1 ? type.e : [type.e.slice(0, -1).join(', '), type.e.at(-1)];
  throw badParameter(`Invalid ${param}: must be one of ${words.join(', or ')}`, { param });
}

function readObject(reading: Reading, number: number, value: FormValue, param: string): Params {
  if (typeof value === 'string') throw badParameter('Invalid object', { param });
  return readShape(reading, reading.contract.shape(number), value, param);
}

function readMap(reading: Reading, inner: Node, value: FormValue, param: string): Params {
  if (typeof value === 'string') throw badParameter('Invalid hash', { param });
  if (/\bmetadata\]?$/.test(param)) checkMetadata(value, param);
  const names = Object.keys(value);
  // Metadata and price ids are keys that the caller chose; a plain object would take `__proto__` for its own.
  const map = Object.create(null) as Params;
  for (const name of names) {
    const item = value[name] ?? '';
    map[name] = item === '' ? null : readValue(reading, inner, item, `${param}[${name}]`);
  }
  return map;
}

function readArray(reading: Reading, inner: Node, value: FormValue, param: string): unknown[] {
  const items = typeof value === 'object' ? elements(value) : undefined;
  if (!items) throw badParameter('Invalid array', { param });
  return items.map((item, index) => readValue(reading, inner, item, `${param}[${index}]`));
}

/**
 * Takes the first member that fits, text before numbers (metadata's values are `string | number`, and text);
 * when none does, the complaint of the most specific one is the answer.
 */
function readUnion(reading: Reading, types: Node[], value: FormValue, param: string): unknown {
  let complaint: unknown;
  for (const type of types.toSorted((a, b) => rank(a, value) - rank(b, value))) {
    const before = reading.unknown.length;
    try {
      const result = readValue(reading, type, value, param);
      if (reading.unknown.length === before) return result;
      complaint ??= unknownParameters(reading.unknown.splice(before));
    } catch (thrown) {
      complaint ??= thrown;
    }
  }
  throw complaint;
}

function rank(type: Node, value: FormValue): number {
  const scalar = typeof value === 'string';
  if (typeof type === 'string') return type === 's' || type === '?' ? 2 : 3;
  if ('e' in type) return scalar && type.e.includes(value) ? 0 : 4;
  return scalar ? 6 : 1;
}

/** Descriptions and the like are unset by an empty text; an empty id is a mistake, and Stripe says so. */
function isReference({ contract }: Reading, name: string): boolean {
  return contract.shapeOf(name) !== undefined || /^(currency|id|url)$|_url$/.test(name);
}

function isMap(type: Node): boolean {
  return typeof type === 'object' && 'm' in type;
}

function blank(param: string): Error {
  const message =
    `You passed an empty string for '${param}'. We assume empty values are an attempt to unset a ` +
    `parameter; however ` +
    `'${param}' cannot be unset. You should remove '${param}' from your request or supply a non-empty value.`;
  return badParameter(message, { code: 'parameter_invalid_empty', param });
}

function plain(value: FormObject): unknown {
  const items = Object.keys(value).length > 0 ? elements(value) : undefined;
  if (items) return items.map((item) => (typeof item === 'object' ? plain(item) : item));
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, typeof item === 'object' ? plain(item) : item]),
  );
}
