import type { Install } from '../../../apps/install.ts';
import type { EventRow } from '../../../events/rows.ts';
import { expect } from '../expect.ts';
import type { AppCast, Mode } from './cast.ts';

/** Three accounts install the app; each server comes to know those of its mode. */
export async function installs(cast: AppCast): Promise<void> {
  const { screen, app } = cast;
  screen.heading('Installs');
  await screen.step('one account installs the app in live mode only, one in test mode only', async () => {
    cast.live = await app.install(['live']);
    cast.test = await app.install(['test']);
    await untilInstalled(cast, cast.live, 'live');
    await untilInstalled(cast, cast.test, 'test');
    return `${cast.live} live, ${cast.test} test`;
  });
  await screen.step('a third installs it in both: each server has one install of it', async () => {
    cast.both = await app.install(['live', 'test']);
    const known = await Promise.all([
      untilInstalled(cast, cast.both, 'live'),
      untilInstalled(cast, cast.both, 'test'),
    ]);
    return known.map(({ id, livemode }) => `${id} ${livemode ? 'live' : 'test'}`).join(', ');
  });
  await screen.step('nobody is known in a mode in which they did not install it', async () => {
    for (const [account, mode] of [
      [cast.live, 'test'],
      [cast.test, 'live'],
    ] as const) {
      const found = await installsOf(cast, account, mode);
      expect(found.length === 0, `${account} is known in ${mode} mode`);
    }
    return 'two questions, no install';
  });
  await screen.step('test events come to both endpoints: the live server puts them aside', async () => {
    const object = await app.makeCustomer(cast.both, 'test', 'Bea');
    const done = await eventIn(cast, 'test', object, 'done');
    const aside = await eventIn(cast, 'live', object, 'quarantined', 'test');
    expect(aside.last_error === 'livemode_mismatch', `put aside for ${aside.last_error}`);
    return `${done.id} worked on in test mode, put aside in live mode`;
  });
}

/** The install of an account once the server of that mode has it. */
export function untilInstalled(cast: AppCast, account: string, mode: Mode): Promise<Install> {
  return cast.watch.until(`${account} to be installed in ${mode} mode`, async () => {
    const all = await installsOf(cast, account, mode);
    return all.find(({ status }) => status === 'installed') ?? null;
  });
}

/** What there is and was of an account, in no order of time. */
export async function installsOf({ servers }: AppCast, account: string, mode: Mode): Promise<Install[]> {
  return (await servers[mode].api<{ data: Install[] }>(`/api/apps/installs?account=${account}`)).data;
}

/** The event of this object, of that mode, once it has this status on the server of `mode`. */
export function eventIn(
  cast: AppCast,
  mode: Mode,
  object: string,
  status: string,
  of: Mode = mode,
): Promise<EventRow> {
  return cast.watch.until(`an event of ${object}, ${status} in ${mode} mode`, async () => {
    const query = `object=${object}&status=${status}&livemode=${of === 'live'}`;
    const { data } = await cast.servers[mode].api<{ data: EventRow[] }>(`/api/events?${query}`);
    return data[0] ?? null;
  });
}
