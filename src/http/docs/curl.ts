import { componentName, type DescribedOperation, type JsonSchema, type OpenApi } from './document.ts';

/** A command for a shell that asks for `operation` of the server at `document`'s address. */
export function curlOf(
  { servers, components }: OpenApi,
  { method, path, operation }: { method: string; path: string; operation: DescribedOperation },
): string {
  const sample = (schema: JsonSchema): unknown => sampleOf(schema, components.schemas);
  const content = operation.requestBody?.content['application/json'];
  const body = content && (content.example ?? sample(content.schema));
  const form = operation.requestBody?.content['multipart/form-data'];
  const needed = operation.parameters.filter((each) => each.in === 'query' && each.required);
  const query = needed.map(({ name, schema }) => `${name}=${String(sample(schema))}`).join('&');
  const isKept = operation.parameters.some(({ name }) => name === 'Idempotency-Key');
  const options = [
    operation.security.length > 0 && `-H "Authorization: Bearer $QUITTANCE_API_KEY"`,
    isKept && `-H 'Idempotency-Key: '$(uuidgen)`,
    ...(form ? formOf(form.schema, sample) : []),
    body !== undefined && `-H 'Content-Type: application/json'`,
    body !== undefined && `-d '${JSON.stringify(body).replaceAll("'", String.raw`'\''`)}'`,
  ];
  const asks = method === 'get' ? 'curl' : `curl -X ${method.toUpperCase()}`;
  const address = `${servers[0]?.url ?? ''}${path}${query && `?${query}`}`;
  return [`${asks} '${address}'`, ...options.filter((option) => option !== false)].join(' \\\n  ');
}

/** Each part of a form; a file is named by its place. */
function formOf({ properties = {} }: JsonSchema, sample: (schema: JsonSchema) => unknown): string[] {
  return Object.entries(properties).map(([name, schema]) => {
    const value = schema.format === 'binary' ? '@path/to/file' : String(sample(schema));
    return `-F '${name}=${value}'`;
  });
}

/** The least that a schema takes. */
function sampleOf(schema: JsonSchema, schemas: OpenApi['components']['schemas']): unknown {
  const { $ref, type, properties = {}, required = [] } = schema;
  const known = $ref === undefined ? undefined : schemas[componentName($ref)];
  if (known) return sampleOf(known, schemas);
  if (schema.default !== undefined) return schema.default;
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  const [option] = schema.anyOf ?? schema.oneOf ?? [];
  if (option) return sampleOf(option, schemas);
  if (type === 'array') return schema.items ? [sampleOf(schema.items, schemas)] : [];
  if (type === 'object') {
    const needed = Object.entries(properties).filter(([name]) => required.includes(name));
    return Object.fromEntries(needed.map(([name, field]) => [name, sampleOf(field, schemas)]));
  }
  if (type === 'integer' || type === 'number') return schema.minimum ?? 1;
  return type === 'boolean' ? true : '…';
}
