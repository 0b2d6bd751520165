import { beforeAll, expect, it } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { freshDatabase } from '../support/database.ts';
import { eventOf, putEvents, untilDone } from '../support/effects.ts';
import { runSinks, type RunningSinks } from './support.ts';

let database: Database;
let server: RunningSinks;

beforeAll(async () => {
  const fresh = await freshDatabase();
  ({ database } = fresh);
  server = await runSinks(fresh, [{ name: 'own-code', events: ['plan.created'], deliver: () => {} }]);
});

it('an event whose body was removed is told to nobody, and holds up no other', async () => {
  const removed = eventOf('plan_1', { type: 'plan.created' });
  await putEvents(database, [removed]);
  await untilDone(database, [removed]);
  await server.untilStatus('own-code', removed, 'delivered');
  await database.sql`update quittance.event set body = '' where id = ${removed.id}`;
  await database.sql`update quittance.sink_delivery set status = 'pending', next_attempt_at = now()`;
  const other = eventOf('plan_2', { type: 'plan.created' });
  await server.post(other);
  await server.untilStatus('own-code', other, 'delivered');
  const dead = await server.untilStatus('own-code', removed, 'dead');
  expect(dead.last_error).toContain('removed with the data of its account');
});

it('what waits is looked after without a Stripe key too, which the reconciler needs', async () => {
  const lines = await database.sql`
    select from graphile_worker._private_known_crontabs
    where identifier like 'quittance.sweep_sinks %' or identifier like 'quittance.reconcile %'`;
  expect(lines).toHaveLength(1);
});
