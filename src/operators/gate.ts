import type { Database } from '../db/database.ts';
import type { Addresses } from '../http/address.ts';
import { bearerToken, refuseWithoutApiKey } from '../http/api-key.ts';
import { isAllowed, type Caller, type Gate, type Need } from '../http/caller.ts';
import type { Problem } from '../http/problem.ts';
import { isFromOwnPage } from '../http/same-origin.ts';
import { anyOperator } from './rows.ts';
import { hasCsrfToken, type Sessions } from './sessions.ts';

export interface GateOptions {
  database: Database;
  sessions: Sessions;
  addresses: Addresses;
  apiKey: string | undefined;
  publicUrl: string;
  /** People may come from an OpenID provider whom we don't know yet. */
  hasOidc: boolean;
}

type Admitted = { caller: Caller } | { problem: Problem };

/** Lets the API key through, and operators who have signed in, as far as their role goes. */
export function operatorGate(options: GateOptions): Gate {
  const { sessions, addresses, apiKey, publicUrl } = options;
  return async (request, need) => {
    const address = addresses.of(request);
    // A key and a session together: the key counts, which no browser sends by itself.
    if (bearerToken(request) !== null) return byApiKey(request, apiKey, address);
    if (need.writes && !isFromOwnPage(request, publicUrl)) return { problem: CSRF };
    const session = await sessions.of(request);
    if (!session) return withoutSession(options, request, need);
    const { id, operator, name, role } = session;
    const caller: Caller = { kind: 'operator', id: operator, name, role, address, session: id };
    if (need.role === null) return { caller };
    if (need.writes && !hasCsrfToken(request)) return { problem: CSRF };
    if (!isAllowed(role, need.role)) return { problem: forbidden(need, role) };
    if (!isWatching(request)) await sessions.touch(session, address);
    return { caller };
  };
}

function byApiKey(request: Request, apiKey: string | undefined, address: string | null): Admitted {
  const problem = refuseWithoutApiKey(request, apiKey);
  if (problem) return { problem };
  return { caller: { kind: 'api_key', id: 'api_key', name: 'API key', role: 'admin', address } };
}

async function withoutSession(
  { database, sessions, addresses, apiKey, hasOidc }: GateOptions,
  request: Request,
  need: Need,
): Promise<Admitted> {
  if (need.role === null) {
    const address = addresses.of(request);
    return { caller: { kind: 'nobody', id: 'nobody', name: '', role: null, address } };
  }
  // Programs are told of the key, as ever; browsers of signing in.
  if (sessions.isClaimed(request) || request.headers.has('sec-fetch-site')) return { problem: SIGNED_OUT };
  if (apiKey) return { problem: refuseWithoutApiKey(request, apiKey) ?? SIGNED_OUT };
  if (hasOidc || (await anyOperator(database.sql))) return { problem: SIGNED_OUT };
  return { problem: refuseWithoutApiKey(request, undefined) ?? SIGNED_OUT };
}

/** A page that is open and asks by itself: nobody needs to sit there. */
function isWatching(request: Request): boolean {
  return request.headers.has('x-watching') || request.headers.get('accept') === 'text/event-stream';
}

/** Nobody has signed in, or no more. */
export const SIGNED_OUT: Problem = {
  status: 401,
  code: 'signed_out',
  detail: 'Nobody is signed in here, or the session has ended: sign in at /admin.',
};

const CSRF: Problem = {
  status: 403,
  code: 'csrf',
  detail:
    'A page of another site may have sent this. From a page of ours send the header X-CSRF-Token with ' +
    'csrf_token of GET /api/session; from a program use the API key.',
};

function forbidden({ role: needed }: Need, has: string): Problem {
  const detail = `This needs the role "${needed}", and you have "${has}". An admin can give it to you.`;
  return { status: 403, code: 'forbidden', detail, extra: { needs: needed } };
}
