import type Stripe from 'stripe';
import { onTestFinished } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { reconcile, type ReconcileOptions } from '../../src/events/reconcile.ts';
import { noFailpoints } from '../../src/failpoints.ts';
import { startSimulator, type Simulator } from '../../src/simulator/index.ts';
import { stripeOf } from './buyer.ts';

/** A Stripe of its own, and a reconciler that reads it into an empty inbox. */
export interface World {
  simulator: Simulator;
  stripe: Stripe;
  alarms: string[];
  pauses: number[];
  /** Creates customers, and so one event for each. */
  happen: (count: number) => Promise<Stripe.Event[]>;
  run: (more?: Partial<ReconcileOptions>) => ReturnType<typeof reconcile>;
}

export async function reconciledWorld(database: Database): Promise<World> {
  await database.pool.query(`
    truncate quittance.event, quittance.delivery, quittance.work, quittance.failure, quittance.outcome,
      quittance.reconcile, quittance.sink_delivery`);
  const simulator = await startSimulator({ port: 0 });
  onTestFinished(() => simulator.close());
  const stripe = stripeOf(simulator);
  const alarms: string[] = [];
  const pauses: number[] = [];
  const happen = async (count: number): Promise<Stripe.Event[]> => {
    for (let made = 0; made < count; made += 1) await stripe.customers.create({ name: `c${made}` });
    const { data } = await stripe.events.list({ limit: Math.min(count, 100) });
    return data.toReversed();
  };
  const run = (more: Partial<ReconcileOptions> = {}): ReturnType<typeof reconcile> =>
    reconcile({
      database,
      stripe,
      livemode: false,
      recognition: { livemode: false, isKnownType: () => true, isKnownVersion: () => true },
      slowTypes: [],
      clock: { now: () => simulator.clock.now() },
      random: () => 0.5,
      reach: noFailpoints,
      pause: async (ms) => void pauses.push(ms),
      alarm: (code) => alarms.push(code),
      ...more,
    });
  return { simulator, stripe, alarms, pauses, happen, run };
}

/** Every stored event, in order, and by which way it came. */
export async function stored(database: Database): Promise<{ id: string; source: string }[]> {
  return database.sql`select id, source from quittance.event order by seq`;
}
