import { BackendError } from '../../../app-client/error.ts';
import { expect } from '../expect.ts';
import type { AppCast } from './cast.ts';
import { ADMINISTRATOR, SUPPORT, type Sent } from './dashboard.ts';
import { writeNotes } from './timetable.ts';

/** The extension calls the backend; what is not exactly that is refused. */
export async function requests(cast: AppCast): Promise<void> {
  const { screen, app, dashboard } = cast;
  screen.heading('Signed requests');
  let customer = '';
  await screen.step('the example’s extension writes a note on a customer, signed by Stripe', async () => {
    customer = await app.makeCustomer(cast.both, 'test', 'Bea Buyer');
    const backend = await dashboard.open(cast.both, 'test', [SUPPORT]);
    await backend.add(customer, 'Paid by phone.');
    const { name, notes } = await backend.list(customer);
    expect(name === 'Bea Buyer' && notes.length === 1, `it reads ${JSON.stringify({ name, notes })}`);
    return `"${notes[0]?.text}" on ${name}, by ${notes[0]?.author}`;
  });
  await screen.step(
    'the same in live mode goes to the other server, which knows nothing of that',
    async () => {
      const theirs = await app.makeCustomer(cast.both, 'live', 'Bea Buyer');
      const { notes } = await (await dashboard.open(cast.both, 'live')).list(theirs);
      expect(notes.length === 0, `${notes.length} notes`);
      return 'no notes there';
    },
  );
  await screen.step('a request that is sent twice is refused', async () => {
    const backend = await dashboard.open(cast.both, 'test');
    await backend.add(customer, 'Once.');
    const again = await dashboard.sendAgain();
    expect(again.code === 'replayed', `answered ${again.status} ${again.code}`);
    return `${again.status} ${again.code}`;
  });
  await screen.step('sent to another path, with another body, unsigned: refused', async () => {
    const backend = await dashboard.open(cast.both, 'test');
    await backend.list(customer);
    const codes = [];
    for (const change of [elsewhere, altered, unsigned]) codes.push((await dashboard.sendAgain(change)).code);
    const wanted = 'path_mismatch, invalid_signature, missing_signature';
    expect(codes.join(', ') === wanted, `answered ${codes.join(', ')}`);
    return wanted;
  });
  await screen.step('every site may ask these addresses, without cookies, and no other address', async () => {
    const { url } = cast.servers.test;
    const open = await preflight(`${url}/apps/notes/list`);
    const closed = await preflight(`${url}/api/apps/installs`);
    expect(open === '*' && closed === null, `allowed: ${open} and ${closed}`);
    return 'OPTIONS /apps/notes/list allows *, /api/apps/installs nobody';
  });
  await screen.step('deleting needs a role that Stripe vouches for', async () => {
    const refused = await refusalOf((await dashboard.open(cast.both, 'test', [SUPPORT])).deleteAll(customer));
    expect(refused?.code === 'role_missing', `answered ${refused?.code}`);
    await (await dashboard.open(cast.both, 'test', [ADMINISTRATOR])).deleteAll(customer);
    return `support: ${refused?.status} role_missing; administrator: done`;
  });
  // For the timetable, which comes round while other things are shown.
  cast.notes = await writeNotes(cast);
}

/** What the backend refused with; null when it did not. */
export async function refusalOf(work: Promise<unknown>): Promise<BackendError | null> {
  try {
    await work;
    return null;
  } catch (error) {
    // The extension has the class from its own copy of the client.
    if (error instanceof Error && error.name === BackendError.name) return error as BackendError;
    throw error;
  }
}

const elsewhere = ({ url, init }: Sent): Sent => ({ url: url.replace('/list', '/delete-all'), init });

const altered = ({ url, init }: Sent): Sent => ({
  url,
  init: { ...init, body: (init.body as string).replace('cus_', 'cus_0') },
});

const unsigned = ({ url, init }: Sent): Sent => ({ url, init: { ...init, headers: {} } });

async function preflight(url: string): Promise<string | null> {
  const headers = { origin: 'null', 'access-control-request-method': 'POST' };
  return (await fetch(url, { method: 'OPTIONS', headers })).headers.get('access-control-allow-origin');
}
