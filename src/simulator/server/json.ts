import { badParameter } from './errors.ts';
import type { FormObject, FormValue } from './form.ts';

/** A JSON body as it came, whose types contract/json-types.ts checks, and as a form. */
export interface JsonBody {
  json: unknown;
  form: FormObject;
}

/**
 * Reads the JSON body of a /v2 request, also into the same nested text that a form gives, so that one check
 * serves both.
 */
export function parseJson(text: string): JsonBody {
  if (text.trim() === '') return { json: {}, form: Object.create(null) as FormObject };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw badParameter('Invalid request: the body is not valid JSON.');
  }
  const form = asForm(value);
  if (typeof form !== 'object' || Array.isArray(value))
    throw badParameter('Invalid request: expected a JSON object.');
  return { json: value, form };
}

function asForm(value: unknown): FormValue {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return value;
  if (typeof value !== 'object') return JSON.stringify(value);
  const form = Object.create(null) as FormObject;
  for (const [name, item] of Object.entries(value)) form[name] = asForm(item);
  return form;
}
