import type { AccountFacts } from '../../src/connect/facts.ts';
import type { Requirement, SellerStatus, Standing } from '../../src/connect/seller.ts';
import { standingOf, type Before } from '../../src/connect/standing.ts';

export const DEADLINE = Date.UTC(2026, 11, 1) / 1000;
export const DEADLINE_ISO = '2026-12-01T00:00:00.000Z';

const NEW: Before = { status: 'not_started', requirements: [] };

/** A requirement as a seller shows it. */
export const wants = (
  field: string,
  due: Requirement['due'],
  more: Partial<Requirement> = {},
): Requirement => ({
  field,
  due,
  by: null,
  error: null,
  ...more,
});

/** What an account tells, and how its seller stands then. */
export interface Case {
  is: SellerStatus;
  reason?: string | null;
  requirements?: Requirement[];
  facts: AccountFacts;
  before?: Partial<Before>;
}

/** Where the seller stands. */
export function standing({ facts, before = {} }: Pick<Case, 'facts' | 'before'>): Standing {
  return standingOf(facts, { ...NEW, ...before });
}

/** What a case says of the seller: `requirements` only when it says something of them. */
export function expected({ is: status, reason = null, requirements }: Case): Partial<Standing> {
  return { status, reason, ...(requirements ? { requirements } : {}) };
}
