/** @jsxImportSource react */
import './support/global-expect.ts';
import { Banner, ContextView, SettingsView, Spinner, TextArea, TextField } from '@stripe/ui-extension-sdk/ui';
import { beforeAll, describe, expect, it } from 'vitest';
import { backendFor, wordsFor } from '../../../examples/stripe-app/ui/src/backend.ts';
import Notes from '../../../examples/stripe-app/ui/src/views/Notes.tsx';
import Settings from '../../../examples/stripe-app/ui/src/views/Settings.tsx';
import { freshDatabase } from '../../support/database.ts';
import { makeTables, runBackend, type Backend } from './support/backend.ts';
import { ADMINISTRATOR, openDashboard, propsFor, SUPPORT, type Visitor } from './support/dashboard.ts';
import { show, type Screen } from './support/screen.ts';
import { runStripe, type Installed, type StripeWithApp } from './support/stripe.ts';

type Dashboard = ReturnType<typeof openDashboard>;

const { database } = await freshDatabase();
const { sql } = database;
let stripe: StripeWithApp;
let backend: Backend;

beforeAll(async () => {
  stripe = await runStripe();
  backend = await runBackend(database, stripe.appSecret);
  await makeTables(database);
});

/** An account with the app and a customer, and the Dashboard of one of its users. */
async function open(
  roles: Visitor['roles'] = [ADMINISTRATOR],
): Promise<{ installed: Installed; customer: string; dashboard: Dashboard; visitor: Visitor }> {
  const installed = await stripe.install();
  backend.admit(installed);
  const { id: customer } = await installed.stripe.customers.create({ name: 'Jenny Rosen' });
  const visitor = { user: 'usr_jenny', account: installed.install.account, roles };
  const dashboard = openDashboard(await stripe.signerFor(visitor), backend.url);
  return { installed, customer, dashboard, visitor };
}

function showNotes(visitor: Visitor, object: string | null): Screen {
  return show(<Notes {...propsFor(visitor, object)} />);
}

function rowsOn(object: string): Promise<{ author: string; text: string }[]> {
  return sql`select author, text from payment_note where object = ${object} order by id`;
}

describe('the notes on a customer', () => {
  it('are read, added and kept by the backend', async () => {
    const { customer, visitor, dashboard } = await open();
    const screen = showNotes(visitor, customer);
    expect(screen.wrapper.find(Spinner)).not.toBeNull();
    await screen.says('No notes yet.');
    expect(screen.wrapper.find(Spinner)).toBeNull();
    screen.type('  Pays late, “is” nice: ☕ ');
    screen.press('Add note');
    await screen.says('You, ');
    expect(screen.notes()).toEqual(['Pays late, “is” nice: ☕']);
    expect(screen.wrapper.find(TextArea)?.props.value).toBe('');
    expect(await rowsOn(customer)).toEqual([{ author: 'usr_jenny', text: 'Pays late, “is” nice: ☕' }]);
    expect(backend.queued.at(-1)).toEqual({ name: 'tell-slack', payload: { object: customer } });
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
    await screen.says('No notes yet.');
    screen.type('Of this one only.');
    screen.press('Add note');
    await screen.says('You, ');
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
    await screen.says('No notes yet.');
    const long = 'ü'.repeat(1_999);
    screen.type(long);
    screen.press('Add note');
    await screen.says('You, ');
    expect((await rowsOn(customer))[0]?.text).toBe(long);
  });

  it('are deleted by an administrator who said so twice', async () => {
    const { customer, visitor } = await open();
    const screen = showNotes(visitor, customer);
    await screen.says('No notes yet.');
    expect(screen.has('Delete all notes')).toBe(false);
    screen.type('Soon gone.');
    screen.press('Add note');
    await screen.says('You, ');
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
    await screen.says('No notes yet.');
    screen.type('Stays.');
    screen.press('Add note');
    await screen.says('You, ');
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
  });

  it('an app that is not installed any more, and what was typed stays', async () => {
    const { customer, visitor, installed } = await open();
    const screen = showNotes(visitor, customer);
    await screen.says('No notes yet.');
    backend.dismiss(installed.install.account);
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
    const { visitor, installed } = await open();
    const screen = show(<Settings {...propsFor(visitor, null)} />);
    await screen.says('No Slack channel is connected.');
    save(screen, 'https://example.com/hook');
    await screen.status('Our server refused: Send "url"');
    save(screen, HOOK);
    await screen.status('Saved');
    expect(screen.words()).toContain('A Slack channel is connected.');
    expect(await installed.secrets.get('slack_webhook')).toBe(HOOK);
    save(screen, '');
    await screen.says('No Slack channel is connected.');
    expect(await installed.secrets.get('slack_webhook')).toBeNull();
  });

  it('are an administrator’s', async () => {
    const { visitor } = await open([SUPPORT]);
    const screen = show(<Settings {...propsFor(visitor, null)} />);
    await screen.says('No Slack channel is connected.');
    expect(screen.words()).toContain('Only administrators may change this.');
    expect(screen.wrapper.find(TextField)).toBeNull();
  });
});
