import { Hono } from 'hono';
import { beforeAll, expect, it } from 'vitest';
import type { AppContext, AppRoutes } from '../../src/apps/context.ts';
import { checkAppRoutes } from '../../src/apps/signed/check-routes.ts';
import { signedBy, type Signed } from '../../src/apps/signed/middleware.ts';
import { addOwnRoutes, isReserved } from '../../src/apps/signed/own-routes.ts';
import { freshDatabase } from '../support/database.ts';
import { makeRequest, strictFields, verifierOn } from './support/signed.ts';

let signed: Signed;
const ran: string[] = [];

beforeAll(async () => {
  const { database } = await freshDatabase();
  const contextFor = async (verified: AppContext['verified']): Promise<AppContext> =>
    ({ verified }) as AppContext;
  signed = signedBy({ verifier: verifierOn(database), contextFor, isClosed: isReserved });
});

async function appWith(routes: AppRoutes): Promise<Hono> {
  const app = new Hono();
  app.get('/apps/install', (context) => context.text('ours'));
  addOwnRoutes(app, routes, signed);
  await checkAppRoutes(app);
  return app;
}

async function answers(app: Hono, path: string): Promise<[unsigned: number, signed: number]> {
  const unsigned = await app.request(path, { method: 'POST', body: '{}' });
  const right = await app.fetch(makeRequest({ body: strictFields({ path }), path }));
  return [unsigned.status, right.status];
}

it('verifies every path of the app, /apps itself too', async () => {
  const app = await appWith((own) => {
    for (const path of ['/', '/notes', '/notes/:id?']) own.post(path, (context) => context.text('ok'));
  });
  for (const path of ['/apps', '/apps/notes', '/apps/notes/1']) {
    expect([path, ...(await answers(app, path))]).toEqual([path, 400, 200]);
  }
});

it('verifies once what two patterns cover, and leaves our own addresses below /apps alone', async () => {
  const app = await appWith((own) => {
    own.use(async (context, next) => {
      ran.push(context.req.path);
      await next();
    });
    own.post('/:name', signed(), (context) => context.text(context.var.app.verified.userId));
    own.post('/admin/all', signed({ roles: ['admin'] }), (context) => context.text('never'));
  });
  expect(await answers(app, '/apps/notes')).toEqual([400, 200]);
  expect(await answers(app, '/apps/admin/all')).toEqual([400, 403]);
  expect(await answers(app, '/apps/install')).toEqual([404, 404]);
  expect(ran).toEqual(['/apps/notes', '/apps/admin/all']);
  expect(await (await app.request('/apps/install')).text()).toBe('ours');
  const preflight = await app.request('/apps/install', { method: 'OPTIONS' });
  expect(preflight.headers.has('access-control-allow-origin')).toBe(false);
});

it('refuses a path that is ours', async () => {
  await expect(appWith((own) => own.post('/oauth', (context) => context.text('')))).rejects.toMatchObject({
    code: 'invalid_options',
    message: expect.stringContaining('app.routes adds /oauth,') as string,
  });
});
