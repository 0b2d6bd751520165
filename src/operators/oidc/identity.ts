import { z } from 'zod';
import { ROLES, type Role } from '../../http/caller.ts';
import { normalName } from '../operator.ts';
import type { OidcSettings } from '../settings.ts';

/** Who somebody is, by the word of the provider. */
export interface Identity {
  issuer: string;
  subject: string;
  email: string;
  role: Role;
}

/** Claims of an ID token, and of what the provider tells of its user. */
export type Claims = { iss: string; sub: string } & Record<string, unknown>;

/** Reads who it is. Problems: `oidc_unverified`, `oidc_no_role`. */
export function identityOf(
  claims: Claims,
  settings: OidcSettings,
): { identity: Identity } | { problem: 'oidc_unverified' | 'oidc_no_role' } {
  const email = normalName(typeof claims['email'] === 'string' ? claims['email'] : '');
  // An address that the provider has not looked at is what somebody typed there.
  if (claims['email_verified'] !== true || !z.email().safeParse(email).success) {
    return { problem: 'oidc_unverified' };
  }
  const role = roleOf(claims, email, settings);
  if (role === null) return { problem: 'oidc_no_role' };
  return { identity: { issuer: claims.iss, subject: claims.sub, email, role } };
}

function roleOf(claims: Claims, email: string, { roleClaim, roles }: OidcSettings): Role | null {
  const domain = email.slice(email.lastIndexOf('@'));
  const has = roleClaim === undefined ? [email, domain] : valuesOf(claims[roleClaim]);
  const isMeant = (value: string): boolean =>
    has.includes(roleClaim === undefined ? value.toLowerCase() : value);
  return ROLES.toReversed().find((role) => roles[role]?.some(isMeant)) ?? null;
}

function valuesOf(claim: unknown): string[] {
  const values = Array.isArray(claim) ? claim : [claim];
  return values.filter((value) => typeof value === 'string');
}
