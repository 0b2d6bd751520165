import { badParameter, type StripeError } from './errors.ts';

/** A form's content as nested text; arrays still are objects with numbers as keys. */
export interface FormObject {
  [name: string]: FormValue;
}
export type FormValue = string | FormObject;

/** Deeper than any parameter of Stripe's; beyond it someone is trying something. */
const DEPTH_MAX = 12;
const PAIRS_MAX = 20_000;

/**
 * Reads `application/x-www-form-urlencoded` text with brackets, encoded or raw, indexed (`a[0][b]`) or not
 * (`a[]`). The last of two equal names wins, as at Stripe.
 */
export function parseForm(text: string): FormObject {
  const form: FormObject = Object.create(null) as FormObject;
  if (text === '') return form;
  const pairs = text.split('&');
  if (pairs.length > PAIRS_MAX) throw badParameter(`Too many parameters: at most ${PAIRS_MAX} are read.`);
  for (const pair of pairs) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const name = decode(equals === -1 ? pair : pair.slice(0, equals));
    place(form, name, equals === -1 ? '' : decode(pair.slice(equals + 1)));
  }
  return form;
}

/** Stripe's answer to a body that is no form, such as JSON. */
export function notAForm(): StripeError {
  return badParameter(
    'Invalid request (check that your POST content type is application/x-www-form-urlencoded). If you have ' +
      'any questions, we can help at https://support.stripe.com/.',
  );
}

/** The answer to an upload without a boundary, without an end, or with parts that have no name. */
export function malformedUpload(): StripeError {
  return badParameter(
    'Invalid request: the multipart/form-data body is malformed (check that its content type names the ' +
      'boundary, that the body ends with it, and that every part has a name).',
  );
}

/** The elements of an array that was sent with indexes; undefined when the keys are no indexes. */
export function elements(value: FormObject): FormValue[] | undefined {
  const keys = Object.keys(value);
  if (!keys.every((key) => /^\d+$/.test(key))) return undefined;
  return keys.toSorted((a, b) => Number(a) - Number(b)).map((key) => value[key] ?? '');
}

function decode(text: string): string {
  if (!text.includes('%') && !text.includes('+')) return text;
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw notAForm();
  }
}

function place(form: FormObject, name: string, value: string): void {
  const bracket = name.indexOf('[');
  if (bracket <= 0) {
    form[name] = value;
    return;
  }
  const path = segments(name, bracket);
  let target = form;
  for (const [depth, segment] of path.entries()) {
    const last = depth === path.length - 1;
    const key = segment === '' ? nextIndex(target, path[depth + 1]) : segment;
    if (last) {
      target[key] = value;
      return;
    }
    const inner = target[key];
    target = typeof inner === 'object' ? inner : (target[key] = Object.create(null) as FormObject);
  }
}

function segments(name: string, bracket: number): string[] {
  const rest = name.slice(bracket);
  if (!/^(\[[^[\]]*\])+$/.test(rest)) throw badParameter(`Invalid parameter name: ${name.slice(0, 100)}`);
  const path = [name.slice(0, bracket), ...rest.slice(1, -1).split('][')];
  if (path.length > DEPTH_MAX) throw badParameter(`Parameters are nested too deeply: ${name.slice(0, 100)}`);
  return path;
}

/** `a[][x]=1&a[][y]=2` is one element; a name that the last element already has begins the next. */
function nextIndex(target: FormObject, following: string | undefined): string {
  let index = Object.keys(target).length;
  const last = target[String(index - 1)];
  if (following !== undefined && typeof last === 'object' && !(following in last)) return String(index - 1);
  while (String(index) in target) index += 1;
  return String(index);
}
