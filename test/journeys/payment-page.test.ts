import type { FrameLocator, Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { complaintsOf, useBrowser } from '../support/browser.ts';
import { freshDatabase } from '../support/database.ts';
import { until } from '../support/quittance.ts';
import { runShop, type Shop } from '../support/shop.ts';

const browser = useBrowser();
let place: { url: string; database: Database };

beforeAll(async () => {
  place = await freshDatabase();
});

async function openPayPage(width?: number): Promise<{ shop: Shop; page: Page; complaints: string[] }> {
  const shop = await runShop({ url: place.url, sql: place.database.sql });
  const page = await browser.open(width);
  const complaints = complaintsOf(page);
  await page.goto(`${shop.url}/pay/coffee?quantity=2`);
  await page.getByLabel('E-mail').fill('ann@example.com');
  return { shop, page, complaints };
}

function card(page: Page): FrameLocator {
  return page.frameLocator('#payment-element iframe').first();
}

async function typeCard(page: Page, number: string): Promise<void> {
  await card(page).locator('[name=number]').fill(number);
  await card(page).locator('[name=expiry]').fill('12 / 34');
  await card(page).locator('[name=cvc]').fill('123');
  const postal = card(page).locator('[name=postalCode]');
  if ((await postal.count()) > 0) await postal.fill('12345');
}

async function newestOrder(shop: Shop): Promise<string> {
  return (await shop.orders()).at(-1)?.id ?? '';
}

const payButton = (page: Page) => page.getByRole('button', { name: 'Pay $7.00' });

describe('buying on our own page', () => {
  it('pays with the Payment Element under the strict policy, and the order is fulfilled once', async () => {
    const { shop, page, complaints } = await openPayPage();
    await typeCard(page, '4242 4242 4242 4242');
    await payButton(page).click();
    await page.getByText('your order is complete').waitFor();
    const order = await newestOrder(shop);
    expect((await shop.orderIn(order, 'fulfilled')).amount).toEqual({ value: 700, currency: 'usd' });
    expect(await shop.fulfilments(order)).toBe(1);
    expect(complaints).toEqual([]);
    // The client secret is in no address, and in no line of the log.
    expect(page.url()).not.toContain('_secret_');
    expect(shop.log.text()).not.toContain('_secret_');
  });

  it('shows errors as the buyer types, and a decline gives the button back', async () => {
    const { shop, page } = await openPayPage(390);
    await card(page).locator('[name=number]').fill('4242 4242 4242 4241');
    await card(page).locator('[name=expiry]').click();
    await card(page)
      .getByText(/card number is (invalid|incorrect|not valid)/i)
      .waitFor();
    await page.getByLabel('E-mail').fill('ann');
    await page.getByLabel('E-mail').blur();
    await page.getByText('Enter an e-mail address').waitFor();
    await page.getByLabel('E-mail').fill('ann@example.com');
    await typeCard(page, '4000 0000 0000 0002');
    await payButton(page).click();
    await page.getByText('Your card was declined').waitFor();
    await until(async () => payButton(page).isEnabled(), 'the button is given back');
    const order = await newestOrder(shop);
    expect(await shop.fulfilments(order)).toBe(0);
    await typeCard(page, '4242 4242 4242 4242');
    await payButton(page).click();
    await page.getByText('your order is complete').waitFor();
    expect(await newestOrder(shop)).toBe(order);
    expect(await shop.fulfilments(order)).toBe(1);
  });

  it('opens the 3-D Secure dialog, and refuses when the buyer fails it', async () => {
    const { shop, page, complaints } = await openPayPage();
    await typeCard(page, '4000 0027 6000 3184');
    await payButton(page).click();
    const dialog = page.frameLocator(
      'iframe[name*="challenge"], iframe[title*="3-D" i], iframe[src*="authenticate"]',
    );
    await dialog.getByRole('button', { name: 'Fail' }).click();
    await page
      .locator('#error')
      .getByText(/authenticat/i)
      .waitFor();
    expect(await shop.fulfilments(await newestOrder(shop))).toBe(0);
    await until(async () => payButton(page).isEnabled(), 'the button is given back');
    await payButton(page).click();
    await dialog.getByRole('button', { name: 'Complete' }).click();
    await page.getByText('your order is complete').waitFor();
    expect(complaints).toEqual([]);
  });

  it('settles by the webhook when the tab is closed at once', async () => {
    const { shop, page } = await openPayPage();
    await typeCard(page, '4242 4242 4242 4242');
    const confirmed = page.waitForResponse((answer) => answer.url().includes('/confirm'));
    await payButton(page).click();
    await confirmed;
    await page.close();
    const order = await newestOrder(shop);
    await shop.orderIn(order, 'fulfilled');
    expect(await shop.fulfilments(order)).toBe(1);
  });

  it('says so when a product does not exist or the quantity is impossible', async () => {
    const shop = await runShop({ url: place.url, sql: place.database.sql });
    const page = await browser.open();
    expect((await page.goto(`${shop.url}/pay/tea`))?.status()).toBe(404);
    await page.getByRole('heading', { name: 'There is no such product' }).waitFor();
    expect((await page.goto(`${shop.url}/pay/coffee?quantity=99`))?.status()).toBe(400);
    await page.getByText('between 1 and 10').waitFor();
  });

  it('blocks a script that somebody managed to put into the page', async () => {
    const { page, complaints } = await openPayPage();
    await page.evaluate(() => {
      const script = document.createElement('script');
      script.textContent = 'window.injected = true';
      document.body.append(script);
    });
    expect(await page.evaluate(() => (window as { injected?: boolean }).injected)).toBeUndefined();
    expect(complaints.join()).toMatch(/script-src/);
  });
});
