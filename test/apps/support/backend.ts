import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import type { AppContext, AppEnv } from '../../../src/apps/context.ts';
import { signedBy } from '../../../src/apps/signed/middleware.ts';
import { startSimulator, type Simulator } from '../../../src/simulator/index.ts';
import { freshDatabase } from '../../support/database.ts';
import { verifierOn } from './signed.ts';

/** An app's backend on a port, and the simulator that signs for its extension. */
export interface Backend {
  sim: Simulator;
  baseUrl: string;
  /** How far the backend's clock is ahead of the one that signs. */
  aheadSeconds: number;
  /** Stripe's part of the SDK's function of this name, as the simulator has it. */
  fetchStripeSignature: (payload: object) => Promise<string>;
  close: () => Promise<void>;
}

export async function startBackend(): Promise<Backend> {
  const sim = await startSimulator({ port: 0 });
  const state = await fetch(`${sim.url}/_sim/api/`);
  const { appSecret } = (await state.json()) as { appSecret: string };
  const { database } = await freshDatabase();
  const clock = { now: () => sim.clock.now() + backend.aheadSeconds * 1000 };
  const verifier = verifierOn(database, { clock, secrets: [appSecret] });
  const server = serve({ fetch: routesOf(verifier).fetch, port: 0, hostname: '127.0.0.1' }) as Server;
  await once(server, 'listening');
  const backend: Backend = {
    sim,
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    aheadSeconds: 0,
    fetchStripeSignature: (payload) => signAt(sim, payload),
    close: async () => {
      server.close();
      server.closeAllConnections();
      await sim.close();
    },
  };
  return backend;
}

function routesOf(verifier: ReturnType<typeof verifierOn>): Hono<AppEnv> {
  const signed = signedBy({ verifier, contextFor: async (verified) => ({ verified }) as AppContext });
  const app = new Hono<AppEnv>();
  app.use('/apps/*', signed());
  app.post('/apps/echo', ({ json, var: { app } }) => json(app.verified));
  app.post('/apps/nothing', ({ body }) => body(null, 204));
  app.post('/apps/broken', () => Response.json({}, { status: 502 }));
  app.post('/apps/moved', ({ redirect }) => redirect('/apps/echo', 307));
  app.post('/apps/slow', () => new Promise<Response>(() => {}));
  app.on(['POST', 'OPTIONS'], '/admin', signed({ roles: ['admin'] }), ({ text }) => text('welcome'));
  return app;
}

async function signAt(sim: Simulator, payload: object): Promise<string> {
  const query = new URLSearchParams({ payload: JSON.stringify(payload), 'include_only[]': 'signature' });
  const answer = await fetch(`${sim.url}/v1/apps/app_embedded_backend_signature?${query}`, {
    headers: { authorization: 'Bearer ek_test_extension' },
  });
  return ((await answer.json()) as { signature: string }).signature;
}
