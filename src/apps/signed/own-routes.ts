import { Hono, type MiddlewareHandler } from 'hono';
import { QuittanceError } from '../../errors.ts';
import type { AppEnv, AppRoutes } from '../context.ts';
import type { Signed } from './middleware.ts';

const BASE = '/apps';
const RESERVED = /^\/apps\/(install|installed|oauth|connections)(\/|$)/;

/** Addresses below `/apps` that are ours. */
export function isReserved(path: string): boolean {
  return RESERVED.test(path);
}

/**
 * Adds the routes of the option `app.routes`, each behind `signed()`. They stand in full, as they are routed:
 * what is verified is what answers, `/apps` itself too. Throws `invalid_options` for an address of ours.
 */
export function addOwnRoutes(app: Hono, routes: AppRoutes | undefined, signed: Signed): void {
  const own = new Hono<AppEnv>().basePath(BASE);
  routes?.(own);
  for (const path of new Set(own.routes.map((route) => route.path))) {
    if (isReserved(path)) throw reserved(path.slice(BASE.length));
    app.use(path, signed() as MiddlewareHandler);
  }
  app.route('/', own as unknown as Hono);
}

function reserved(path: string): QuittanceError {
  const message = `app.routes adds ${path}, which is an address of ours below /apps: take another.`;
  return new QuittanceError({ code: 'invalid_options', message });
}
