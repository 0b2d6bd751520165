import { createHash } from 'node:crypto';
import { isUtf8 } from 'node:buffer';
import { findOddity } from './oddities.ts';

/** Where an event came from: Stripe's delivery, our reading of `/v1/events`, or a command. */
export type Source = 'webhook' | 'reconcile' | 'cli';

/** Why a validly signed body was put aside instead of being worked on. */
export type Problem =
  | 'not_utf8'
  | 'not_json'
  | 'not_an_object'
  | 'nested_too_deeply'
  | 'nul_character'
  | 'lone_surrogate'
  | 'number_out_of_range'
  | 'prototype_key'
  | 'duplicate_key'
  | 'not_an_event'
  | 'unknown_type'
  | 'unknown_api_version'
  | 'livemode_mismatch'
  | 'unstorable';

/** What of an event is needed to store, find and order it; the rest stays in the bytes. */
export interface Envelope {
  /** Stripe's event id, or `sha256:…` of the bytes for a body that has none. */
  id: string;
  /** The connected account (`acct_…`), or `''` for our own. */
  account: string;
  livemode: boolean;
  type: string;
  kind: 'snapshot' | 'thin' | 'unreadable';
  apiVersion: string | null;
  objectId: string | null;
  /** ISO 8601. */
  created: string | null;
  problem: Problem | null;
  body: Buffer;
}

/** What the deployment knows and the inbox does not: which types and versions exist, which mode it is in. */
export interface Recognition {
  isKnownType(type: string): boolean;
  isKnownVersion(version: string): boolean;
  /** The mode of our secret key; null when there is none. */
  livemode: boolean | null;
}

const IDENTIFIER = /^[A-Za-z0-9_-]{1,255}$/;
const TYPE = /^[a-z0-9_.[\]]{1,255}$/;
const ACCOUNT = /^acct_[A-Za-z0-9]{1,100}$/;
const VERSION_CHARACTERS_MAX = 100;
// RFC 3339, as thin events have it.
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;
// From 1970 to the year 5138: PostgreSQL refuses years that JavaScript can write, and 503 would be for ever.
const CREATED_MS_MAX = 1e14;

/** Reads a body that is known to be Stripe's. Never throws: what can't be read becomes a problem. */
export function readEnvelope(body: Buffer, recognition: Recognition): Envelope {
  if (!isUtf8(body)) return unreadable(body, 'not_utf8');
  const text = body.toString('utf8');
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return unreadable(body, 'not_json');
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    return unreadable(body, 'not_an_object');
  }
  const event = parsed as Record<string, unknown>;
  const envelope = event.object === 'v2.core.event' ? readThin(event, body) : readSnapshot(event, body);
  if (!envelope) return unreadable(body, findOddity(body, parsed) ?? 'not_an_event');
  envelope.problem = findOddity(body, parsed) ?? unfamiliar(envelope, recognition);
  return envelope;
}

function readSnapshot(event: Record<string, unknown>, body: Buffer): Envelope | null {
  const data = event.data as { object?: { id?: unknown } } | null | undefined;
  if (event.object !== 'event' || typeof data?.object !== 'object' || data.object === null) return null;
  const created = typeof event.created === 'number' ? timeOf(event.created * 1000) : null;
  if (created === null) return null;
  return withNames(event, body, {
    kind: 'snapshot',
    account: event.account,
    apiVersion: event.api_version,
    objectId: data.object.id,
    created,
  });
}

function readThin(event: Record<string, unknown>, body: Buffer): Envelope | null {
  const related = event.related_object as { id?: unknown } | null | undefined;
  const written = typeof event.created === 'string' && TIME.test(event.created) ? event.created : '';
  const created = timeOf(Date.parse(written));
  if (created === null) return null;
  // An organisation's context is a path of accounts; the event belongs to the last of them.
  const context = typeof event.context === 'string' ? event.context.split('/').at(-1) : undefined;
  return withNames(event, body, {
    kind: 'thin',
    account: context,
    apiVersion: null,
    objectId: related?.id,
    created,
  });
}

function timeOf(ms: number): string | null {
  return ms >= 0 && ms < CREATED_MS_MAX ? new Date(ms).toISOString() : null;
}

interface Reading {
  kind: 'snapshot' | 'thin';
  account: unknown;
  apiVersion: unknown;
  objectId: unknown;
  created: string;
}

function withNames(event: Record<string, unknown>, body: Buffer, reading: Reading): Envelope | null {
  const { id, type, livemode } = event;
  const { kind, account, apiVersion, objectId, created } = reading;
  if (typeof id !== 'string' || !IDENTIFIER.test(id)) return null;
  if (typeof type !== 'string' || !TYPE.test(type) || typeof livemode !== 'boolean') return null;
  const ours = account === undefined || account === null;
  if (!ours && !(typeof account === 'string' && ACCOUNT.test(account))) return null;
  return {
    id,
    account: ours ? '' : account,
    livemode,
    type,
    kind,
    apiVersion: typeof apiVersion === 'string' ? printable(apiVersion) : null,
    objectId: typeof objectId === 'string' && IDENTIFIER.test(objectId) ? objectId : null,
    created,
    problem: null,
    body,
  };
}

/** What PostgreSQL takes as text, NUL and half a surrogate pair excepted, in a length fit for a column. */
function printable(text: string): string {
  return text.slice(0, VERSION_CHARACTERS_MAX).replace(/[^\x20-\x7e]/g, '?');
}

function unfamiliar(envelope: Envelope, recognition: Recognition): Problem | null {
  const { livemode } = recognition;
  if (livemode !== null && livemode !== envelope.livemode) return 'livemode_mismatch';
  if (!recognition.isKnownType(envelope.type)) return 'unknown_type';
  const version = envelope.apiVersion;
  return version !== null && !recognition.isKnownVersion(version) ? 'unknown_api_version' : null;
}

function unreadable(body: Buffer, problem: Problem): Envelope {
  const id = `sha256:${createHash('sha256').update(body).digest('hex')}`;
  return { id, account: '', livemode: false, ...NAMELESS, problem, body };
}

/** The same event without what was read from it, for a database that refuses those names. */
export function withoutNames(envelope: Envelope): Envelope {
  return { ...envelope, ...NAMELESS, problem: 'unstorable' };
}

const NAMELESS = {
  type: 'unreadable',
  kind: 'unreadable',
  apiVersion: null,
  objectId: null,
  created: null,
} as const;
