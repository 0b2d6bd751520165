import { badField, type Read } from '../../http/request.ts';

/** A month of the calendar in UTC, in Unix seconds. */
export interface Month {
  /** `YYYY-MM`. */
  name: string;
  from: number;
  /** The first second that is no longer in it. */
  until: number;
  /** Nothing can be added to it any more. */
  isOver: boolean;
}

/** Reads `YYYY-MM`. Problem: `invalid_request` (400) for anything else, and for a month that is to come. */
export function readMonth(text: string | undefined, nowMs: number): Read<Month> {
  const match = /^(20\d\d)-(0[1-9]|1[0-2])$/.exec(text ?? '');
  if (!match) return { problem: badField('month', 'must be a month such as 2026-11 (UTC)') };
  const [year, month] = [Number(match[1]), Number(match[2])];
  const from = Date.UTC(year, month - 1) / 1000;
  const until = Date.UTC(year, month) / 1000;
  if (from * 1000 > nowMs) return { problem: badField('month', 'is still to come') };
  return { value: { name: match[0], from, until, isOver: until * 1000 <= nowMs } };
}
