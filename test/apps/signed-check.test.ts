import { Hono, type MiddlewareHandler } from 'hono';
import { cors } from 'hono/cors';
import { describe, expect, it } from 'vitest';
import type { AppEnv } from '../../src/apps/context.ts';
import { checkAppRoutes } from '../../src/apps/signed/check-routes.ts';
import { signedBy } from '../../src/apps/signed/middleware.ts';
import type { QuittanceError } from '../../src/errors.ts';
import { verifierOn } from './support/signed.ts';

// Only OPTIONS is sent here, so there is nothing to remember and nobody to find.
const unused = (): Promise<never> => Promise.reject(new Error('a request was verified'));
const signed = signedBy({ verifier: verifierOn({ sql: unused }), contextFor: unused });

describe('the check at start', () => {
  const ok: MiddlewareHandler<AppEnv> = async (context) => context.text('ok');
  const handler = (): Response => new Response('ok');
  const check = async (declare: (app: Hono<AppEnv>) => unknown): Promise<string> => {
    const own = new Hono<AppEnv>();
    declare(own);
    return checkAppRoutes(own as unknown as Hono).then(
      () => 'safe',
      (error: QuittanceError) => `${error.code}: ${error.message}`,
    );
  };

  it.each<[string, (app: Hono<AppEnv>) => unknown]>([
    ['signed() in front of one', (own) => own.on(['POST', 'OPTIONS'], '/a/:id', signed(), handler)],
    ['signed() in front of many', (own) => own.use('/a/*', signed()).post('/a/b/:c{[0-9]+}', handler)],
    ['an application within', withinAnother],
    ['no CORS and no signature', (own) => own.get('/a', handler)],
    [
      'CORS for one other site only',
      (own) => own.use('/a', cors({ origin: 'https://shop.test' })).get('/a', handler),
    ],
  ])('passes %s', async (_, declare) => {
    expect(await check(declare)).toBe('safe');
  });

  function withinAnother(own: Hono<AppEnv>): void {
    const inner = new Hono<AppEnv>().onError(() => new Response('no', { status: 500 }));
    own.route('/a', inner.on(['POST', 'OPTIONS'], '/b', signed(), handler));
  }

  it.each<[string, string, (app: Hono<AppEnv>) => unknown]>([
    ['CORS on a webhook', '/hook', (own) => own.use('/hook', cors()).post('/hook', handler)],
    [
      'CORS for whoever asks',
      '/a',
      (own) => own.use('/a', cors({ origin: (origin) => origin })).post('/a', handler),
    ],
    ['CORS for all', '/*', (own) => own.use(cors()).on(['POST', 'OPTIONS'], '/a', signed(), handler)],
    [
      'CORS with cookies',
      '/a',
      (own) => own.use('/a', cors({ origin: '*', credentials: true }), signed()).post('/a', handler),
    ],
    ['signed() without OPTIONS', '/a', (own) => own.post('/a', signed(), handler)],
    ['signed() behind the handler', '/a', (own) => own.post('/a', handler).use('/a', signed())],
    [
      'another method beside it',
      '/a',
      (own) => own.on(['POST', 'OPTIONS'], '/a', signed(), handler).get('/a', handler),
    ],
    [
      'OPTIONS answered by hand',
      '/a',
      (own) =>
        own.on(['OPTIONS'], '/a', (context) => context.text('', 200, { 'access-control-allow-origin': '*' })),
    ],
    ['a path that can not be tried', '/a/:b', (own) => own.post('/a/:b{z+}', ok)],
  ])('refuses %s, naming the path', async (_, path, declare) => {
    const message = await check(declare);
    expect(message).toMatch(/^unsafe_app_route: /);
    expect(message).toContain(`The route ${path}`);
  });
});
