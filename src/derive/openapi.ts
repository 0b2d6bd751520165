import type { Role } from '../http/caller.ts';
import type {
  DescribedOperation,
  DescribedResponse,
  JsonSchema,
  OpenApi,
  Parameter,
} from '../http/docs/document.ts';
import { COMMON_PROBLEMS, type AnyOperation, type PublicOperation } from '../http/operation.ts';
import { Schemas } from './schemas.ts';

type Declared = AnyOperation | PublicOperation;

/** Describes `operations` from the schemas that validate them. */
export function openApiOf(operations: readonly Declared[], version: string): OpenApi {
  const schemas = new Schemas();
  const paths: OpenApi['paths'] = {};
  for (const operation of operations.toSorted(byPath)) {
    const described = describe(operation, schemas);
    const methods = (paths[operation.path] ??= {});
    const method = operation.method.toLowerCase();
    if (methods[method]) throw new Error(`${operation.method} ${operation.path} is declared twice`);
    methods[method] = described;
  }
  const tags = [...new Set(operations.map(({ tag }) => tag))].map((name) => ({ name }));
  return {
    openapi: '3.1.1',
    info: { title: 'Quittance', version, summary: 'The operator’s API of a payments backend on Stripe' },
    servers: [{ url: '/' }],
    tags,
    paths,
    components: {
      schemas: { ...schemas.components, Problem: PROBLEM },
      responses: commonResponses(),
      securitySchemes,
    },
  };
}

function byPath(one: Declared, other: Declared): number {
  return one.path < other.path ? -1 : Number(one.path > other.path);
}

function describe(operation: Declared, schemas: Schemas): DescribedOperation {
  const { id, tag, summary, description, body, bodyOptional, bodyExample } = operation;
  const schema = body && schemas.input(body, id);
  const example = bodyExample === undefined ? undefined : jsonOf(bodyExample);
  const type = 'readForm' in operation && operation.readForm ? 'multipart/form-data' : 'application/json';
  const content = schema && { [type]: { schema, ...(example !== undefined && { example }) } };
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description && { description }),
    ...whoMay(operation),
    parameters: parametersOf(operation, schemas),
    ...(content && { requestBody: { required: !bodyOptional, content } }),
    responses: responsesOf(operation, schemas),
  };
}

function whoMay(operation: Declared): Pick<DescribedOperation, 'x-role' | 'security'> {
  const role = roleOf(operation);
  if (role === null) return { 'x-role': 'who' in operation ? operation.who : 'anyone', security: [] };
  return { 'x-role': role, security: operation.method === 'GET' ? READ_SECURITY : WRITE_SECURITY };
}

function roleOf(operation: Declared): Role | null {
  return 'role' in operation ? operation.role : null;
}

/** An example is written for people too: what is no JSON is left out. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function parametersOf({ id, path, query, idempotent }: Declared, schemas: Schemas): Parameter[] {
  const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']): Parameter => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const { properties = {}, required = [] } = query ? schemas.input(query, id) : {};
  const asked = Object.entries(properties).map(([name, { description, ...schema }]): Parameter => {
    const isRequired = required.includes(name);
    const words = description && { description };
    return { name, in: 'query', required: isRequired, ...words, schema: withoutNull(schema) };
  });
  return [...named, ...asked, ...(idempotent ? [IDEMPOTENCY_KEY] : [])];
}

/** What is left out of an address is null to the handler; it can't be written there. */
function withoutNull({ default: otherwise, anyOf, ...schema }: JsonSchema): JsonSchema {
  const options = (anyOf as JsonSchema[] | undefined)?.filter(({ type }) => type !== 'null') ?? [];
  const [only] = options;
  const type = Array.isArray(schema.type) ? schema.type.find((name) => name !== 'null') : schema.type;
  return {
    ...schema,
    ...(type !== undefined && { type }),
    ...(options.length === 1 ? only : anyOf !== undefined && { anyOf: options }),
    ...(otherwise !== null && otherwise !== undefined && { default: otherwise }),
  };
}

