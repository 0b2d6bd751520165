import { countsOfNotes } from '../rows.ts';
import type { AppCast } from './cast.ts';
import { installsOf } from './installs.ts';

// A tick is a minute, and the accounts are spread over half of it.
const WAIT_MS_MAX = 150_000;

/** Writes what the timetable is to count: so many notes for each account. Before the wait for a tick. */
export async function writeNotes({ app, dashboard, test, both }: AppCast): Promise<Map<string, number>> {
  const wanted = new Map([
    [test, 2],
    [both, 1],
  ]);
  for (const [account, notes] of wanted) {
    const backend = await dashboard.open(account, 'test');
    const customer = await app.makeCustomer(account, 'test', 'Nora');
    for (let number = 1; number <= notes; number += 1) await backend.add(customer, `Note ${number}.`);
  }
  return wanted;
}

/** Work on a timetable, for each account. */
export async function timetable(cast: AppCast): Promise<void> {
  const { screen, stage, watch, notes } = cast;
  screen.heading('Cron');
  await screen.step('the nightly count, here each minute, has run for each account', async () => {
    const url = stage.databaseUrl('notes_test');
    const wanted = new Map<string, number>();
    for (const [account, count] of notes) {
      for (const { id } of await installsOf(cast, account, 'test')) wanted.set(id, count);
    }
    const counted = await watch.until(
      'the notes of each account to be counted',
      async () => {
        const rows = await countsOfNotes(url);
        return rows.every(({ install, notes: count }) => wanted.get(install) === count) ? rows : null;
      },
      WAIT_MS_MAX,
    );
    if (counted.length !== wanted.size) throw new Error(`${counted.length} accounts were counted`);
    return counted.map(({ install, notes: count }) => `${install} has ${count}`).join(', ');
  });
}
