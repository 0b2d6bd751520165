import type { Install } from '../../../apps/install.ts';
import { expect } from '../expect.ts';
import type { AppCast } from './cast.ts';
import { eventIn, installsOf, untilInstalled } from './installs.ts';
import { refusalOf } from './requests.ts';

const LATE_SECONDS = 6;

type Removed = Install & { removal: { what: Record<string, number> } | null };

/** An account leaves: at once for its users, after the days of grace for its data. */
export async function uninstall(cast: AppCast): Promise<void> {
  const { screen, app, dashboard, watch, servers } = cast;
  screen.heading('Uninstalled');
  const customer = await app.makeCustomer(cast.both, 'test', 'Emil');
  const liveCustomer = await app.makeCustomer(cast.both, 'live', 'Emil');
  const call = async (mode: 'live' | 'test'): Promise<string> => {
    const backend = await dashboard.open(cast.both, mode);
    const refused = await refusalOf(backend.list(mode === 'live' ? liveCustomer : customer));
    return refused?.code ?? 'answered';
  };
  let id = '';
  let late = '';
  await screen.step(
    'the account uninstalls in test mode: its users are out at once, there only',
    async () => {
      const before = await app.stripe(cast.both, 'test').customers.list({ limit: 1 });
      expect(before.data.length === 1, 'the app had no access before');
      // Something happens on the account whose event will come when it has gone.
      await app.control('faults', {
        kind: 'delay',
        match: 'customer.created',
        seconds: LATE_SECONDS,
        times: 3,
      });
      late = await app.makeCustomer(cast.both, 'test', 'Fay');
      const backend = await dashboard.open(cast.both, 'test');
      await app.uninstall(cast.both, 'test');
      const [ended] = await watch.until('the install to have ended', async () => {
        const found = await installsOf(cast, cast.both, 'test');
        return found[0]?.status === 'installed' ? null : found;
      });
      id = ended?.id ?? '';
      const refused = await refusalOf(backend.list(customer));
      expect(refused?.code === 'not_installed', `answered ${refused?.code ?? 'as if nothing were'}`);
      const live = await call('live');
      expect(live === 'answered', `live mode: ${live}`);
      return 'test: 403 not_installed; live: answered';
    },
  );
  await screen.step(
    'after the days of grace, here three seconds, its data are gone, with a record',
    async () => {
      const removed = await watch.until('the data to be removed', async () => {
        const install = await servers.test.api<Removed>(`/api/apps/installs/${id}`);
        return install.status === 'removed' ? install : null;
      });
      const what = removed.removal?.what ?? {};
      expect(what['notes'] === 1, `removed: ${JSON.stringify(what)}`);
      return Object.entries(what)
        .filter(([, count]) => count > 0)
        .map(([name, count]) => `${count} ${name}`)
        .join(', ');
    },
  );
  await screen.step(
    'events of that account are put aside from then on, those of others are not',
    async () => {
      const stranger = await app.makeCustomer(cast.test, 'test', 'Gil');
      await eventIn(cast, 'test', stranger, 'done');
      const aside = await eventIn(cast, 'test', late, 'quarantined');
      expect(aside.last_error === 'unknown_account', `put aside for ${aside.last_error}`);
      return `${aside.id} put aside: unknown_account; ${stranger} done`;
    },
  );
  await screen.step('installed anew, the account begins with nothing', async () => {
    await app.installAgain(cast.both, 'test');
    const install = await untilInstalled(cast, cast.both, 'test');
    expect(install.id !== id, 'the old install was taken up again');
    const { notes } = await (await dashboard.open(cast.both, 'test')).list(customer);
    expect(notes.length === 0, `${notes.length} notes are left`);
    return `${install.id} in place of ${id}`;
  });
}
