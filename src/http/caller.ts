import { refuseWithoutApiKey } from './api-key.ts';
import type { Problem } from './problem.ts';

/** What somebody may do, each more than the one before: look, act on orders and events, run the place. */
export const ROLES = ['viewer', 'operator', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** Who asks. A program with the API key may do everything that an admin may. */
export interface Caller {
  kind: 'api_key' | 'operator';
  /** The operator's id (`opr_…`), or `api_key`. */
  id: string;
  name: string;
  role: Role;
  /** Where the request came from, when that is known. */
  address: string | null;
}

/** What an operation asks of its caller. */
export interface Need {
  role: Role;
  /** It changes something, so a browser has to show that our own page asked. */
  writes: boolean;
}

/** Says who may pass. */
export type Gate = (request: Request, need: Need) => Promise<{ caller: Caller } | { problem: Problem }>;

/** Lets the API key through, and nobody else. */
export function apiKeyGate(apiKey: string | undefined): Gate {
  return async (request) => {
    const problem = refuseWithoutApiKey(request, apiKey);
    if (problem) return { problem };
    return { caller: { kind: 'api_key', id: 'api_key', name: 'API key', role: 'admin', address: null } };
  };
}

/** True when who has the role `has` may do what needs `needed`. */
export function isAllowed(has: Role, needed: Role): boolean {
  return ROLES.indexOf(has) >= ROLES.indexOf(needed);
}
