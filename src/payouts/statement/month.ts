import { z } from 'zod';
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

const MONTH = /^(20\d\d)-(0[1-9]|1[0-2])$/;
const WHAT = 'must be a month such as 2026-11 (UTC)';

export const monthSchema = z
  .string({ error: WHAT })
  .regex(MONTH, WHAT)
  .describe('For example 2026-11, in UTC');

/** The month of `YYYY-MM`. Problem: `invalid_request` (400) for one that is to come. */
export function monthOf(name: string, nowMs: number): Read<Month> {
  const [year = 0, month = 0] = name.split('-').map(Number);
  const from = Date.UTC(year, month - 1) / 1000;
  const until = Date.UTC(year, month) / 1000;
  if (from * 1000 > nowMs) return { problem: badField('month', 'is still to come') };
  return { value: { name, from, until, isOver: until * 1000 <= nowMs } };
}
