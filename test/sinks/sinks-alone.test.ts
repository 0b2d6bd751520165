import { beforeAll, expect, it } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { freshDatabase } from '../support/database.ts';
import { eventOf, putEvents, untilDone } from '../support/effects.ts';
import { runQuittance, until } from '../support/quittance.ts';
import { runSinks, type RunningSinks } from './support.ts';

const OWN_CODE = [{ name: 'own-code', events: ['plan.created'], deliver: () => {} }];

let database: Database;
let url: string;
let server: RunningSinks;

beforeAll(async () => {
  const fresh = await freshDatabase();
  ({ database, url } = fresh);
  server = await runSinks(fresh, OWN_CODE);
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
  await runQuittance(url, { sinks: OWN_CODE, housekeeping: true });
  const timetable = await until(async () => {
    const rows = await database.sql<{ identifier: string }>`
      select identifier from graphile_worker._private_known_crontabs`;
    const lines = rows.map(({ identifier }) => identifier.split(' ')[0]);
    return lines.includes('quittance.tidy_entrances') && lines;
  }, 'the timetable');
  expect(timetable).toContain('quittance.sweep_sinks');
  expect(timetable).not.toContain('quittance.reconcile');
});
