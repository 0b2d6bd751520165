import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import { createContext, useContext } from 'react';
import type { Session, SignInWays } from '../../../generated/contract.d.ts';
import type { Client } from '../api/client.ts';
import { Problem } from '../api/problem.ts';

export type Role = Session['role'];

/** What is known of the place whether or not somebody is signed in. */
export interface Presence {
  session: Session | null;
  shopName: string;
  signIn: SignInWays;
}

export const SESSION_KEY = ['session'] as const;
const FRESH_MS = 60_000;

/** Asks who is signed in. Nobody is an answer, too. */
export function useWhoIsThere(client: Client): UseQueryResult<Presence, Problem> {
  return useQuery<Presence, Problem>({
    queryKey: SESSION_KEY,
    queryFn: ({ signal }) => whoIsThere(client, signal),
    staleTime: FRESH_MS,
  });
}

async function whoIsThere(client: Client, signal: AbortSignal): Promise<Presence> {
  try {
    const session = await client.call('getSession', {}, signal);
    client.csrfToken = session.csrf_token;
    return { session, shopName: session.shop_name, signIn: session.sign_in };
  } catch (error) {
    if (!(error instanceof Problem) || error.status !== 401) throw error;
    client.csrfToken = null;
    const { shop_name: shopName, sign_in: signIn } = error.extra as Pick<Session, 'shop_name' | 'sign_in'>;
    return { session: null, shopName, signIn };
  }
}

export const PresenceContext = createContext<Presence | null>(null);

/** Who is there, be it nobody: for pages outside the shell. */
export function usePresence(): Presence {
  const presence = useContext(PresenceContext);
  if (!presence) throw new Error('outside the console');
  return presence;
}

/** Who is signed in. Only inside the shell, where somebody is. */
export function useSession(): Session {
  const { session } = usePresence();
  if (!session) throw new Error('outside the shell');
  return session;
}

const ROLES: readonly Role[] = ['viewer', 'operator', 'admin'];

/** True when who is signed in may do what needs `role`: hide what would be refused. */
export function useMay(role: Role): boolean {
  return isAllowed(useSession().role, role);
}

export function isAllowed(has: Role, needed: Role): boolean {
  return ROLES.indexOf(has) >= ROLES.indexOf(needed);
}
