import type { Context, MiddlewareHandler } from 'hono';
import { problemResponse, type Problem } from '../../http/problem.ts';
import type { AppContext, AppEnv, VerifiedAppRequest } from '../context.ts';
import { FORBIDDEN, ofHandler, ROLE_MISSING } from './problems.ts';
import { showsRole, type AppVerifier, type VerifyOptions } from './verifier.ts';

const PREFLIGHT_SECONDS = 86_400;

export interface SignedOptions {
  verifier: Pick<AppVerifier, 'verify'>;
  /** Everything for the account that was proven, or why there is nothing: `not_installed`. */
  contextFor: (verified: VerifiedAppRequest) => Promise<AppContext | Problem>;
  /** Addresses that are none of the extension's, though a pattern with `*` or `:name` covers them. */
  isClosed?: (path: string) => boolean;
}

/** Makes the middleware of a route that only the app's extension may call. */
export type Signed = (options?: VerifyOptions) => MiddlewareHandler<AppEnv>;

/**
 * Makes `signed()`: it lets a signed POST through to the handler, with `context.var.app` for the account and
 * user that the signature proves, and answers everything else. Extensions run under the origin `null`, so
 * every other site may call too (CORS with `*`, never with cookies): it is the signature that keeps them out.
 *
 *     app.on(['POST', 'OPTIONS'], '/apps/notes', signed({ roles: ['admin'] }), handler)
 *     app.use('/apps/*', signed())
 */
export function signedBy({ verifier, contextFor, isClosed }: SignedOptions): Signed {
  return (options = {}) => {
    const middleware: MiddlewareHandler<AppEnv> = async (context, next) => {
      if (isClosed?.(context.req.path)) return context.notFound();
      // It stands here twice, by two patterns: the body is read and the request spent, once is enough.
      const known = VERIFIED.get(context);
      if (known) return showsRole(known, options) ? next() : problemResponse(ROLE_MISSING);
      if (context.req.method === 'OPTIONS') return new Response(null, { status: 204, headers: PREFLIGHT });
      // Set before anything is answered: Hono puts them on whichever answer it comes to, an error's too.
      for (const [name, value] of Object.entries(HEADERS)) context.res.headers.set(name, value);
      const found = await verifier.verify(context.req.raw, options);
      if ('problem' in found) return problemResponse(found.problem);
      const app = await contextFor(found.verified).catch(passedOn);
      if (!('verified' in app)) return problemResponse(app);
      VERIFIED.set(context, found.verified);
      context.set('app', app);
      await next();
      const problem = ofHandler(context.error);
      if (problem) answer(context, problem);
      return undefined;
    };
    SIGNED.add(middleware);
    return middleware;
  };
}

/** Whether a handler of Hono's is one that verifies. */
export function isSigned(handler: object): boolean {
  return SIGNED.has(handler);
}

// Which functions are ours, for the check at start; it keeps none of them alive.
const SIGNED = new WeakSet<object>();

// What was verified already of a request that is under way.
const VERIFIED = new WeakMap<object, VerifiedAppRequest>();

const HEADERS = { 'access-control-allow-origin': '*', 'cache-control': 'no-store' };

const PREFLIGHT = {
  ...HEADERS,
  'access-control-allow-methods': 'POST, OPTIONS',
  'access-control-allow-headers': 'stripe-signature, content-type',
  'access-control-max-age': String(PREFLIGHT_SECONDS),
};

function passedOn(error: unknown): Problem {
  const problem = ofHandler(error);
  if (problem) return problem;
  throw error;
}

function answer(context: Context, problem: Problem): void {
  // Who may not, may not: nothing has failed here.
  if (problem.status === FORBIDDEN) context.error = undefined;
  // Without this Hono would put the headers of the first answer over those of the second.
  context.res = undefined;
  const response = problemResponse(problem);
  for (const [name, value] of Object.entries(HEADERS)) response.headers.set(name, value);
  context.res = response;
}
