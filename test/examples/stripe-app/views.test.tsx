/** @jsxImportSource react */
import './support/global-expect.ts';
import { Banner, ContextView, SettingsView, Spinner, TextArea, TextField } from '@stripe/ui-extension-sdk/ui';
import { beforeAll, describe, expect, it } from 'vitest';
import { backendFor, wordsFor } from '../../../examples/stripe-app/ui/src/backend.ts';
import Notes from '../../../examples/stripe-app/ui/src/views/Notes.tsx';
import Settings from '../../../examples/stripe-app/ui/src/views/Settings.tsx';
import { freshDatabase } from '../../support/database.ts';
import { runBackend, type Backend, type Installed } from './support/backend.ts';
import { until } from '../../support/quittance.ts';
import {
  ADMINISTRATOR,
  openDashboard,
  propsFor,
  SUPPORT,
  type Dashboard,
  type Visitor,
} from './support/dashboard.ts';
import { show, type Screen } from './support/screen.ts';

const place = await freshDatabase();
const { sql } = place.database;
let backend: Backend;

beforeAll(async () => {
  backend = await runBackend(place);
});

/** An account with the app and a customer, and the Dashboard of one of its users. */
async function open(
  roles: Visitor['roles'] = [ADMINISTRATOR],
): Promise<{ installed: Installed; customer: string; dashboard: Dashboard; visitor: Visitor }> {
  const installed = await backend.install();
  const { id: customer } = await installed.stripe.customers.create({ name: 'Jenny Rosen' });
  const visitor = { user: 'usr_jenny', account: installed.account, roles };
  const dashboard = openDashboard(await backend.signerFor(visitor), backend.url);
  return { installed, customer, dashboard, visitor };
}

function showNotes(visitor: Visitor, object: string | null): Screen {
  return show(<Notes {...propsFor(visitor, object)} />);
}

async function addFirst(screen: Screen, text: string): Promise<void> {
  await screen.says('No notes yet.');
  screen.type(text);
  screen.press('Add note');
  await screen.says('You, ');
}

function rowsOn(object: string): Promise<{ author: string; text: string }[]> {
  return sql`select author, text from payment_note where object = ${object} order by id`;
}

describe('the notes on a customer', () => {
  it('are read, added and kept by the backend', async () => {
    const { customer, visitor, dashboard } = await open();
    const screen = showNotes(visitor, customer);
    expect(screen.wrapper.find(Spinner)).not.toBeNull();
    await addFirst(screen, '  Pays late, “is” nice: ☕ ');
    expect(screen.wrapper.find(Spinner)).toBeNull();
    expect(screen.notes()).toEqual(['Pays late, “is” nice: ☕']);
    expect(screen.wrapper.find(TextArea)?.props.value).toBe('');
    expect(await rowsOn(customer)).toEqual([{ author: 'usr_jenny', text: 'Pays late, “is” nice: ☕' }]);
    expect([...new Set(dashboard.asked.map((address) => new URL(address).pathname))]).toEqual([
      '/apps/notes/list',
      '/apps/notes/add',
    ]);

    const again = showNotes(visitor, customer);
    await again.says('Pays late');
    expect(again.wrapper.find(ContextView)?.props.description).toBe('Jenny Rosen');
  });

  it('are seen on no other customer and by no other account', async () => {
    const { customer, visitor, installed } = await open();
    const screen = showNotes(visitor, customer);
    await addFirst(screen, 'Of this one only.');
    const other = await installed.stripe.customers.create({ email: 'bob@example.com' });
    const beside = showNotes(visitor, other.id);
    await beside.says('No notes yet.');
    const stranger = await open();
    const theirs = showNotes(stranger.visitor, customer);
    await theirs.says('The notes could not be read');
    expect(theirs.words()).not.toContain('Of this one only.');
  });

  it('may be on a payment, which is called by its description', async () => {
    const { visitor, installed } = await open();
    const { paymentIntents } = installed.stripe;
    const tea = await paymentIntents.create({ amount: 420, currency: 'usd', description: 'Tea' });
    const plain = await paymentIntents.create({ amount: 420, currency: 'usd' });
    for (const [payment, name] of [
      [tea, 'Tea'],
      [plain, plain.id],
    ] as const) {
      const screen = showNotes(visitor, payment.id);
      await screen.says('No notes yet.');
      expect(screen.wrapper.find(ContextView)?.props.description).toBe(name);
    }
  });

  it('can be too long for the signature’s address', async () => {
    const { customer, visitor } = await open();
    const screen = showNotes(visitor, customer);
    const long = 'ü'.repeat(1_999);
    await addFirst(screen, long);
    expect((await rowsOn(customer))[0]?.text).toBe(long);
  });

  it('are deleted by an administrator who said so twice', async () => {
    const { customer, visitor } = await open();
    const screen = showNotes(visitor, customer);
    await screen.says('No notes yet.');
    expect(screen.has('Delete all notes')).toBe(false);
    await addFirst(screen, 'Soon gone.');
    screen.press('Delete all notes');
    screen.press('Keep');
    expect(await rowsOn(customer)).toHaveLength(1);
    screen.press('Delete all notes');
    screen.press('Delete');
    await screen.says('No notes yet.');
    expect(await rowsOn(customer)).toEqual([]);
  });

  it('are not deleted by others, whatever their Dashboard shows', async () => {
    const { customer, visitor } = await open([SUPPORT]);
    const screen = showNotes(visitor, customer);
    await addFirst(screen, 'Stays.');
    expect(screen.has('Delete all notes')).toBe(false);
    // A view that claims a role: Stripe signs nothing with it.
    const forged = showNotes({ ...visitor, roles: [ADMINISTRATOR] }, customer);
    await forged.says('Stays.');
    forged.press('Delete all notes');
    forged.press('Delete');
    await forged.says('The notes were not deleted');
    expect(forged.words()).toContain('Stripe could not sign the request');
    // One that shows what the user has: the backend asks for more.
    const refused = backendFor(propsFor(visitor, customer)).deleteAll(customer);
    await expect(refused).rejects.toMatchObject({ code: 'role_missing' });
    expect(wordsFor(await refused.catch((error: unknown) => error))).toBe('Only administrators may do this.');
    expect(await rowsOn(customer)).toHaveLength(1);
  });
});

