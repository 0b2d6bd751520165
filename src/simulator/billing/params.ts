import type { Params } from '../contract/validate.ts';
import type { StripeObject } from '../store/store.ts';

/** A text parameter; `null` and absence are both "not given". */
export function text(params: Params, name: string): string | undefined {
  return (params[name] as string | null | undefined) ?? undefined;
}

export function number(params: Params, name: string): number | undefined {
  return (params[name] as number | null | undefined) ?? undefined;
}

/** A nested set of parameters; empty when it was not given. */
export function group(params: Params, name: string): Params {
  return (params[name] as Params | null | undefined) ?? {};
}

export function list(params: Params, name: string): Params[] {
  return (params[name] as Params[] | null | undefined) ?? [];
}

export function texts(params: Params, name: string): string[] {
  return (params[name] as string[] | null | undefined) ?? [];
}

/** The parameters of these names that were given at all, `null` included. */
export function given(params: Params, names: readonly string[]): Params {
  return Object.fromEntries(
    names.filter((name) => params[name] !== undefined).map((name) => [name, params[name]]),
  );
}

/** Every field of `shape`, with what was given where something was. */
export function filled<T extends object>(shape: T, value: unknown): T {
  return { ...shape, ...(value as Partial<T> | null | undefined) };
}

/** Says to the type checker that a stored object may be answered. */
export function answer(object: object): StripeObject {
  return object as StripeObject;
}
