import { curlOf } from './curl.ts';
import {
  componentName,
  type DescribedOperation,
  type DescribedResponse,
  type JsonSchema,
  type OpenApi,
  type Parameter,
} from './document.ts';
import { SchemaView, Sentence, TypeName } from './schema.tsx';

/** An operation and where it is. */
export interface Place {
  method: string;
  path: string;
  operation: DescribedOperation;
}

/** Everything about one operation; `data-find` is what it is found by. */
export function OperationView({ document, place }: { document: OpenApi; place: Place }) {
  const { method, path, operation } = place;
  const { operationId: id, summary, description, parameters, requestBody, 'x-role': role } = operation;
  const find = [id, method, path, summary, description, ...operation.tags, role].join(' ').toLowerCase();
  const [type = '', content] = Object.entries(requestBody?.content ?? {})[0] ?? [];
  const body = content?.schema;
  return (
    <article class="card panel operation" id={id} data-find={find}>
      <h3>
        <a href={`#${id}`}>{summary}</a>
      </h3>
      <p class="place">
        <span class="tag">{method.toUpperCase()}</span> <code>{path}</code>
      </p>
      <p class="soft">
        <code>{id}</code> · {operation.security.length > 0 ? `${role}, or the API key` : role}
      </p>
      {description !== undefined && (
        <p>
          <Sentence text={description} />
        </p>
      )}
      {parameters.length > 0 && <Parameters parameters={parameters} />}
      {body && (
        <details>
          <summary>
            Body{type !== 'application/json' && `, ${type}`}
            {!requestBody?.required && ', which may be empty'}
          </summary>
          <SchemaView schema={opened(document, body)} />
        </details>
      )}
      <Answers document={document} operation={operation} />
      <Problems document={document} operation={operation} />
      <details>
        <summary>With curl</summary>
        {/* What scrolls has to be reachable by keyboard. */}
        <pre tabindex={0}>{curlOf(document, place)}</pre>
      </details>
    </article>
  );
}

function Parameters({ parameters }: { parameters: Parameter[] }) {
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">Parameter</th>
          <th scope="col">In</th>
          <th scope="col">May be</th>
          <th scope="col">Meaning</th>
        </tr>
      </thead>
      <tbody>
        {parameters.map(({ name, in: place, required, schema, description }) => (
          <tr>
            <td>
              <code class="field">{name}</code>
            </td>
            <td data-name="In">{place}</td>
            <td data-name="May be">
              <TypeName schema={schema} />
              {required && place !== 'path' && <strong> (needed)</strong>}
              {schema.default !== undefined && (
                <span class="soft">
                  , default <code>{JSON.stringify(schema.default)}</code>
                </span>
              )}
            </td>
            <td data-name="Meaning">{description !== undefined && <Sentence text={description} />}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Answers({ document, operation }: { document: OpenApi; operation: DescribedOperation }) {
  const good = responsesOf(document, operation).filter(({ type }) => type !== PROBLEM);
  const [first] = good;
  if (!first?.schema) return null;
  const statuses = good.map(({ status, description }) => `${status} ${description.toLowerCase()}`);
  return (
    <details>
      <summary>Answer: {statuses.join(', ')}</summary>
      {first.type === 'application/json' ? (
        <SchemaView schema={opened(document, first.schema)} />
      ) : (
        <p>
          <code>{first.type}</code>
        </p>
      )}
    </details>
  );
}

function Problems({ document, operation }: { document: OpenApi; operation: DescribedOperation }) {
  const found = responsesOf(document, operation).filter(({ type }) => type === PROBLEM);
  if (found.length === 0) return null;
  return (
    <details>
      <summary>Problems</summary>
      <ul class="fields">
        {found.map(({ status, description, schema }) => (
          <li>
            {status === 'default' ? '' : `${status}: `}
            <Sentence text={description} />:{' '}
            {codesIn(schema).map((code, at) => (
              <>
                {at > 0 && ', '}
                <code>{code}</code>
              </>
            ))}
          </li>
        ))}
      </ul>
    </details>
  );
}

const PROBLEM = 'application/problem+json';

interface Response {
  status: string;
  description: string;
  type: string;
  schema: JsonSchema | undefined;
}

function responsesOf({ components }: OpenApi, { responses }: DescribedOperation): Response[] {
  return Object.entries(responses).flatMap(([status, answer]) => {
    const response: DescribedResponse | undefined =
      '$ref' in answer ? components.responses[componentName(answer.$ref)] : answer;
    const [[type, content] = []] = Object.entries(response?.content ?? {});
    if (!response || type === undefined) return [];
    return [{ status, description: response.description, type, schema: content?.schema }];
  });
}

function codesIn(schema: JsonSchema | undefined): string[] {
  const parts = (schema?.allOf ?? []) as JsonSchema[];
  return parts.flatMap(({ properties }) => (properties?.code?.enum ?? []) as string[]);
}

/** A schema with a name is written out where it is the whole of a body or an answer. */
function opened({ components }: OpenApi, schema: JsonSchema): JsonSchema {
  if (schema.$ref !== undefined) return components.schemas[componentName(schema.$ref)] ?? schema;
  return schema;
}
