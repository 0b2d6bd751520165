import type { SiteParts } from '../site.ts';
import type { RequestLog } from './request-log.ts';

/** One call of the control API. */
export interface Control extends SiteParts {
  requests: RequestLog;
  ids: string[];
  query: URLSearchParams;
  body: Record<string, unknown>;
}

/** What the control API refuses, with a stable code. */
export class ControlError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.name = 'ControlError';
    this.status = status;
    this.code = code;
  }
}

/** A number of the body, or the default when it is left out. */
export function numberIn(body: Control['body'], name: string, standard?: number): number {
  const value = body[name] ?? standard;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new ControlError(400, 'invalid_body', `"${name}" must be a number.`);
}

/** A text of the body; undefined when it is left out. */
export function textIn(body: Control['body'], name: string): string | undefined {
  const value = body[name];
  if (value === undefined || typeof value === 'string') return value;
  throw new ControlError(400, 'invalid_body', `"${name}" must be a string.`);
}

/** Words of the body, as an array or, from a form, as one text with commas; undefined when left out. */
export function wordsIn(body: Control['body'], name: string): string[] | undefined {
  const value = body[name];
  if (value === undefined) return undefined;
  const words = typeof value === 'string' ? value.split(',') : value;
  if (Array.isArray(words) && words.every((word) => typeof word === 'string'))
    return words.map((word) => word.trim()).filter((word) => word !== '');
  throw new ControlError(400, 'invalid_body', `"${name}" must be an array of strings.`);
}
