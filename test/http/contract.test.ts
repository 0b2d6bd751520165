import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { DescribedOperation, JsonSchema, OpenApi } from '../../src/http/docs/document.ts';
import { operation } from '../../src/http/operation.ts';
import { OPERATIONS } from '../../src/operations.ts';
import { PUBLIC_OPERATIONS } from '../../src/public-operations.ts';
import { violationOf } from '../support/contract.ts';
import { freshDatabase } from '../support/database.ts';
import { runQuittance, type Running } from '../support/quittance.ts';

const SOURCE = fileURLToPath(new URL('../../src/', import.meta.url));
// Browsers on their way to a provider and back: redirects for people.
const WAYS = ['GET /api/session/oidc', 'GET /api/session/oidc/callback'];

let server: Running;
let document: OpenApi;
let operations: { method: string; path: string; operation: DescribedOperation }[];

beforeAll(async () => {
  server = await runQuittance((await freshDatabase()).url, {
    stripeSecretKey: 'sk_test_quittance_suite_key',
    stripeAppSecret: 'absec_of_the_suite_of_contracts',
    app: { id: 'com.example.contracts' },
  });
  document = (await (await fetch(`${server.url}/openapi.json`)).json()) as OpenApi;
  operations = Object.entries(document.paths).flatMap(([place, methods]) =>
    Object.entries(methods).map(([method, described]) => ({ method, path: place, operation: described })),
  );
});

