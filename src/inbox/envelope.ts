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
  const created = event.created;
  if (event.object !== 'event' || typeof data?.object !== 'object' || data.object === null) return null;
  if (typeof created !== 'number' || !(created >= 0 && created < 1e11)) return null;
  return withNames(event, body, {
    kind: 'snapshot',
    account: event.account,
    apiVersion: event.api_version,
    objectId: data.object.id,
    created: new Date(created * 1000).toISOString(),
  });
}

function readThin(event: Record<string, unknown>, body: Buffer): Envelope | null {
  const related = event.related_object as { id?: unknown } | null | undefined;
  const created = Date.parse(typeof event.created === 'string' ? event.created : '');
  if (Number.isNaN(created)) return null;
  // An organisation's context is a path of accounts; the event belongs to the last of them.
  const context = typeof event.context === 'string' ? event.context.split('/').at(-1) : undefined;
  return withNames(event, body, {
    kind: 'thin',
    account: context,
    apiVersion: null,
    objectId: related?.id,
    created: new Date(created).toISOString(),
  });
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
    apiVersion: typeof apiVersion === 'string' ? apiVersion.slice(0, 100) : null,
    objectId: typeof objectId === 'string' && IDENTIFIER.test(objectId) ? objectId : null,
    created,
    problem: null,
    body,
  };
}

function unfamiliar(envelope: Envelope, recognition: Recognition): Problem | null {
  const { livemode } = recognition;
  if (livemode !== null && livemode !== envelope.livemode) return 'livemode_mismatch';
  if (!recognition.isKnownType(envelope.type)) return 'unknown_type';
  const version = envelope.apiVersion;
  return version !== null && !recognition.isKnownVersion(version) ? 'unknown_api_version' : null;
}

function unreadable(body: Buffer, problem: Problem): Envelope {
  return {
    id: `sha256:${createHash('sha256').update(body).digest('hex')}`,
    account: '',
    livemode: false,
    type: 'unreadable',
    kind: 'unreadable',
    apiVersion: null,
    objectId: null,
    created: null,
    problem,
    body,
  };
}
