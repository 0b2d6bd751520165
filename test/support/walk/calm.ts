import type { EventView } from '../../../src/simulator/control/events.ts';
import { control } from '../../simulator/support/simulator.ts';
import { until } from '../quittance.ts';
import type { Town } from './town.ts';

const EVENTS_MAX = 100_000;
const RETRIES_SECONDS = 3 * 3_600;
const ROUNDS_MAX = 20;

/**
 * Lets everything come to an end: nothing is disturbed any more, Stripe tries again what was not taken, its
 * own list of events is read, and each movement that waits is tried. Fails when that has no end.
 */
export async function calmDown(town: Town): Promise<void> {
  town.simulator.faults.clear();
  await town.pass(RETRIES_SECONDS);
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    await town.settled();
    await town.current().reconcile();
    await resendLost(town);
    await worked(town);
    if (!(await moveOn(town))) return;
  }
  throw new Error('it never comes to rest');
}

// Of connected accounts Stripe keeps no list of events that we could read: somebody sends them again.
async function resendLost(town: Town): Promise<void> {
  const { data } = await control<{ data: EventView[] }>(town.simulator, 'GET', `events?limit=${EVENTS_MAX}`);
  const lost = data.filter(
    ({ event, deliveries, account }) =>
      account !== town.simulator.account &&
      String(event.object).startsWith('event') &&
      deliveries.some(({ state, dropped }) => state !== 'delivered' || dropped),
  );
  for (const { event } of lost) await control(town.simulator, 'POST', `events/${event.id}/resend`, {});
}

/**
 * Waits until the drain and the jobs have nothing left to do now, and until what arrived before its account
 * was known is no longer put aside: a sweep sees to that, after a second or by the timetable.
 */
async function worked(town: Town): Promise<void> {
  await town.sql`select graphile_worker.add_job('quittance.sweep_accounts')`;
  await until(async () => {
    const [left] = await town.sql<{ events: number; aside: number; jobs: number }>`
      select (select count(*)::int from quittance.work) as events,
        (select count(*)::int from quittance.unknown_account
         where (account, livemode) in (select account, livemode from quittance.known_account)) as aside,
        (select count(*)::int from graphile_worker._private_jobs
         where run_at <= now() and attempts < max_attempts) as jobs`;
    return left?.events === 0 && left.aside === 0 && left.jobs === 0;
  }, 'the drain and the jobs to be done');
}

/** Tries every movement that waits; false when there was none that something came of. */
async function moveOn(town: Town): Promise<boolean> {
  const waiting = await town.sql<{ id: string }>`
    update quittance.movement set run_at = now() where status = 'planned' returning id`;
  if (waiting.length === 0) return false;
  await town.sql`select graphile_worker.add_job('quittance.sweep_movements')`;
  await worked(town);
  const done = await town.sql`
    select from quittance.movement where status <> 'planned' and id = any (${waiting.map(({ id }) => id)})`;
  return done.length > 0;
}
