import type { Context, Hono } from 'hono';
import { z } from 'zod';
import type { Database } from '../db/database.ts';
import { underApiKey } from '../http/api-key.ts';
import { problemResponse, type Problem } from '../http/problem.ts';
import { badField, readJson, type Read } from '../http/request.ts';
import { movementsOf } from '../movements/rows.ts';
import { NOT_FOUND, type DisputeActions } from './actions.ts';
import { DISPUTE_STATUSES, publicDispute, type DisputeRow } from './dispute.ts';
import { evidenceSchema, isFileField, type EvidenceRequest } from './evidence.ts';
import { readEvidenceFile } from './file.ts';
import { partsOf, RETRANSFER, REVERSAL } from './purposes.ts';
import { disputeById, listDisputes } from './rows.ts';
import { listWarnings } from './warning-rows.ts';

const LIMIT_DEFAULT = 100;
const LIMIT_MAX = 1_000;
// All texts together have 150,000 characters, of up to six bytes as JSON writes them.
const BODY_BYTES_MAX = 1024 * 1024;

export interface DisputeRoutesOptions {
  database: Database;
  actions: DisputeActions;
  apiKey: string | undefined;
  livemode: boolean;
}

const page = {
  order: z.string().max(255).nullable().default(null),
  after: z.string().max(255).nullable().default(null),
  limit: z.coerce.number().int().min(1).max(LIMIT_MAX).default(LIMIT_DEFAULT),
};
const disputesQuery = z.strictObject({ ...page, status: z.enum(DISPUTE_STATUSES).nullable().default(null) });
const warningsQuery = z.strictObject({ ...page, actionable: z.stringbool().nullable().default(null) });

/** Disputes and warnings of fraud, for the platform's own programs. */
export function disputeRoutes(
  app: Hono,
  { database, actions, apiKey, livemode }: DisputeRoutesOptions,
): void {
  for (const path of ['/api/disputes/*', '/api/fraud-warnings']) {
    app.use(path, underApiKey(apiKey));
  }

  app.get('/api/disputes', async (context) => {
    const query = disputesQuery.safeParse(context.req.query());
    if (!query.success) return problemResponse(invalid(query.error.issues[0]));
    const found = await listDisputes(database.sql, { ...query.data, livemode, limit: query.data.limit + 1 });
    return context.json(pageOf(found.map(publicDispute), query.data.limit));
  });

  app.get('/api/disputes/:id', async (context) => {
    const dispute = await disputeById(database.sql, livemode, context.req.param('id'));
    return dispute ? context.json(await withMoney(dispute, database)) : problemResponse(NOT_FOUND);
  });

  app.post('/api/disputes/:id/evidence', async (context) => {
    const body = await readEvidence(context.req.raw);
    if ('problem' in body) return problemResponse(body.problem);
    return answer(context, await actions.sendEvidence(context.req.param('id'), body.value));
  });

  app.post('/api/disputes/:id/files', async (context) => {
    const file = await readEvidenceFile(context.req.raw);
    if ('problem' in file) return problemResponse(file.problem);
    return answer(context, await actions.sendFile(context.req.param('id'), file.value));
  });

  app.post('/api/disputes/:id/close', async (context) =>
    answer(context, await actions.close(context.req.param('id'))),
  );

  app.get('/api/fraud-warnings', async (context) => {
    const query = warningsQuery.safeParse(context.req.query());
    if (!query.success) return problemResponse(invalid(query.error.issues[0]));
    const found = await listWarnings(database.sql, { ...query.data, livemode, limit: query.data.limit + 1 });
    return context.json(pageOf(found, query.data.limit));
  });
}

function answer(context: Context, acted: Read<DisputeRow>): Response {
  return 'problem' in acted ? problemResponse(acted.problem) : context.json(publicDispute(acted.value));
}

function pageOf<Row extends { id: string }>(
  found: Row[],
  limit: number,
): { data: Row[]; next: string | null } {
  const data = found.slice(0, limit);
  return { data, next: found.length > limit ? (data.at(-1) as Row).id : null };
}

/** A dispute, and what was taken from sellers and given back to them because of it. */
async function withMoney(dispute: DisputeRow, { sql }: Database): Promise<Record<string, unknown>> {
  const all = dispute.order === null ? [] : await movementsOf(sql, dispute.order);
  const own = all.filter(
    ({ purpose, subject }) =>
      (purpose === REVERSAL || purpose === RETRANSFER) && partsOf(subject).dispute === dispute.id,
  );
  const movements = own.map(({ purpose, subject, amount, status, stripe_id, error_code, error }) => {
    const { seller } = partsOf(subject);
    return { purpose, seller, amount, status, stripe_id, error_code, error };
  });
  return { ...publicDispute(dispute), movements };
}

async function readEvidence(request: Request): Promise<Read<EvidenceRequest>> {
  const body = await readJson(request, BODY_BYTES_MAX);
  if ('problem' in body) return body;
  const parsed = evidenceSchema.safeParse(body.value);
  return parsed.success ? { value: parsed.data } : { problem: invalid(parsed.error.issues[0]) };
}

function invalid(issue: z.core.$ZodIssue | undefined): Problem {
  const path = issue?.path.map(String) ?? [];
  if (issue?.code === 'unrecognized_keys') {
    const unknown = issue.keys[0] ?? '';
    return badField([...path, unknown].join('.'), sayUnknown(unknown));
  }
  return path.length === 0 ? NO_EVIDENCE : badField(path.join('.'), issue?.message ?? 'is wrong');
}

function sayUnknown(field: string): string {
  return isFileField(field)
    ? 'is shown by a file: send it to /api/disputes/:id/files'
    : 'is not a known field';
}

const NO_EVIDENCE: Problem = {
  status: 400,
  code: 'invalid_request',
  detail: 'The body must be JSON such as {"evidence":{"uncategorized_text":"…"},"submit":true}.',
};
