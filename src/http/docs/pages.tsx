import type { OpenApi } from './document.ts';
import { OperationView, type Place } from './operation.tsx';
import { SchemaView, Sentence } from './schema.tsx';

/** The whole API on one page: everything has an address, and the search field hides what does not fit. */
export function ApiPage({ document }: { document: OpenApi }) {
  const places = placesOf(document);
  const groups = document.tags.map(({ name }) => ({
    name,
    places: places.filter(({ operation }) => operation.tags.includes(name)),
  }));
  return (
    <>
      <h1>API of Quittance {String(document.info.version)}</h1>
      <Introduction url={document.servers[0]?.url ?? ''} />
      <search class="find">
        <label>
          Find an operation
          <input type="search" id="find" autocomplete="off" spellcheck={false} />
        </label>
        <p class="soft" id="found" role="status">
          {places.length} operations
        </p>
      </search>
      <nav aria-label="Parts of the API">
        <ul class="tabs">
          {[...groups.map(({ name }) => name), SCHEMAS].map((name) => (
            <li>
              <a href={`#${anchorOf(name)}`}>{name}</a>
            </li>
          ))}
        </ul>
      </nav>
      {groups.map((group) => (
        <section class="group" aria-labelledby={anchorOf(group.name)}>
          <h2 id={anchorOf(group.name)}>{group.name}</h2>
          {group.places.map((place) => (
            <OperationView document={document} place={place} />
          ))}
        </section>
      ))}
      <Schemas document={document} />
    </>
  );
}

function Introduction({ url }: { url: string }) {
  return (
    <>
      <p>
        Everything is at <code>{url}</code>. Bodies and answers are JSON. For programs the same is in{' '}
        <a href="/openapi.json">openapi.json</a> (OpenAPI 3.1).
      </p>
      <p>
        Programs send the API key: <code>Authorization: Bearer …</code>. Operators who are signed in at the
        console may do what their role allows: a viewer reads, an operator acts, an admin runs the place. What
        changes something is written to the audit log.
      </p>
      <p>
        Lists come in pages: <code>next</code> goes into <code>after</code>, and is null at the end. What goes
        wrong is told as <a href="#schema-Problem">a problem</a> with a <code>code</code> that never changes.
        Amounts are in the currency’s smallest unit, times in ISO 8601.
      </p>
    </>
  );
}

function Schemas({ document }: { document: OpenApi }) {
  const schemas = Object.entries(document.components.schemas).toSorted(([one], [other]) =>
    one < other ? -1 : 1,
  );
  return (
    <section class="group" aria-labelledby={anchorOf(SCHEMAS)}>
      <h2 id={anchorOf(SCHEMAS)}>{SCHEMAS}</h2>
      {schemas.map(([name, schema]) => (
        <article class="card panel operation" id={`schema-${name}`} data-find={name.toLowerCase()}>
          <h3>
            <a href={`#schema-${name}`}>{name}</a>
          </h3>
          {schema.description !== undefined && (
            <p>
              <Sentence text={schema.description} />
            </p>
          )}
          <details>
            <summary>Fields</summary>
            <SchemaView schema={schema} />
          </details>
        </article>
      ))}
    </section>
  );
}

const SCHEMAS = 'Schemas';

function placesOf({ paths }: OpenApi): Place[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method, path, operation })),
  );
}

function anchorOf(name: string): string {
  return `part-${name.toLowerCase().replaceAll(/[^a-z]+/g, '-')}`;
}
