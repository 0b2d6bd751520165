import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import express from 'express';
import type { Hono } from 'hono';
import Stripe from 'stripe';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AppContext, AppEnv, VerifiedAppRequest } from '../../src/apps/context.ts';
import { checkAppRoutes, isSignedRoute } from '../../src/apps/signed/check-routes.ts';
import { signedBy, type Signed } from '../../src/apps/signed/middleware.ts';
import { QuittanceError } from '../../src/errors.ts';
import { expressQuittance } from '../../src/http/express.ts';
import type { Problem } from '../../src/http/problem.ts';
import { baseApp } from '../../src/http/routes.ts';
import { Metrics } from '../../src/http/metrics.ts';
import { Addresses } from '../../src/http/address.ts';
import { listenerOf } from '../../src/listener.ts';
import { freshDatabase } from '../support/database.ts';
import { recordedLog } from '../support/log.ts';
import { APP_SECRET, headerFor, makeRequest, strictFields, verifierOn, WHO } from './support/signed.ts';

const NOT_INSTALLED: Problem = { status: 403, code: 'not_installed', detail: 'It is not installed.' };
const log = recordedLog();
let app: Hono;
let signed: Signed;

/** The accounts that have installed the app; what a route is given is for the one that was proven. */
async function contextFor(verified: VerifiedAppRequest): Promise<AppContext | Problem> {
  const account = verified.accountId;
  if (!['acct_anna', 'acct_bert'].includes(account)) return NOT_INSTALLED;
  return { verified, install: { id: `ins_${account}`, account } } as AppContext;
}

beforeAll(async () => {
  const { database } = await freshDatabase();
  signed = signedBy({ verifier: verifierOn(database), contextFor });
  app = baseApp({ logger: log.logger, metrics: new Metrics(), readiness: async () => ({}) });
  const routes = app as unknown as Hono<AppEnv>;
  routes.on(['POST', 'OPTIONS'], '/apps/notes', signed(), (context) => {
    const { install, verified } = context.var.app;
    return context.json({ install: install.id, user: verified.userId, data: verified.payload }, 201);
  });
  routes.use('/apps/admin/*', signed({ roles: ['admin'] }));
  routes.post('/apps/admin/secret', (context) => context.text('yes'));
  routes.use('/apps/fails/*', signed());
  routes.post('/apps/fails/:how', (context) => {
    throw FAILURES[context.req.param('how')];
  });
  app.all('/api/webhook', () => new Response('{"received":true}'));
});

const FAILURES: Record<string, Error> = {
  permission: new Stripe.errors.StripePermissionError({
    type: 'invalid_request_error',
    code: 'more_permissions_required_for_application',
    message: "The key 'rk_test_abc*****xyz' lacks 'charge_read' on acct_anna.",
    statusCode: 403,
  }),
  unnamed: new Stripe.errors.StripePermissionError({
    type: 'invalid_request_error',
    message: 'You may not.',
    statusCode: 403,
  }),
  rejected: new Stripe.errors.StripeInvalidRequestError({
    type: 'invalid_request_error',
    code: 'resource_missing',
    message: 'No such customer.',
    statusCode: 404,
  }),
  away: new Stripe.errors.StripeConnectionError({ type: 'api_error', message: 'no answer' }),
  ended: new QuittanceError({ code: 'not_installed', message: 'The app was uninstalled.' }),
  barred: new QuittanceError({ code: 'not_authorized', message: 'Its tokens were taken back.' }),
  crowded: new QuittanceError({ code: 'stripe_unavailable', message: 'Too many wait.' }),
  bug: new Error('a bug'),
};

async function post(path: string, changes: Record<string, unknown> = {}): Promise<Response> {
  return app.fetch(makeRequest({ body: strictFields({ path, ...changes }), path }));
}

