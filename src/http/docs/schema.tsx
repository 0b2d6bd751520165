import { componentName, type JsonSchema } from './document.ts';

/** Schemas inside one another that are shown at once: what is deeper is behind its name. */
const DEPTH_MAX = 4;

/** What a value may be, in a few words. */
export function TypeName({ schema }: { schema: JsonSchema }) {
  const options = schema.anyOf ?? schema.oneOf;
  if (schema.$ref !== undefined) return <SchemaLink name={componentName(schema.$ref)} />;
  if (schema.enum) return <Words words={schema.enum} />;
  if ('const' in schema) return <Words words={[schema.const]} />;
  if (options) {
    return options.map((option, at) => (
      <>
        {at > 0 && ' or '}
        <TypeName schema={option} />
      </>
    ));
  }
  if (schema.type === 'array' && schema.items) {
    return (
      <>
        list of <TypeName schema={schema.items} />
      </>
    );
  }
  return [schema.type ?? 'anything'].flat().join(' or ') + limitsOf(schema);
}

/** A sentence in which names stand between backticks. */
export function Sentence({ text }: { text: string }) {
  return text.split('`').map((part, at) => (at % 2 === 1 ? <code>{part}</code> : part));
}

/** The fields of an object, with those of the objects in it; for anything else, what it is. */
export function SchemaView({ schema, depth = 0 }: { schema: JsonSchema; depth?: number }) {
  const options = schema.anyOf ?? schema.oneOf;
  if (options && options.some(hasFields)) {
    return options.map((option, at) => (
      <>
        {at > 0 && <p class="soft">or</p>}
        <SchemaView schema={option} depth={depth} />
      </>
    ));
  }
  if (!schema.properties) {
    return (
      <p>
        <TypeName schema={schema} />
      </p>
    );
  }
  const { properties, required = [] } = schema;
  return (
    <ul class="fields">
      {Object.entries(properties).map(([name, field]) => (
        <Field name={name} field={field} required={required.includes(name)} depth={depth} />
      ))}
    </ul>
  );
}

interface FieldProps {
  name: string;
  field: JsonSchema;
  required: boolean;
  depth: number;
}

function Field({ name, field, required, depth }: FieldProps) {
  const inner = innerOf(field);
  return (
    <li>
      <code class="field">{name}</code>{' '}
      <span class="soft">{inner ? innerName(field) : <TypeName schema={field} />}</span>
      {!required && <span class="soft">, may be missing</span>}
      {field.default !== undefined && (
        <span class="soft">
          , default <code>{JSON.stringify(field.default)}</code>
        </span>
      )}
      {field.description !== undefined && (
        <span>
          . <Sentence text={field.description} />
        </span>
      )}
      {inner && depth < DEPTH_MAX && <SchemaView schema={inner} depth={depth + 1} />}
    </li>
  );
}

/** The object that is written out where it stands, or in a list: it has no name of its own. */
function innerOf(field: JsonSchema): JsonSchema | null {
  const options = field.anyOf ?? field.oneOf;
  if (options) return options.some(hasFields) ? { anyOf: options.filter(hasFields) } : null;
  if (field.items) return innerOf(field.items);
  return field.properties ? field : null;
}

function innerName(field: JsonSchema): string {
  const name = field.type === 'array' ? 'list of objects' : 'object';
  return field.anyOf?.some(({ type }) => type === 'null') ? `${name} or null` : name;
}

function hasFields({ properties }: JsonSchema): boolean {
  return properties !== undefined;
}

function SchemaLink({ name }: { name: string }) {
  return <a href={`#schema-${name}`}>{name}</a>;
}

function Words({ words }: { words: readonly unknown[] }) {
  return words.map((word, at) => (
    <>
      {at > 0 && ', '}
      <code>{String(word)}</code>
    </>
  ));
}

function limitsOf({ minimum, maximum, maxLength, format }: JsonSchema): string {
  if (format !== undefined) return ` (${format})`;
  if (minimum !== undefined && maximum !== undefined) return ` (${minimum} to ${maximum})`;
  if (minimum !== undefined) return ` (${minimum} or more)`;
  if (maximum !== undefined) return ` (${maximum} at most)`;
  return maxLength === undefined ? '' : ` (${maxLength} characters at most)`;
}
