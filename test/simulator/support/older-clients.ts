import { createRequire } from 'node:module';
import type Stripe from 'stripe';
import type { Local } from './simulator.ts';

/** Older majors of the client, by the name under which package.json has them. */
export const OLDER_CLIENTS = ['stripe-17', 'stripe-20'] as const;

type Client = new (key: string, config: object) => Stripe;

// An import would bring their types, which declare the module `stripe` a second time.
const load = createRequire(import.meta.url);

/**
 * An older client that talks to the simulator, in the version that it is pinned to. Its types are taken to be
 * today's, so what differs is read as it comes.
 */
export function olderClient(name: (typeof OLDER_CLIENTS)[number], { sim }: Local): Stripe {
  const Client = load(name) as Client;
  const { host, port } = sim;
  return new Client('sk_test_simulator', { host, port, protocol: 'http', telemetry: false });
}
