import type { Problem } from '../../http/problem.ts';
import type { JsonObject } from './json.ts';
import { invalidBody } from './problems.ts';

const ROLES_MAX = 100;
const USER = /^usr_\w{1,250}$/;
const ACCOUNT = /^acct_\w{1,250}$/;

/** Who sends a request, in the order in which Stripe signs it, behind everything else. */
export const WHO = ['user_id', 'account_id'] as const;

/** Who a signed object says the user is, and which roles Stripe vouched for; or what is wrong with it. */
export function readWho(
  signed: JsonObject,
): { userId: string; accountId: string; roles: string[] } | { problem: Problem } {
  const { user_id: userId, account_id: accountId, stripe_roles: shown = [] } = signed;
  if (typeof userId !== 'string' || !USER.test(userId)) return { problem: NO_USER };
  if (typeof accountId !== 'string' || !ACCOUNT.test(accountId)) return { problem: NO_ACCOUNT };
  const roles = Array.isArray(shown) && shown.length <= ROLES_MAX ? shown.map(nameOf) : [null];
  return roles.every((role) => role !== null) ? { userId, accountId, roles } : { problem: NO_ROLES };
}

/** The fields that are missing of those named. */
export function missingOf(object: JsonObject, names: readonly string[]): string[] {
  return names.filter((name) => !Object.hasOwn(object, name));
}

// The id stays when a role is renamed; the oldest extensions only have the name.
function nameOf(role: unknown): string | null {
  const { id, name } = (typeof role === 'object' && role !== null ? role : { id: role }) as JsonObject;
  if (typeof id === 'string') return id;
  return typeof name === 'string' ? name : null;
}

const NO_USER = invalidBody('"user_id" must be the id of a user (usr_…).');
const NO_ACCOUNT = invalidBody('"account_id" must be the id of an account (acct_…).');
const NO_ROLES = invalidBody('"stripe_roles" must be the list of roles that the extension was given.');
