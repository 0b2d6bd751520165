import type { MiddlewareHandler } from 'hono';
import { problemResponse } from '../../http/problem.ts';
import type { AppEnv } from '../context.ts';
import { ROLE_MISSING } from './problems.ts';

/**
 * Lets only users through who have one of these roles, by id (`admin`), as Stripe vouches for them. It is for
 * routes of the option `app.routes`, which are verified already; the extension has to show the role:
 * `post(path, data, { roles: ['admin'] })`. Answers `role_missing` (403).
 *
 *     app.post('/notes/delete-all', needsRole('admin'), handler)
 */
export function needsRole(...roles: readonly string[]): MiddlewareHandler<AppEnv> {
  return async (context, next) => {
    const { verified } = context.var.app;
    if (!roles.some((role) => verified.roles.includes(role))) return problemResponse(ROLE_MISSING);
    await next();
    return undefined;
  };
}
