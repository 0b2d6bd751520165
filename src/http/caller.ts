import type { Problem } from './problem.ts';

/** What somebody may do, each more than the one before: look, act on orders and events, run the place. */
export const ROLES = ['viewer', 'operator', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** Who asks. A program with the API key may do everything that an admin may. */
export interface Caller {
  /** `nobody`: somebody who has not signed in, where that is let through. */
  kind: 'api_key' | 'operator' | 'cli' | 'nobody';
  /** The operator's id (`opr_…`), or the kind again. */
  id: string;
  name: string;
  /** Null for nobody. */
  role: Role | null;
  /** Where the request came from, when that is known. */
  address: string | null;
  /** The session of an operator who has signed in (`ses_…`). */
  session?: string;
}

/** What an operation asks of its caller. */
export interface Need {
  /** Null lets everybody through. */
  role: Role | null;
  /** It changes something, so a browser has to show that our own page asked. */
  writes: boolean;
}

/** Says who may pass. */
export type Gate = (request: Request, need: Need) => Promise<{ caller: Caller } | { problem: Problem }>;

/** True when who has the role `has` may do what needs `needed`. */
export function isAllowed(has: Role | null, needed: Role | null): boolean {
  return needed === null || (has !== null && ROLES.indexOf(has) >= ROLES.indexOf(needed));
}