describe('a signed route', () => {
  it('is given the account and the user that were proven', async () => {
    const answer = await post('/apps/notes');
    expect(answer.status).toBe(201);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(await answer.json()).toEqual({
      install: 'ins_acct_anna',
      user: 'usr_jenny',
      data: { text: 'hello' },
    });
  });

  it('S11: gives an account its own context only, whatever else the request names', async () => {
    const body = JSON.stringify({ account_id: 'acct_bert', account: 'acct_bert' });
    const answer = await post('/apps/notes', { body });
    expect(await answer.json()).toMatchObject({ install: 'ins_acct_anna' });
    const right = JSON.stringify(strictFields());
    const forged = right.replace(WHO.account_id, 'acct_bert');
    const refused = await app.fetch(makeRequest({ body: forged, header: headerFor(right) }));
    expect(await refused.json()).toMatchObject({ code: 'invalid_signature' });
    // Control: the other account can come, signed as itself.
    const other = await post('/apps/notes', { account_id: 'acct_bert' });
    expect(await other.json()).toMatchObject({ install: 'ins_acct_bert' });
  });

  it('answers as problems what is not signed, not installed, or not of the role', async () => {
    const cases: [Response, number, string][] = [
      [await app.request('/apps/notes', { method: 'POST', body: '{}' }), 400, 'missing_signature'],
      [await post('/apps/notes', { account_id: 'acct_carl' }), 403, 'not_installed'],
      [await post('/apps/admin/secret'), 403, 'role_missing'],
      [await app.request('/apps/admin/secret'), 405, 'method_not_allowed'],
    ];
    for (const [answer, status, code] of cases) {
      expect([answer.status, await answer.json()]).toMatchObject([status, { code }]);
      expect(answer.headers.get('access-control-allow-origin')).toBe('*');
      expect(answer.headers.get('content-type')).toBe('application/problem+json');
    }
    const admin = await post('/apps/admin/secret', { stripe_roles: [{ id: 'admin', name: 'A' }] });
    expect(await admin.text()).toBe('yes');
  });

  it.each([
    ['permission', 403, 'more_permissions_required_for_application'],
    ['unnamed', 403, 'permission_denied'],
    ['rejected', 502, 'stripe_rejected'],
    ['away', 502, 'stripe_unavailable'],
    ['ended', 403, 'not_installed'],
    ['barred', 403, 'not_authorized'],
    ['crowded', 502, 'stripe_unavailable'],
    ['bug', 500, 'internal_error'],
  ])('passes on what a handler throws: %s', async (how, status, code) => {
    const before = log.lines().length;
    const answer = await post(`/apps/fails/${how}`);
    expect(answer.status).toBe(status);
    // Who may not, may not: that is no failure of ours.
    const told = log
      .lines()
      .slice(before)
      .map(({ msg }) => msg);
    expect(told).toEqual(status === 403 ? [] : ['request failed']);
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    const problem = (await answer.json()) as { code: string; detail: string };
    expect(problem.code).toBe(code);
    expect(problem.detail).not.toContain('rk_test');
  });

  it('S9: leaves no secret, signature or data in the log', () => {
    expect(log.text()).toContain('request failed');
    expect(log.text()).not.toMatch(/absec_|v1=|hello/);
  });
});

describe('CORS', () => {
  it('lets every origin in, without cookies and with two headers, where it verifies', async () => {
    for (const path of ['/apps/notes', '/apps/admin/secret']) {
      const answer = await app.request(path, { method: 'OPTIONS', headers: { origin: 'null' } });
      expect(answer.status).toBe(204);
      const found = Object.fromEntries([...answer.headers].filter(([name]) => /^access|^vary/.test(name)));
      expect(found).toEqual({
        'access-control-allow-origin': '*',
        'access-control-allow-methods': 'POST, OPTIONS',
        'access-control-allow-headers': 'stripe-signature, content-type',
        'access-control-max-age': '86400',
      });
    }
  });

  it('and nowhere else', async () => {
    for (const path of ['/api/webhook', '/healthz', '/apps/none']) {
      for (const method of ['OPTIONS', 'POST']) {
        const answer = await app.request(path, { method, headers: { origin: 'null' } });
        expect(answer.headers.has('access-control-allow-origin')).toBe(false);
      }
    }
  });
});

it('passes the check at start, which knows the signed addresses', async () => {
  await checkAppRoutes(app);
  const paths = ['/apps/notes', '/apps/admin/secret', '/apps/none', '/api/webhook', '/healthz'];
  expect(paths.filter((path) => isSignedRoute(app, path))).toEqual(paths.slice(0, 2));
});

describe('on a port', () => {
  const stops: (() => unknown)[] = [];
  afterAll(() => stops.forEach((stop) => stop()));

  async function call(port: number, path: string, type: string): Promise<[number, unknown, string | null]> {
    const body = JSON.stringify(strictFields({ path: '/apps/notes' }));
    const headers = { 'stripe-signature': headerFor(body, APP_SECRET), 'content-type': type };
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', body, headers });
    return [answer.status, await answer.json(), answer.headers.get('access-control-allow-origin')];
  }

  it('works on bare Node', async () => {
    const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
    stops.push(() => server.close());
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    expect(await call(port, '/apps/notes', 'application/x-ndjson')).toMatchObject([201, {}, '*']);
  });

  it('works in Express, below a prefix too; a body that was parsed is said to be', async () => {
    const quittance = {
      fetch: async (request: Request) => app.fetch(request),
      listener: listenerOf(async (request) => app.fetch(request), [], {
        reach: () => {},
        addresses: new Addresses(0),
      }),
      handles: (method: string, path: string) => app.router.match(method, path)[0].length > 1,
      isSigned: (path: string) => isSignedRoute(app, path),
    };
    const shop = express();
    shop.use('/raw', express.raw({ type: '*/*' }), expressQuittance(quittance));
    shop.use('/pay', expressQuittance(quittance));
    shop.use(express.json(), expressQuittance(quittance));
    const server = shop.listen(0, '127.0.0.1');
    stops.push(() => server.close());
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    expect(await call(port, '/pay/apps/notes', 'application/json')).toMatchObject([201, {}, '*']);
    expect(await call(port, '/raw/apps/notes', 'application/json')).toMatchObject([201, {}, '*']);
    expect(await call(port, '/apps/notes', 'application/x-ndjson')).toMatchObject([201, {}, '*']);
    expect(await call(port, '/apps/notes', 'application/json')).toMatchObject([
      400,
      { code: 'body_parsed' },
      '*',
    ]);
    expect(await call(port, '/api/webhook', 'application/json')).toMatchObject([
      500,
      { code: 'raw_body_missing' },
      null,
    ]);
  });
});
