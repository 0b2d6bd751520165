import { createRequire } from 'node:module';
import path from 'node:path';
import type Stripe from 'stripe';
import type { Local } from './simulator.ts';
import { installed } from './cli.ts';

/** Older majors of the client, by the name under which package.json has them. */
const VERSIONS = { 'stripe-17': '17.7.0', 'stripe-20': '20.4.1' } as const;
export const OLDER_CLIENTS = Object.keys(VERSIONS) as (keyof typeof VERSIONS)[];

type Client = new (key: string, config: object) => Stripe;

/**
 * An older client that talks to the simulator, in the version that it is pinned to. Its types are taken to be
 * today's, so what differs is read as it comes. Where package.json does not have it, it is fetched as the
 * newer CLI is.
 */
export async function olderClient(name: keyof typeof VERSIONS, { sim }: Local): Promise<Stripe> {
  const { host, port } = sim;
  const Client = await load(name);
  return new Client('sk_test_simulator', { host, port, protocol: 'http', telemetry: false });
}

async function load(name: keyof typeof VERSIONS): Promise<Client> {
  const here = createRequire(import.meta.url);
  try {
    return here(name) as Client;
  } catch {
    const modules = await installed('stripe', VERSIONS[name]);
    return here(path.join(modules, 'stripe')) as Client;
  }
}
