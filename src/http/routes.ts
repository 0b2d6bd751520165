import { Hono, type Context } from 'hono';
import { isAway } from '../db/away.ts';
import type { Logger } from '../log.ts';
import { hasBearer } from './api-key.ts';
import { assetResponse } from './assets.ts';
import { measured } from './measured.ts';
import type { Metrics } from './metrics.ts';
import { problemResponse, type Problem } from './problem.ts';

/** Whether this process can do its work, by part; a part in trouble says why. */
export type Readiness = Record<string, { ok: boolean; why?: string }>;

export interface BaseRoutesOptions {
  logger: Logger;
  metrics: Metrics;
  /** Who scrapes `/metrics` has to show it; without one everybody may. */
  metricsToken?: string | undefined;
  readiness: () => Promise<Readiness>;
}

/** The application with what every Quittance has: health, metrics, assets, and answers for all that fails. */
export function baseApp({ logger, metrics, metricsToken, readiness }: BaseRoutesOptions): Hono {
  const app = new Hono();
  const tell = (error: Error, { req: { path, method } }: Context): void =>
    // The path without its query: that may hold a token or a session id.
    logger.error({ path, method, error: error.stack }, 'request failed');
  app.use(async (context, next) => {
    if (NUL.test(context.req.url)) return problemResponse(HAS_NUL);
    await next();
    // Whoever on the way has given an error its answer, so that it is none of ours, has taken it out.
    if (context.error) tell(context.error, context);
    return undefined;
  });
  app.use(measured(metrics));
  app.get('/healthz', () => Response.json({ status: 'ok' }));
  app.get('/readyz', async () => {
    const checks = await readiness();
    const ready = Object.values(checks).every(({ ok }) => ok);
    return Response.json({ ready, checks }, { status: ready ? 200 : 503 });
  });
  app.get('/metrics', ({ req }) => {
    if (metricsToken === undefined || hasBearer(req.raw, metricsToken)) return metrics.response();
    return problemResponse(NO_METRICS_TOKEN);
  });
  app.get(
    '/assets/:name',
    (context) => assetResponse(context.req.param('name')) ?? problemResponse(NOT_FOUND),
  );
  app.notFound(() => problemResponse(NOT_FOUND));
  app.onError((error, context) => {
    if (context.error !== error) tell(error, context); // it is out of the reach of what is on the way
    return problemResponse(isAway(error) ? UNAVAILABLE : FAILED);
  });
  return app;
}

// No name or id has one, and PostgreSQL takes none.
const NUL = /%00/;

const HAS_NUL: Problem = {
  status: 400,
  code: 'invalid_request',
  detail: 'The address holds a NUL (%00): there is nothing of that name.',
};

const NOT_FOUND: Problem = { status: 404, code: 'not_found', detail: 'There is nothing at this address.' };

const NO_METRICS_TOKEN: Problem = {
  status: 401,
  code: 'unauthorized',
  detail: 'Send the token of the metrics: "Authorization: Bearer <QUITTANCE_METRICS_TOKEN>".',
  headers: { 'www-authenticate': 'Bearer' },
};

const UNAVAILABLE: Problem = {
  status: 503,
  code: 'storage_unavailable',
  detail: 'The database does not answer. Try again later.',
  headers: { 'retry-after': '5' },
};

const FAILED: Problem = {
  status: 500,
  code: 'internal_error',
  detail: 'Something went wrong on our side; the log says what.',
};
