import { z } from 'zod';
import { limitSchema, operation, pageSchema, timeSchema } from '../http/operation.ts';

const tag = 'Audit log';
const TEXT_CHARACTERS_MAX = 255;

const word = (what: string) => z.string().max(TEXT_CHARACTERS_MAX).nullable().default(null).describe(what);
const time = (what: string) => timeSchema.nullable().default(null).describe(what);

const entry = z
  .object({
    seq: z.int().describe('Its number in the log'),
    at: z.iso.datetime(),
    request: z.string(),
    actor_kind: z.enum(['api_key', 'operator', 'link', 'cli', 'nobody']),
    actor: z.string().describe('The operator’s id, or the kind again'),
    actor_name: z.string(),
    role: z.string().nullable(),
    address: z.string().nullable(),
    action: z.string().describe('The operation’s name'),
    target: z.string().describe('What it was done to'),
    detail: z.record(z.string(), z.unknown()).describe('What was asked with it'),
    outcome: z
      .string()
      .nullable()
      .describe('`done`, the code of the problem, `failed`, or null: it has not ended, or its process died'),
    ended_at: z.iso.datetime().nullable(),
  })
  .meta({ id: 'AuditEntry', description: 'Who did what, when, from where, and what came of it' });

const filters = {
  actor: word('An operator’s id, `api_key`, `cli` or `nobody`'),
  action: word('An operation’s name'),
  target: word('What it was done to'),
  outcome: word('`done`, a problem’s code, `failed`; `open` for what has not ended'),
  from: time('At or after this'),
  to: time('Before this'),
};

export const LIST_AUDIT = operation({
  id: 'listAudit',
  method: 'GET',
  path: '/api/audit',
  tag,
  summary: 'What was done, newest first',
  role: 'operator',
  query: z.strictObject({
    ...filters,
    after: z.coerce.number().int().positive().nullable().default(null).describe('`next` of the page before'),
    limit: limitSchema,
  }),
  answer: pageSchema(entry),
});

export const VERIFY_AUDIT = operation({
  id: 'verifyAudit',
  method: 'GET',
  path: '/api/audit/verify',
  tag,
  summary: 'Whether a line was changed or removed behind the log’s back',
  description:
    'Walks the chain of hashes from its first line. Lines cut off at the end leave a shorter chain that is ' +
    'whole: keep `last` elsewhere, and look whether the log still has it.',
  role: 'operator',
  answer: z
    .object({
      whole: z.boolean(),
      lines: z.int().describe('How many were checked'),
      broken_at: z.int().nullable().describe('The first line that does not follow from the one before'),
      last: z.object({ seq: z.int(), hash: z.string() }).nullable().describe('The last line that was right'),
    })
    .meta({ id: 'AuditCheck', description: 'The state of the chain' }),
});

export const EXPORT_AUDIT = operation({
  id: 'exportAudit',
  method: 'GET',
  path: '/api/exports/audit',
  tag,
  summary: 'The audit log as CSV, newest first',
  role: 'operator',
  query: z.strictObject(filters),
  answer: 'text/csv',
});
