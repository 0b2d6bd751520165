import { randomUUID } from 'node:crypto';
import type { Hono } from 'hono';
import type { z } from 'zod';
import type { Caller, Gate } from './caller.ts';
import type { Answer, AnyOperation, Operation } from './operation.ts';
import { problemResponse, type Problem } from './problem.ts';
import {
  badField,
  invalidRequest,
  readIdempotencyKey,
  readJson,
  readOptions,
  UNSTORABLE,
  unstorableField,
  type Read,
} from './request.ts';
import { whileAllowed } from './while-allowed.ts';

// PostgreSQL takes no longer ones into an index, and nothing of ours has a name like that.
const TARGET_CHARACTERS_MAX = 512;
// How long a stream may outlive the session of who watches it.
const STILL_ALLOWED_MS = 5_000;

/** A line of the audit log: what was asked for (`outcome` null), or what came of it. */
export interface AuditEntry {
  /** The same for what was asked and what came of it. */
  request: string;
  caller: Caller;
  /** The operation's id. */
  action: string;
  /** What it was done to: the names in the path. */
  target: string;
  /** What was asked with it. */
  detail: Record<string, unknown>;
  /** `done`, the code of the problem, or null before it began. */
  outcome: string | null;
}

/** Writes a line of the audit log. What can't be written down is not done. */
export type Recorder = (entry: AuditEntry) => Promise<void>;

/** What a handler has of a request, checked. */
export interface Asked<Query, Body> {
  query: Query;
  body: Body;
  params: Record<string, string>;
  caller: Caller;
  /** The header, when the operation takes it. */
  idempotencyKey: string | null;
  request: Request;
}

/** What a handler answers: a value of the operation's schema, a problem, or a response made by itself. */
export type Answered<Out> =
  | { value: Out; status?: number; headers?: Record<string, string> | [string, string][] }
  | { problem: Problem }
  | Response;

type OutOf<Out extends Answer> = Out extends z.ZodType ? z.input<Out> : never;

/**
 * The operator's API: for each operation it decides who may pass, checks what comes in, writes down what is
 * changed, and hands over to the noun.
 */
export class Api {
  /** Everything that is served, in the order it was added. */
  readonly operations: AnyOperation[] = [];
  readonly #app: Hono;
  readonly #gate: Gate;
  readonly #record: Recorder;

  constructor(app: Hono, gate: Gate, record: Recorder) {
    this.#app = app;
    this.#gate = gate;
    this.#record = record;
  }

  /** Serves `operation`. */
  on<Query extends z.ZodObject, Body extends z.ZodType, Out extends Answer>(
    operation: Operation<Query, Body, Out>,
    handle: (asked: Asked<z.output<Query>, z.output<Body>>) => Promise<Answered<OutOf<Out>>>,
  ): void {
    this.operations.push(operation);
    const path = operation.path.replaceAll(/\{(\w+)\}/g, ':$1');
    this.#app.on(operation.method, path, async (context) => {
      const { raw: request } = context.req;
      const need = { role: operation.role, writes: operation.method !== 'GET' };
      const admitted = await this.#gate(request, need);
      if ('problem' in admitted) return problemResponse(admitted.problem);
      const { caller } = admitted;
      const reading = await readAll(operation, request, context.req.query());
      if ('problem' in reading) return problemResponse(reading.problem);
      const params = context.req.param() as Record<string, string>;
      const asked = { ...reading.value, params, caller, request };
      const isAudited = need.writes && operation.audited !== false;
      if (isAudited) return this.#audit(operation, asked, handle);
      const response = respond(await handle(asked));
      if (operation.answer !== 'text/event-stream') return response;
      const isAllowed = async (): Promise<boolean> => 'caller' in (await this.#gate(request, need));
      return whileAllowed(response, isAllowed, STILL_ALLOWED_MS);
    });
  }

  // Before and after: a process that dies in between leaves the line that says what it had begun.
  async #audit<Query, Body, Out>(
    { id, unaudited = [] }: Pick<AnyOperation, 'id' | 'unaudited'>,
    asked: Asked<Query, Body>,
    handle: (asked: Asked<Query, Body>) => Promise<Answered<Out>>,
  ): Promise<Response> {
    const { caller, params, body, query } = asked;
    const fields = Object.entries({ ...(query as object), ...(body as object) });
    const detail = Object.fromEntries(fields.filter(([name]) => !unaudited.includes(name)));
    const target = Object.values(params).join('/').slice(0, TARGET_CHARACTERS_MAX);
    const entry = { request: randomUUID(), caller, action: id, target, detail };
    await this.#record({ ...entry, outcome: null });
    let outcome = 'failed';
    try {
      const response = respond(await handle(asked));
      outcome = response.ok ? 'done' : await codeOf(response.clone());
      return response;
    } finally {
      await this.#record({ ...entry, outcome });
    }
  }
}

async function readAll<Query extends z.ZodObject, Body extends z.ZodType>(
  operation: Operation<Query, Body, Answer>,
  request: Request,
  parameters: Record<string, string>,
): Promise<Read<{ query: z.output<Query>; body: z.output<Body>; idempotencyKey: string | null }>> {
  const query = operation.query?.safeParse(parameters);
  if (query?.error) return { problem: badParameter(query.error.issues[0], operation.query) };
  const key = operation.idempotent ? readIdempotencyKey(request) : { value: null };
  if ('problem' in key) return key;
  const body = await readBodyOf(operation, request);
  if ('problem' in body) return body;
  const value = { query: query?.data as z.output<Query>, body: body.value, idempotencyKey: key.value };
  return { value };
}

async function readBodyOf<Body extends z.ZodType>(
  { body, bodyBytesMax, bodyOptional, bodyExample = '{}', readForm }: Operation<z.ZodObject, Body, Answer>,
  request: Request,
): Promise<Read<z.output<Body>>> {
  if (!body) return { value: undefined as z.output<Body> };
  if (readForm) return readForm(request);
  const json = await (bodyOptional ? readOptions : readJson)(request, bodyBytesMax);
  if ('problem' in json) return json;
  const parsed = body.safeParse(json.value);
  if (!parsed.success) return { problem: invalidRequest(parsed.error, bodyExample) };
  const field = unstorableField(json.value);
  return field === null ? { value: parsed.data } : { problem: badField(field, UNSTORABLE) };
}

/** A parameter of the address is wrong, in words. */
function badParameter(issue: z.core.$ZodIssue | undefined, query: z.ZodObject | undefined): Problem {
  if (issue?.code === 'unrecognized_keys') {
    const known = Object.keys(query?.shape ?? {}).join(', ');
    return badField(issue.keys[0] ?? '', `is not a parameter; known are ${known}`);
  }
  return badField(issue?.path.join('.') ?? '', `is wrong: ${issue?.message}`);
}

function respond<Out>(answered: Answered<Out>): Response {
  if (answered instanceof Response) return answered;
  if ('problem' in answered) return problemResponse(answered.problem);
  const headers = new Headers(answered.headers);
  headers.set('cache-control', 'no-store');
  headers.set('x-content-type-options', 'nosniff');
  return Response.json(answered.value, { status: answered.status ?? 200, headers });
}

async function codeOf(response: Response): Promise<string> {
  const body = (await response.json().catch(() => null)) as { code?: string } | null;
  return body?.code ?? String(response.status);
}
