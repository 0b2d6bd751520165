import type { Role } from '../session/session.ts';

/** Why somebody who was at the provider is not let in. */
const OIDC_PROBLEMS: Record<string, string> = {
  oidc_state: 'Signing in took too long, or was begun in another browser. Try again.',
  oidc_refused: 'The answer of your provider was not accepted. Try again; if it goes on, tell an admin.',
  oidc_unavailable: 'Your provider does not answer. Try again in a moment.',
  oidc_unverified: 'Your provider has no verified e-mail address of yours. Verify it there, then try again.',
  oidc_no_role: 'You are known, but have no role here. Ask an admin to give you one.',
  oidc_other_person:
    'Somebody else signs in here with your e-mail address. Ask an admin to look at Operators.',
  operator_disabled: 'You may not sign in here any more. Ask an admin.',
};

export function oidcProblem(search: string): string | null {
  const code = new URLSearchParams(search).get('problem');
  return code === null ? null : (OIDC_PROBLEMS[code] ?? 'Signing in did not work. Try again.');
}

/** What each role may do. */
export const ROLE_CHOICES: readonly { value: Role; label: string }[] = [
  { value: 'viewer', label: 'Viewer: looks' },
  { value: 'operator', label: 'Operator: acts on orders and events' },
  { value: 'admin', label: 'Admin: runs the place' },
];

/** A browser and its system, as far as they say. */
export function deviceOf(userAgent: string | null): string {
  if (userAgent === null) return 'Unknown';
  const browser = /\b(Edg|OPR|Firefox|Chrome|Safari)\//.exec(
    userAgent.replace(/Chrome.*(?=Edg|OPR)/, ''),
  )?.[1];
  const system = /\b(Windows|Mac OS X|Android|iPhone|iPad|Linux)\b/.exec(userAgent)?.[1];
  const named = [{ Edg: 'Edge', OPR: 'Opera' }[browser ?? ''] ?? browser, system];
  return named.filter((word) => word !== undefined).join(' on ') || userAgent.slice(0, 60);
}
