import type { Realm } from '../realm.ts';
import { elements, type FormObject, type FormValue } from '../server/form.ts';

/** A request in an older version, before its parameters are checked. */
export interface OlderRequest {
  realm: Realm;
  /** What stood at each `{}` of the path. */
  ids: string[];
  form: FormObject;
}

/** Parameters that some routes took before some version. */
export interface OlderParams {
  /** Versions before this one take them. */
  before: string;
  /** Tested against the method and the path, for example `POST /v1/subscriptions/{}`. */
  routes: RegExp;
  /** Rewrites the form; what it returns goes to the behaviour unchecked. */
  today: (request: OlderRequest) => Record<string, unknown> | void;
}

/** Takes a parameter out of a form. */
export function take(form: FormObject, name: string): FormValue | undefined {
  const value = form[name];
  delete form[name];
  return value;
}

/** Gives a parameter another name, unless that one was sent too. */
export function rename(form: FormObject, before: string, after: string): void {
  const value = take(form, before);
  if (value !== undefined && !(after in form)) form[after] = value;
}

/** Parameters below a parameter; nothing when there are none. */
export function inside(form: FormObject, name: string): FormObject | undefined {
  const value = form[name];
  return typeof value === 'object' ? value : undefined;
}

/** The elements of an array parameter that have parameters of their own. */
export function each(form: FormObject, name: string): FormObject[] {
  const items = elements(inside(form, name) ?? {}) ?? [];
  return items.filter((item): item is FormObject => typeof item === 'object');
}

/** Parameters as the form's reader makes them: without a prototype, since callers choose some names. */
export function hash(fields: Record<string, FormValue | undefined>): FormObject {
  const made = Object.create(null) as FormObject;
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) made[name] = value;
  return made;
}