function responsesOf(operation: Declared, schemas: Schemas): DescribedOperation['responses'] {
  const { id, answer, statuses = [200], problems = [] } = operation;
  const [type, schema]: [string, JsonSchema] =
    typeof answer === 'string'
      ? [answer, { type: 'string' }]
      : ['application/json', schemas.output(answer, id)];
  const good = statuses.map((status) => [
    String(status),
    { description: GOOD[status] ?? 'Done', content: { [type]: { schema } } },
  ]);
  const isGuarded = roleOf(operation) !== null;
  const common = Object.entries(COMMON)
    .filter(([, { when }]) => !(when === 'guarded' && !isGuarded) && !(when === 'body' && !operation.body))
    .map(([status, { name }]) => [status, { $ref: `#/components/responses/${name}` }]);
  // What an address names may be missing; all other codes come with a status of their own.
  const isMissing = (code: string): boolean => operation.path.includes('{') && code.endsWith('_not_found');
  const missing = problems.filter(isMissing);
  const others = problems.filter((code) => !isMissing(code));
  return {
    ...Object.fromEntries([...common, ...good]),
    ...(missing.length > 0 && { 404: problemResponse('There is no such thing', missing) }),
    ...(others.length > 0 && { default: problemResponse('What this operation may answer besides', others) }),
  };
}

function commonResponses(): Record<string, DescribedResponse> {
  const all = Object.entries(COMMON_PROBLEMS).map(([status, codes]) => {
    const { name, means } = COMMON[Number(status) as keyof typeof COMMON];
    return [name, problemResponse(means, codes)];
  });
  return Object.fromEntries(all) as Record<string, DescribedResponse>;
}

function problemResponse(description: string, codes: readonly string[]): DescribedResponse {
  const schema = {
    allOf: [
      { $ref: '#/components/schemas/Problem' },
      { type: 'object', properties: { code: { type: 'string', enum: [...codes] } } },
    ],
  };
  return { description, content: { 'application/problem+json': { schema } } };
}

const GOOD: Record<number, string> = { 200: 'Done', 201: 'Made', 202: 'Begun, and goes on by itself' };

const PROBLEM: JsonSchema = {
  type: 'object',
  description: 'What went wrong (RFC 9457). `code` never changes, `detail` is for people',
  required: ['type', 'title', 'status', 'code', 'detail'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    code: { type: 'string' },
    detail: { type: 'string' },
    field: { type: 'string', description: 'The field or parameter that is wrong' },
  },
};

/** What any operation may answer; `when` it asks who it is, or has a body. */
const COMMON: Record<
  keyof typeof COMMON_PROBLEMS,
  { name: string; means: string; when?: 'guarded' | 'body' }
> = {
  400: { name: 'BadRequest', means: 'A parameter, a header or the body is wrong' },
  401: { name: 'Unauthorized', means: 'Neither the API key nor a session', when: 'guarded' },
  403: {
    name: 'Forbidden',
    means: 'The operator’s role does not allow it, or the page that asks is not ours',
    when: 'guarded',
  },
  413: { name: 'ContentTooLarge', means: 'The body is too large', when: 'body' },
  500: { name: 'InternalError', means: 'Something went wrong on our side; the log says what' },
  503: { name: 'ServiceUnavailable', means: 'Something is not set up, or the database is away' },
};

const IDEMPOTENCY_KEY: Parameter = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'The same key is the same request, however often it is sent',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
};

const securitySchemes: Record<string, JsonSchema> = {
  apiKey: { type: 'http', scheme: 'bearer', description: '`QUITTANCE_API_KEY`, for programs' },
  session: {
    type: 'apiKey',
    in: 'cookie',
    name: '__Host-quittance_session',
    description: 'An operator who is signed in at the console',
  },
  csrf: {
    type: 'apiKey',
    in: 'header',
    name: 'X-CSRF-Token',
    description: 'With a session, for everything that is not GET',
  },
};
type Security = DescribedOperation['security'];
const READ_SECURITY: Security = [{ apiKey: [] }, { session: [] }];
const WRITE_SECURITY: Security = [{ apiKey: [] }, { session: [], csrf: [] }];
