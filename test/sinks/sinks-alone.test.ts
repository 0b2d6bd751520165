import { beforeAll, expect, it } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { freshDatabase } from '../support/database.ts';
import { eventOf, putEvents, untilDone } from '../support/effects.ts';
import { runQuittance } from '../support/quittance.ts';
import { timetable } from '../support/timetable.ts';
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
  const lines = await timetable(database.sql, 'quittance.tidy_entrances 17 3 * * *');
  const names = lines.map((line) => line.split(' ')[0]);
  expect(names).toContain('quittance.sweep_sinks');
  expect(names).not.toContain('quittance.reconcile');
});