describe('what goes wrong is said in words', () => {
  it('a permission that the app lacks, in Stripe’s words', async () => {
    const { customer, visitor, installed } = await open();
    await installed.permit('event_read');
    const screen = showNotes(visitor, customer);
    await screen.says('The app may not do this on your account.');
    expect(screen.words()).toContain('customer_read');
    await installed.permit('event_read', 'customer_read');
    screen.press('Try again');
    await screen.says('No notes yet.');
    expect(screen.wrapper.find(Banner)).toBeNull();
    await until(async () => {
      const [row] = await sql<{ permissions: string[] }>`
        select permissions from payment_note_user where install = ${installed.id}`;
      return row?.permissions.includes('customer_read');
    }, 'the backend to hear of the permission');
  });

  it('an app that is not installed any more, and what was typed stays', async () => {
    const { customer, visitor, installed } = await open();
    const screen = showNotes(visitor, customer);
    await screen.says('No notes yet.');
    await installed.uninstall();
    screen.type('Where will this go?');
    screen.press('Add note');
    await screen.says('The app is not installed on this account');
    expect(screen.wrapper.find(TextArea)?.props.value).toBe('Where will this go?');
    expect(await rowsOn(customer)).toEqual([]);
  });

  it('a server that can’t be reached, until it can', async () => {
    const { customer, visitor, dashboard } = await open();
    dashboard.isOnline = false;
    const screen = showNotes(visitor, customer);
    await screen.says('Our server can’t be reached.');
    dashboard.isOnline = true;
    screen.press('Try again');
    await screen.says('No notes yet.');
  });

  it('a page without a customer or payment', async () => {
    const { visitor, dashboard } = await open();
    expect(showNotes(visitor, null).words()).toContain('Open a customer or a payment');
    expect(dashboard.asked).toEqual([]);
  });
});

describe('the settings', () => {
  const HOOK = 'https://hooks.slack.com/services/T0/B0/secret';

  function save(screen: Screen, slack: string): void {
    screen.wrapper.find(SettingsView)?.trigger('onSave', { slack });
  }

  it('keep the address of a Slack channel in Stripe’s Secret Store', async () => {
    const { visitor, installed, customer, dashboard } = await open();
    const screen = show(<Settings {...propsFor(visitor, null)} />);
    await screen.says('No Slack channel is connected.');
    save(screen, 'https://example.com/hook');
    await screen.status('Our server refused: Send "url"');
    save(screen, HOOK);
    await screen.status('Saved');
    expect(screen.words()).toContain('A Slack channel is connected.');
    expect(await installed.secret('slack_webhook')).toBe(HOOK);
    const notes = showNotes(visitor, customer);
    await addFirst(notes, 'Between us.');
    const told = await until(async () => dashboard.slack[0], 'Slack to hear of it');
    expect(told).toEqual({ url: HOOK, body: { text: `There is a new note on ${customer}.` } });
    save(screen, '');
    await screen.says('No Slack channel is connected.');
    await expect(installed.secret('slack_webhook')).rejects.toThrow('No such secret');
  });

  it('are an administrator’s', async () => {
    const { visitor } = await open([SUPPORT]);
    const screen = show(<Settings {...propsFor(visitor, null)} />);
    await screen.says('No Slack channel is connected.');
    expect(screen.words()).toContain('Only administrators may change this.');
    expect(screen.wrapper.find(TextField)).toBeNull();
  });
});

it('an account’s notes are counted, kept for a while after it has left, and then removed', async () => {
  const { customer, installed } = await open();
  const stays = await open();
  for (const { customer: object, installed: of } of [{ customer, installed }, stays])
    await sql`
      insert into payment_note (install, object, author, text)
      values (${of.id}, ${object}, 'usr_jenny', 'Nice.')`;
  const counts = (): Promise<{ notes: number }[]> =>
    sql`select notes from payment_note_count where install = ${installed.id}`;
  // The job that the install queued; the night's is the same.
  await until(async () => (await counts()).length === 1, 'the first count');

  await installed.uninstall();
  expect(await rowsOn(customer)).toHaveLength(1);
  const removal = await backend.api(`/api/apps/installs/${installed.id}/data`, { method: 'DELETE' });
  expect(removal.status).toBeLessThan(300);
  await until(async () => (await rowsOn(customer)).length === 0, 'the removal');
  expect(await counts()).toEqual([]);
  const [record] = await sql<{ what: object }>`
    select what from quittance.install_removal where install = ${installed.id}`;
  expect(record?.what).toMatchObject({ notes: 1, counts: 1 });
  expect(await rowsOn(stays.customer)).toHaveLength(1);
});
