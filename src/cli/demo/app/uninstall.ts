import type { Install } from '../../../apps/install.ts';
import { expect } from '../expect.ts';
import type { AppCast } from './cast.ts';
import { eventIn, installsOf, untilInstalled } from './installs.ts';
import { refusalOf } from './requests.ts';

const LATE_SECONDS = 6;

type Removed = Install & { removal: { what: Record<string, number> } | null };

/** An account leaves: at once for its users, after the days of grace for its data. */
export async function uninstall(cast: AppCast): Promise<void> {
  cast.screen.heading('Uninstalled');
  const left = await leave(cast);
  await forget(cast, left);
  await comeBack(cast, left);
}

/** What is looked at again. */
interface Left {
  /** The install that ended. */
  install: string;
  customer: string;
  /** A customer whose event comes when the account has gone. */
  late: string;
}

async function leave(cast: AppCast): Promise<Left> {
  const { screen, app, dashboard, watch } = cast;
  const left = { install: '', late: '', customer: await app.makeCustomer(cast.both, 'test', 'Emil') };
  const theirs = await app.makeCustomer(cast.both, 'live', 'Emil');
  await screen.step(
    'the account uninstalls in test mode: its users are out at once, there only',
    async () => {
      const before = await app.stripe(cast.both, 'test').customers.list({ limit: 1 });
      expect(before.data.length === 1, 'the app had no access before');
      await app.control('faults', {
        kind: 'delay',
        match: 'customer.created',
        seconds: LATE_SECONDS,
        times: 3,
      });
      left.late = await app.makeCustomer(cast.both, 'test', 'Fay');
      const backend = await dashboard.open(cast.both, 'test');
      await app.uninstall(cast.both, 'test');
      const ended = await watch.until('the install to have ended', async () => {
        const [newest] = await installsOf(cast, cast.both, 'test');
        return newest && newest.status !== 'installed' ? newest : null;
      });
      left.install = ended.id;
      const refused = await refusalOf(backend.list(left.customer));
      expect(refused?.code === 'not_installed', `answered ${refused?.code ?? 'as if nothing were'}`);
      const live = await refusalOf((await dashboard.open(cast.both, 'live')).list(theirs));
      expect(live === null, `live mode: ${live?.code}`);
      return 'test: 403 not_installed; live: answered';
    },
  );
  return left;
}

async function forget(cast: AppCast, { install: id, late }: Left): Promise<void> {
  const { screen, app, watch, servers } = cast;
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
}

async function comeBack(cast: AppCast, { install: id, customer }: Left): Promise<void> {
  const { screen, app, dashboard } = cast;
  await screen.step('installed anew, the account begins with nothing', async () => {
    await app.installAgain(cast.both, 'test');
    const install = await untilInstalled(cast, cast.both, 'test');
    expect(install.id !== id, 'the old install was taken up again');
    const { notes } = await (await dashboard.open(cast.both, 'test')).list(customer);
    expect(notes.length === 0, `${notes.length} notes are left`);
    return `${install.id} in place of ${id}`;
  });
}
