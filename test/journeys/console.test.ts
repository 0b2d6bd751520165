import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import Stripe from 'stripe';
import { beforeAll, describe, expect, it } from 'vitest';
import { answerEverything, complaintsOf, typeCard, useBrowser } from '../support/browser.ts';
import { useDev } from '../support/dev.ts';

const dev = useDev(`
  import { existsSync } from 'node:fs';
  const giveUp = (why) => ({ kind: 'give_up', why });
  export default {
    shopName: 'Corner Coffee',
    products: [
      { id: 'coffee', name: 'Coffee', price: 350, currency: 'usd' },
      { id: 'cabin', name: 'Cabin', price: 5000, currency: 'usd', seller: 'ann', fee: { percent: 10 } },
    ],
    fulfil: async () => {},
    handlers: {
      'customer.created': () => (existsSync('mended') ? undefined : giveUp('the price list is gone')),
    },
  };`);
const browser = useBrowser();
// One tab of an admin, who looks on while others act.
let admin: Page;
let viewer: Page;
let complaints: string[];

const press = (page: Page, name: string | RegExp): Promise<void> =>
  page.getByRole('button', { name }).click();
const heading = (page: Page, name: string | RegExp): Promise<void> =>
  page.getByRole('heading', { name }).waitFor();
const menu = async (page: Page, item: string): Promise<void> => {
  await press(page, /: menu$/);
  await page.getByRole('menuitem', { name: item }).click();
};

beforeAll(async () => {
  [admin, viewer] = [await browser.open(1440), await browser.open(1440)];
  complaints = complaintsOf(admin);
});

async function buy(product: string): Promise<void> {
  const page = await browser.open();
  await page.goto(dev().url);
  await press(page, `Pay now: ${product}`);
  await typeCard(page, '4242 4242 4242 4242');
  await press(page, /^Pay \$/);
  await heading(page, 'Thank you');
}

describe('an operator', () => {
  it('signs in by the link that `dev` printed, which is good once', async () => {
    await admin.goto(dev().link);
    await press(admin, 'Sign in');
    await heading(admin, 'Today');
    const again = await browser.open(390);
    await again.goto(dev().link);
    await press(again, 'Sign in');
    await again.getByRole('alert').waitFor();
    expect(again.url()).toContain('/admin/link');
  });

  it('sees a payment that is made in another tab, without a reload', async () => {
    await admin.getByText('Up to date', { exact: true }).waitFor();
    await buy('Coffee');
    const card = admin.getByRole('region', { name: 'Revenue in USD' });
    await card.getByText('$3.50').first().waitFor();
    await buy('Coffee');
    await card.getByText('$7.00').first().waitFor();
  });

  it('finds an event whose handler failed, sees why, and runs it again when that is mended', async () => {
    const { stripe, folder } = dev();
    const { hostname: host, port } = new URL(stripe);
    const client = new Stripe('sk_test_quittance_local_development', { host, port, protocol: 'http' });
    await client.customers.create({ email: 'ben@example.com' });
    await admin.goto(`${dev().url}/admin/events?status=dead`);
    await admin.getByRole('link', { name: 'customer.created' }).first().click();
    await heading(admin, 'customer.created');
    await admin.getByText('the price list is gone').first().waitFor();
    writeFileSync(path.join(folder, 'mended'), '');
    await press(admin, 'Run it again');
    await admin.getByRole('dialog').getByRole('button', { name: 'Run it again' }).click();
    await admin.getByText('Its handlers have run.').waitFor();
  });

  it('refunds a part of an order, and sees before what that does', async () => {
    await admin.goto(`${dev().url}/admin/orders?search=ann@example.com`);
    await admin.getByRole('link', { name: 'Coffee', exact: true }).first().click();
    await heading(admin, 'Order of $3.50');
    await press(admin, 'Refund');
    const dialog = admin.getByRole('dialog');
    await dialog.getByLabel('Amount in USD').fill('1.50');
    await dialog.getByText('$2.00').waitFor();
    await dialog.getByRole('button', { name: 'Refund' }).click();
    await dialog.waitFor({ state: 'hidden' });
    await admin
      .getByText(/\$1\.50/)
      .first()
      .waitFor();
  });

  it('gives a seller the link that they lack, and sees them become ready', async () => {
    const reference = { reference: 'ann', name: 'Ann’s Cabins', email: 'ann@example.com', country: 'US' };
    const made = await dev().api('/api/connect/sellers', { method: 'POST', body: reference });
    expect(made.status).toBeLessThan(300);
    await admin.goto(`${dev().url}/admin/sellers`);
    await admin.getByRole('link', { name: /Ann’s Cabins/ }).click();
    await press(admin, 'New onboarding link');
    const address = await admin.getByRole('dialog').getByRole('textbox', { name: 'Address' }).inputValue();
    const seller = await browser.open(390);
    await seller.goto(address);
    await answerEverything(seller);
    await heading(seller, 'You are ready to be paid');
    await admin.reload();
    await admin.getByText('Ready', { exact: true }).first().waitFor();
  });
});

