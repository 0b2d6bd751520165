import { compile } from 'json-schema-to-typescript';
import type { Content, DescribedOperation, JsonSchema, OpenApi } from '../http/docs/document.ts';

const BANNER = '// Made from openapi.json by `npm run build`.';
const LINE_CHARACTERS = 110;

/** TypeScript of an API's document: an interface for each component, and `Operations`. */
export async function consoleTypes({ paths, components }: OpenApi): Promise<string> {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => typeOf(path, method, operation)),
  );
  const schema = strictObject('Every operation by its id', Object.fromEntries(operations));
  const definitions = components.schemas;
  const text = await compile(named({ ...schema, definitions }) as never, 'Operations', {
    bannerComment: BANNER,
    unknownAny: true,
    additionalProperties: false,
    unreachableDefinitions: true,
    ignoreMinAndMaxItems: true,
    style: { singleQuote: true, printWidth: LINE_CHARACTERS },
  });
  // The package tells of each definition that it is one.
  return text.replaceAll(/(?:\n \*)?\n \* This interface was referenced by [^/]*? "\w+"\./g, '');
}

/** Each operation's method and path by its id, for the console's client. */
export function operationAddresses({ paths }: OpenApi): Record<string, [method: string, path: string]> {
  const addresses = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { operationId }]) => [operationId, [method.toUpperCase(), path]]),
  );
  return Object.fromEntries(addresses) as Record<string, [string, string]>;
}

function typeOf(path: string, method: string, operation: DescribedOperation): [string, JsonSchema] {
  const { operationId, summary, parameters, requestBody, responses } = operation;
  const at = (place: string): JsonSchema => {
    const here = parameters.filter((parameter) => parameter.in === place);
    if (here.length === 0) return { tsType: 'Record<string, never>' };
    const properties = here.map(({ name, schema, description }) => [name, { ...schema, description }]);
    const required = here.filter((parameter) => parameter.required).map(({ name }) => name);
    return { ...strictObject(undefined, Object.fromEntries(properties) as never), required };
  };
  const success = Object.entries(responses).find(([status]) => status.startsWith('2'))?.[1];
  const content = success && 'content' in success ? success.content : undefined;
  const body = requestBody && bodyOf(requestBody.content);
  return [
    operationId,
    strictObject(summary, {
      method: { const: method.toUpperCase() },
      path: { const: path },
      params: at('path'),
      query: at('query'),
      body: body ? optional(body, !requestBody?.required) : { tsType: 'undefined' },
      answer: Object.values(content ?? {})[0]?.schema ?? { tsType: 'undefined' },
    }),
  ];
}

function bodyOf(content: Content): JsonSchema | undefined {
  return 'multipart/form-data' in content ? { tsType: 'FormData' } : content['application/json']?.schema;
}

function strictObject(description: string | undefined, properties: Record<string, JsonSchema>): JsonSchema {
  const required = Object.keys(properties);
  return {
    type: 'object',
    ...(description && { description }),
    properties,
    required,
    additionalProperties: false,
  };
}

function optional(schema: JsonSchema, isOptional: boolean): JsonSchema {
  return isOptional ? { anyOf: [schema, { tsType: 'undefined' }] } : schema;
}

/** A reference becomes the name itself: resolved ones with a description would come out as copies. */
function named(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(named);
  if (typeof value !== 'object' || value === null) return value;
  if ('$ref' in value && typeof value.$ref === 'string') {
    const { $ref, ...rest } = value;
    return { ...rest, tsType: $ref.replace('#/components/schemas/', '') };
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]: [string, unknown]) => [key, named(inner)]),
  );
}
