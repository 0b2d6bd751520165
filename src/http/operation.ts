import { z } from 'zod';
import type { Role } from './caller.ts';
import type { Read } from './request.ts';

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** What comes back: JSON of a schema, or a stream of another type. */
export type Answer = z.ZodType | 'text/csv' | 'text/event-stream';

/**
 * One thing the operator's API can do. The schemas validate what comes in, describe the API in
 * `/openapi.json` and give the console its types: there is no second description.
 */
export interface Operation<Query extends z.ZodObject, Body extends z.ZodType, Out extends Answer> {
  /** Camel case, a verb first: `listEvents`. Programs and the audit log know it by this name. */
  readonly id: string;
  readonly method: Method;
  /** As OpenAPI writes it: `/api/events/{id}`. */
  readonly path: string;
  /** The noun it stands under in the documentation. */
  readonly tag: string;
  /** One line. */
  readonly summary: string;
  readonly description?: string;
  /** Who may ask; null is everybody, signed in or not. The API key may always. */
  readonly role: Role | null;
  /** A `z.strictObject`; leave it out when there are no parameters. */
  readonly query?: Query;
  /** JSON. Leave it out when there is no body. */
  readonly body?: Body;
  /** The body is no JSON but `multipart/form-data` of that schema, files as `z.file()`, and this reads it. */
  readonly readForm?: (request: Request) => Promise<Read<z.output<Body>>>;
  /** A body that would be right, for the message when it is no object at all. */
  readonly bodyExample?: string;
  /** Default 16 KiB. */
  readonly bodyBytesMax?: number;
  /** Nothing counts as `{}`. */
  readonly bodyOptional?: boolean;
  /** Takes the header `Idempotency-Key`. */
  readonly idempotent?: boolean;
  readonly answer: Out;
  /** The status of success, when it is not 200 alone. */
  readonly statuses?: readonly number[];
  /** Codes of its own problems, beside those that every operation has. */
  readonly problems?: readonly string[];
  /** For all that is not GET: `false` when it needs no line in the audit log. */
  readonly audited?: boolean;
  /** Fields of the body that may not stand in the audit log. */
  readonly unaudited?: readonly string[];
}

/** An address outside the operator's API: served by a route of its own, described beside the others. */
export interface PublicOperation extends Omit<AnyOperation, 'role' | 'answer' | 'audited' | 'unaudited'> {
  /** Who may ask, in words. */
  readonly who: string;
  readonly answer: z.ZodType | `text/${string}`;
}

/** Codes of problems that any operation may answer with, by their status. */
export const COMMON_PROBLEMS = {
  400: ['invalid_request', 'invalid_idempotency_key'],
  401: ['unauthorized', 'signed_out'],
  403: ['forbidden', 'csrf'],
  413: ['body_too_large'],
  500: ['internal_error'],
  503: ['not_configured', 'storage_unavailable'],
} as const;

/** Any operation, for lists of them. */
export type AnyOperation = Operation<z.ZodObject, z.ZodType, Answer>;

/** Gives an operation its types. */
export function operation<
  Query extends z.ZodObject = z.ZodObject,
  Body extends z.ZodType = z.ZodType,
  Out extends Answer = Answer,
>(declared: Operation<Query, Body, Out>): Operation<Query, Body, Out> {
  return declared;
}

const LIMIT_DEFAULT = 100;
const LIMIT_MAX = 1_000;

/** How many a page holds. */
export const limitSchema = z.coerce
  .number()
  .int()
  .min(1)
  .max(LIMIT_MAX)
  .default(LIMIT_DEFAULT)
  .describe('How many at most');

/** Pages of what is known by its id, newest or first ones first: `after` is `next` of the page before. */
export const idPage = {
  after: z.string().max(255).nullable().default(null).describe('`next` of the page before'),
  limit: limitSchema,
};

/** The connected account that everything is about; without it, all. */
export const accountFilter = z
  .string()
  .regex(/^acct_\w{1,100}$/, 'must be an account, acct_…')
  .nullable()
  .default(null)
  .describe('A connected account, acct_…');

/** The mode: live and test are never mixed. Without it, the mode of the server's own key. */
export const livemodeFilter = z
  .stringbool()
  .optional()
  .describe('`true` for live mode, `false` for test mode');

/** False for a time that PostgreSQL does not take: of the year 0, or an offset of 16 hours and more. */
export function isTime(text: string): boolean {
  return !text.startsWith('0000') && !/[+-](?:1[6-9]|2\d):\d\d$/.test(text);
}

/** A moment that a list begins or ends at. */
export const timeSchema = z.iso.datetime({ offset: true }).refine(isTime, 'is no time that there is');

/** A page of a list, and where the next one begins. */
export function pageSchema<Row extends z.ZodType>(
  row: Row,
): z.ZodObject<{ data: z.ZodArray<Row>; next: z.ZodNullable<z.ZodUnion<readonly [z.ZodString, z.ZodInt]>> }> {
  return z.object({
    data: z.array(row),
    next: z.union([z.string(), z.int()]).nullable().describe('`after` of the next page; null at the end'),
  });
}

/** Cuts a page out of one row more than was asked for. */
export function pageOf<Row, Key extends string | number>(
  found: Row[],
  limit: number,
  keyOf: (row: Row) => Key,
): { data: Row[]; next: Key | null } {
  const data = found.slice(0, limit);
  const last = data.at(-1);
  return { data, next: found.length > limit && last !== undefined ? keyOf(last) : null };
}

/** An amount of money as the API writes it. */
export const moneySchema = z
  .object({ value: z.int(), currency: z.string() })
  .meta({ id: 'Money', description: 'Minor units (cents, yen) and an ISO 4217 code in lower case' });