describe('somebody else', () => {
  const password = 'a long enough password';

  it('is let in by an admin as a viewer, and finds no button that changes anything', async () => {
    await admin.goto(`${dev().url}/admin/operators`);
    await press(admin, 'Add an operator');
    const dialog = admin.getByRole('dialog');
    await dialog.getByLabel('E-mail').fill('vic@example.com');
    await dialog.getByLabel('Role').selectOption('viewer');
    await dialog.getByRole('button', { name: 'Add' }).click();
    const address = await admin.getByRole('dialog').getByRole('textbox', { name: 'Address' }).inputValue();
    await viewer.goto(address);
    await viewer.getByRole('textbox', { name: 'New password' }).fill(password);
    await press(viewer, 'Set the password and sign in');
    await heading(viewer, 'Today');
    await viewer.goto(`${dev().url}/admin/events`);
    await viewer.getByRole('link', { name: 'customer.created' }).first().click();
    await heading(viewer, 'customer.created');
    await viewer.getByText('Its handlers have run.').waitFor();
    expect(await viewer.getByRole('button', { name: 'Run it again' }).count()).toBe(0);
    // Control: the admin has it on the same page.
    await admin.goto(viewer.url());
    await admin.getByRole('button', { name: 'Run it again' }).waitFor();
  });

  it('can not change anything past the page: not by role, nor with another page’s request', async () => {
    const replay = (page: Page, withToken: boolean): Promise<[number, string]> =>
      page.evaluate(async (own) => {
        const session = (await (await fetch('/api/session')).json()) as { csrf_token: string };
        const headers = new Headers({ 'content-type': 'application/json' });
        if (own) headers.set('x-csrf-token', session.csrf_token);
        const answer = await fetch('/api/events/1/replay', { method: 'POST', headers, body: '{}' });
        const { code } = (await answer.json()) as { code: string };
        return [answer.status, code] as [number, string];
      }, withToken);
    expect(await replay(viewer, true)).toEqual([403, 'forbidden']);
    expect(await replay(admin, false)).toEqual([403, 'csrf']);
    // Control: with its token the admin is let through; that event is done.
    expect(await replay(admin, true)).toEqual([409, 'event_already_done']);
  });

  it('is signed out by the end of the session, wherever it was ended', async () => {
    await admin.goto(`${dev().url}/admin/operators`);
    await admin.getByRole('link', { name: 'vic@example.com' }).click();
    await press(admin, 'Sign them out everywhere');
    await admin.getByText('Sessions ended: 1.').waitFor();
    await viewer.goto(`${dev().url}/admin/orders`);
    await heading(viewer, 'Sign in');
  });

  it('is locked out after guessing, even with the right password, and told for how long', async () => {
    await viewer.getByRole('textbox', { name: 'E-mail or name' }).fill('vic@example.com');
    for (let guess = 0; guess < 5; guess += 1) {
      await viewer.getByRole('textbox', { name: 'Password' }).fill(`wrong password ${guess}`);
      const answered = viewer.waitForResponse(/\/api\/session$/);
      await press(viewer, 'Sign in');
      await answered;
    }
    await viewer.reload();
    await viewer.getByRole('textbox', { name: 'E-mail or name' }).fill('vic@example.com');
    await viewer.getByRole('textbox', { name: 'Password' }).fill(password);
    await press(viewer, 'Sign in');
    await viewer.getByText('That was wrong too often.').waitFor();
    await viewer.getByText(/Try again in \d+:\d\d/).waitFor();
  });

  it('who signs out is out in all of the browser’s tabs', async () => {
    const tab = await admin.context().newPage();
    await tab.goto(`${dev().url}/admin/audit`);
    await heading(tab, 'Audit log');
    await menu(admin, 'Sign out');
    await heading(admin, 'Sign in');
    await tab.goto(`${dev().url}/admin/orders`);
    await heading(tab, 'Sign in');
    expect(complaints).toEqual([]);
  });
});
