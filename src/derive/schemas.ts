import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import type { JsonSchema } from '../http/docs/document.ts';

type Side = 'input' | 'output';

/** Turns zod's schemas into JSON Schema, and collects those with an id as components of one document. */
export class Schemas {
  readonly components: Record<string, JsonSchema> = {};

  /** What a caller may send. */
  input(schema: z.ZodType, where: string): JsonSchema {
    return this.#convert(schema, 'input', where);
  }

  /** What we answer. */
  output(schema: z.ZodType, where: string): JsonSchema {
    return this.#convert(schema, 'output', where);
  }

  #convert(schema: z.ZodType, io: Side, where: string): JsonSchema {
    // Within something else, so that a schema with an id becomes a reference also where it stands alone.
    const held = toJson(z.object({ held: schema }), io, where);
    const renamed = new Map<string, string>();
    const found = Object.entries((held.$defs ?? {}) as Record<string, JsonSchema>);
    for (const [name, definition] of found) {
      const key = io === 'input' && !this.#isNew(name, definition) ? `${name}Input` : name;
      renamed.set(name, key);
    }
    for (const [name, definition] of found) {
      const key = renamed.get(name) ?? name;
      const component = relocate(definition, renamed) as JsonSchema;
      const known = (this.components[key] ??= component);
      if (!isDeepStrictEqual(known, component)) throw new Error(`${where}: two schemas are called ${key}`);
    }
    return relocate(held.properties?.held, renamed) as JsonSchema;
  }

  #isNew(name: string, definition: JsonSchema): boolean {
    const known = this.components[name];
    return known === undefined || isDeepStrictEqual(known, relocate(definition, new Map()));
  }
}

function toJson(schema: z.ZodType, io: Side, where: string): JsonSchema {
  try {
    const override: z.core.ToJSONSchemaParams['override'] = (at) => tidy(at.zodSchema, at.jsonSchema);
    return z.toJSONSchema(schema, { io, override }) as JsonSchema;
  } catch (error) {
    throw new Error(`${where}: a schema can't be described`, { cause: error });
  }
}

/** Says as a person would what zod says for machines. */
function tidy(schema: z.core.$ZodTypes, json: z.core.JSONSchema.BaseSchema): void {
  const { def } = schema._zod;
  // `z.stringbool()` takes a text: in a query everything is one.
  if (def.type === 'pipe' && def.out._zod.def.type === 'boolean') json.type = 'boolean';
  if (json.format === 'date-time') delete json.pattern;
  if (json.minimum === Number.MIN_SAFE_INTEGER) delete json.minimum;
  if (json.maximum === Number.MAX_SAFE_INTEGER) delete json.maximum;
  json.anyOf = json.anyOf?.flatMap((option) => (isOnlyUnion(option) ? option.anyOf : [option]));
  if (!json.anyOf) delete json.anyOf;
}

function isOnlyUnion(
  option: z.core.JSONSchema.BaseSchema,
): option is { anyOf: z.core.JSONSchema.BaseSchema[] } {
  return Array.isArray(option.anyOf) && Object.keys(option).length === 1;
}

/** References into zod's own document become references to our components. */
function relocate(value: unknown, renamed: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value)) return value.map((item) => relocate(item, renamed));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]: [string, unknown]) => {
      if (key !== '$ref' || typeof inner !== 'string') return [key, relocate(inner, renamed)];
      const name = inner.replace('#/$defs/', '');
      return [key, `#/components/schemas/${renamed.get(name) ?? name}`];
    }),
  );
}
