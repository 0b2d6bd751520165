import type { Hono } from 'hono';
import { findTargetHandler, isMiddleware } from 'hono/utils/handler';
import { QuittanceError } from '../../errors.ts';
import { isSigned } from './middleware.ts';

// What may stand for a parameter of a path. A pattern that takes none of them can't be asked about.
const SAMPLES = ['x', '1', 'usr_1', '00000000-0000-4000-8000-000000000000'];

/**
 * Checks at start that the routes which verify, and no others, let other sites in: each path is asked with
 * OPTIONS, as a browser does on behalf of an extension (origin `null`). No handler for another method runs,
 * so a route that adds CORS headers only to its own answers is not noticed.
 * Hono takes no more routes afterwards. Throws `unsafe_app_route`, naming the path and what is wrong.
 */
export async function checkAppRoutes(app: Hono): Promise<void> {
  const paths = new Set(app.routes.map(({ path }) => path));
  for (const path of paths) await checkPath(app, path);
}

/** Whether what comes to this address has to be signed by the app. */
export function isSignedRoute(app: Hono, path: string): boolean {
  return standingAt(app, 'POST', path) === 'verified';
}

async function checkPath(app: Hono, path: string): Promise<void> {
  const methods = methodsOf(app, path);
  const address = sampleOf(app, path, methods);
  const { origin, credentials } = await preflight(app, address);
  const standings = methods.map((method) => ({ method, standing: standingAt(app, method, address) }));
  for (const { method, standing } of standings) {
    if (standing === 'verified' && origin === null) throw unsafe(path, NO_PREFLIGHT);
    if (standing === 'verified' && (origin !== '*' || credentials)) throw unsafe(path, WRONG_CORS);
    if (standing !== 'verified' && origin !== null) throw unsafe(path, OPEN[standing](method));
  }
}

/** The methods that are routed by this very path. Middleware stands before all of them, so POST will do. */
function methodsOf(app: Hono, path: string): string[] {
  const own = app.routes.filter((route) => route.path === path).map(({ method }) => method);
  return [...new Set(own.map((method) => (method === 'ALL' || method === 'OPTIONS' ? 'POST' : method)))];
}

/** An address that this path is the path of. */
function sampleOf(app: Hono, path: string, methods: readonly string[]): string {
  const found = SAMPLES.map((sample) => fill(path, sample)).find((address) =>
    ['OPTIONS', ...methods].some((method) =>
      app.router.match(method, address)[0].some(([[, route]]) => route.path === path),
    ),
  );
  if (found === undefined) throw unsafe(path, 'its parameter takes so few texts that it can not be tried');
  return found;
}

// A parameter is `:name`, and may have a pattern in braces and a question mark.
function fill(path: string, sample: string): string {
  return path.replace(/:[^/{?]+(?:\{(?:[^{}]|\{[^{}]*\})*\})?\??/g, sample).replaceAll('*', sample);
}

/** Whether a request of this method is verified before anything else can answer it. */
function standingAt(app: Hono, method: string, address: string): 'verified' | 'late' | 'open' {
  const handlers = app.router.match(method, address)[0].map(([[handler]]) => findTargetHandler(handler));
  const verifies = handlers.findIndex((handler) => isSigned(handler));
  if (verifies < 0) return 'open';
  return handlers.slice(0, verifies).every((handler) => isMiddleware(handler)) ? 'verified' : 'late';
}

async function preflight(
  app: Hono,
  address: string,
): Promise<{ origin: string | null; credentials: boolean }> {
  const { headers } = await app.fetch(
    new Request(`http://localhost${address}`, {
      method: 'OPTIONS',
      headers: {
        origin: 'null',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'stripe-signature, content-type',
      },
    }),
  );
  return {
    origin: headers.get('access-control-allow-origin'),
    credentials: headers.has('access-control-allow-credentials'),
  };
}

const NO_PREFLIGHT =
  'it verifies, but does not answer OPTIONS, so no extension can call it: route it with ' +
  "app.on(['POST', 'OPTIONS'], path, signed(), handler)";

const WRONG_CORS =
  'it verifies, but something else put CORS headers into its answer to OPTIONS: it has to allow the ' +
  'origin "*" and no credentials';

const OPEN = {
  open: (method: string) =>
    `${method} does not verify, but OPTIONS lets other sites in (Access-Control-Allow-Origin): ` +
    'put signed() before its handler, or take the CORS headers away',
  late: (method: string) => `${method} has a handler before signed(), which answers unverified requests`,
};

function unsafe(path: string, why: string): QuittanceError {
  return new QuittanceError({ code: 'unsafe_app_route', message: `The route ${path} is unsafe: ${why}.` });
}