describe('/openapi.json', () => {
  it('is served with its own address, to everybody, and again only when it has changed', async () => {
    const answer = await fetch(`${server.url}/openapi.json`);
    const { etag = '' } = Object.fromEntries(answer.headers);
    expect(document.openapi).toMatch(/^3\.1\.\d$/);
    expect(document.servers).toEqual([{ url: server.url }]);
    const again = await fetch(`${server.url}/openapi.json`, { headers: { 'if-none-match': etag } });
    expect([again.status, await again.text()]).toEqual([304, '']);
  });

  it('names each operation once, and its path’s parameters', () => {
    const ids = operations.map((each) => each.operation.operationId);
    expect(ids).toEqual([...new Set(ids)]);
    for (const { path: place, operation: described } of operations) {
      const named = described.parameters.filter((parameter) => parameter.in === 'path');
      const inPath = [...place.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      expect([place, named.map(({ name }) => name)]).toEqual([place, inPath]);
      expect(document.tags.map(({ name }) => name)).toEqual(expect.arrayContaining(described.tags));
      expect(Object.keys(described.responses).some((status) => status.startsWith('2'))).toBe(true);
    }
  });

  it('refers to nothing that it does not hold, and holds no schema that says nothing', () => {
    const objects = [...objectsIn(document)] as JsonSchema[];
    expect(objects.filter(({ $ref }) => typeof $ref === 'string' && held($ref) === undefined)).toEqual([]);
    const isLacking = ({ type, required, properties = {} }: JsonSchema): boolean =>
      type === 'object' && Array.isArray(required) && required.some((name) => !(name in properties));
    expect(objects.filter(isLacking)).toEqual([]);
    const schemes = Object.keys(document.components.securitySchemes);
    const asked = operations.flatMap((each) => each.operation.security.flatMap(Object.keys));
    expect(schemes).toEqual(expect.arrayContaining(asked));
    expect(Object.keys(document.components.schemas).filter((name) => !/^[A-Z]\w+$/.test(name))).toEqual([]);
  });
});

describe('what is described and what is served', () => {
  it('is the same: each operation is there, closed to who has no key', async () => {
    const answers = OPERATIONS.map(async ({ role, method, path: place, id }) => {
      const url = `${server.url}${place.replaceAll(/\{\w+\}/g, 'x')}`;
      const { status } = await fetch(url, { method, ...(method !== 'GET' && { body: '{}' }) });
      return { id, isThere: role === null ? status !== 404 : status === 401 };
    });
    expect((await Promise.all(answers)).filter(({ isThere }) => !isThere)).toEqual([]);
    // The control: what is not served is not there.
    expect((await fetch(`${server.url}/api/nothing`)).status).toBe(404);
  });

  it('is the same: each that a noun declares or serves is described', async () => {
    const described = new Set(operations.map((each) => each.operation.operationId));
    const declared = sourcesNamed(/operations\.ts$/).filter((file) => !file.startsWith('derive'));
    const ids = declared.flatMap((file) =>
      [...read(file).matchAll(/^\s+id: '([a-z]\w+)',$/gm)].map(([, id = '']) => id),
    );
    expect(ids.length).toBeGreaterThan(40);
    expect(ids.filter((id) => !described.has(id))).toEqual([]);
  });

  it('is the same: no route under /api stands beside them', () => {
    const places = operations.map((each) => `${each.method.toUpperCase()} ${each.path}`);
    const beside = sourcesNamed(/\.tsx?$/)
      .filter((file) => !file.startsWith('simulator'))
      .flatMap((file) => [...read(file).matchAll(/\bapp\.(get|post|put|patch|delete)\(\s*'(\/api\/[^']+)'/g)])
      .map(([, method = '', place = '']) => `${method.toUpperCase()} ${place.replaceAll(/:(\w+)/g, '{$1}')}`);
    expect(beside).toContain('POST /api/create-payment-link');
    expect(beside.filter((place) => !places.includes(place) && !WAYS.includes(place))).toEqual([]);
  });

  it('says who may: a role for operators, in words for the others', () => {
    const roles = new Set(operations.map((each) => each.operation['x-role']));
    const others = PUBLIC_OPERATIONS.map(({ who }) => who);
    expect([...roles].toSorted()).toEqual(
      [...new Set(['viewer', 'operator', 'admin', 'anyone', ...others])].toSorted(),
    );
  });
});

describe('answers', () => {
  const declared = operation({
    id: 'getThing',
    method: 'GET',
    path: '/api/things/{id}',
    tag: 'Things',
    summary: 'A thing',
    role: 'viewer',
    problems: ['thing_not_found'],
    answer: z.object({ id: z.string(), part: z.object({ at: z.iso.datetime() }).nullable() }),
  });

  it('are read along by every test, which fails when one is not as declared', () => {
    const problemOf = (status: number, body: unknown): string | null =>
      violationOf(declared, status, JSON.stringify(body));
    expect(problemOf(200, { id: 'x', part: { at: '2026-11-30T00:00:00Z' } })).toBeNull();
    expect(problemOf(404, { code: 'thing_not_found' })).toBeNull();
    expect(problemOf(401, { code: 'unauthorized' })).toBeNull();
    expect(problemOf(200, { id: 'x' })).toMatch(/part/);
    expect(problemOf(200, { id: 'x', part: { at: 'today' } })).toMatch(/datetime/i);
    expect(problemOf(200, { id: 'x', part: null, secret: 1 })).toMatch(/more than is declared/);
    expect(problemOf(200, { id: 'x', part: { at: '2026-11-30T00:00:00Z', by: 1 } })).toMatch(/more than/);
    expect(problemOf(201, { id: 'x', part: null })).toMatch(/status/);
    expect(problemOf(409, { code: 'thing_gone' })).toMatch(/thing_gone/);
  });
});

describe('what is asked for wrongly', () => {
  const problemOf = async (address: string, body?: unknown): Promise<Record<string, unknown>> => {
    const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
    return (await (await server.api(address, init)).json()) as Record<string, unknown>;
  };

  it('is told in one wording: a parameter, a field, a field within, no object', async () => {
    expect(await problemOf('/api/sinks/x/deliveries?page=2')).toMatchObject({
      status: 400,
      code: 'invalid_request',
      field: 'page',
      detail: '"page" is not a parameter; known are status, after, limit.',
    });
    expect(await problemOf('/api/movements?limit=0')).toMatchObject({
      status: 400,
      code: 'invalid_request',
      field: 'limit',
      detail: expect.stringMatching(/^"limit" is wrong: /),
    });
    const sellers = '/api/connect/sellers';
    expect(await problemOf(sellers, { reference: 'a', colour: 1 })).toMatchObject({
      field: 'colour',
      detail: '"colour" is not a known field here.',
    });
    const within = { reference: 'a', individual: { address: { country: 'us' } } };
    expect(await problemOf(sellers, within)).toMatchObject({
      field: 'individual.address.country',
      detail: expect.stringMatching(/^"individual\.address\.country" must be two capital letters/),
    });
    expect(await problemOf(sellers, [])).toMatchObject({
      code: 'invalid_request',
      detail: 'It must be {"reference":"owner-17","country":"US"}.',
    });
    expect(await problemOf('/api/sinks/x/replay', { ids: ['evt_1'] })).toMatchObject({
      field: 'ids',
      detail: '"ids" must be ids of deliveries: msg_….',
    });
  });
});

describe('/docs', () => {
  it('shows each operation at an address of its own, with a command, and nothing inline', async () => {
    const answer = await fetch(`${server.url}/docs`);
    const html = await answer.text();
    expect(answer.headers.get('content-security-policy')).toMatch(/script-src 'nonce-[^']+';/);
    expect(html).not.toMatch(/<style|style="|<script(?![^>]* src=)/);
    for (const { operation: described } of operations) {
      expect(html).toContain(`id="${described.operationId}"`);
      expect(html).toContain(`href="#${described.operationId}"`);
    }
    expect(html).toContain(`curl -X POST &#39;${server.url}/api/sinks/{name}/replay&#39;`);
    for (const name of Object.keys(document.components.schemas))
      expect(html).toContain(`id="schema-${name}"`);
    const links = [...html.matchAll(/href="#([^"]+)"/g)].map(([, id = '']) => id);
    expect(links.filter((id) => !html.includes(`id="${id}"`))).toEqual([]);
  });
});

function held(reference: string): unknown {
  const names = reference.replace('#/', '').split('/');
  return names.reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined)?.[name], document);
}

function* objectsIn(value: unknown): Generator<object> {
  if (typeof value !== 'object' || value === null) return;
  yield value;
  for (const inner of Object.values(value)) yield* objectsIn(inner);
}

function sourcesNamed(pattern: RegExp): string[] {
  return readdirSync(SOURCE, { recursive: true, encoding: 'utf8' }).filter((file) => pattern.test(file));
}

function read(file: string): string {
  return readFileSync(path.join(SOURCE, file), 'utf8');
}
