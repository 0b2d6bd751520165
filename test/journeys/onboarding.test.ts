import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { control } from '../simulator/support/simulator.ts';
import { answerEverything, complaintsOf, useBrowser } from '../support/browser.ts';
import { freshDatabase } from '../support/database.ts';
import { fundSeller, runMarketplace, type Marketplace } from '../support/marketplace.ts';
import { until } from '../support/quittance.ts';
import { addSeller, postApi } from '../support/sellers.ts';

const browser = useBrowser();
let place: { url: string; sql: Database['sql'] };

beforeAll(async () => {
  const { url, database } = await freshDatabase();
  place = { url, sql: database.sql };
});

const press = (page: Page, name: string): Promise<void> => page.getByRole('button', { name }).click();
const heading = (page: Page, name: string): Promise<void> => page.getByRole('heading', { name }).waitFor();

/** What we know of a seller without asking Stripe: webhooks told it, or nobody. */
async function knownAs(shop: Marketplace, id: string, status: string): Promise<void> {
  const ask = async (): Promise<boolean> => {
    const [row] = await place.sql<{ status: string }>`select status from quittance.seller where id = ${id}`;
    return row?.status === status;
  };
  await shop.settled();
  await until(ask, `seller ${id} as ${status}`);
}

async function enter(shop: Marketplace, page: Page, path: string): Promise<void> {
  const { url } = await postApi<{ url: string }>(shop, path);
  await page.goto(url);
}

describe('a seller', () => {
  it('leaves Stripe’s pages in the middle, goes on, and is ready', async () => {
    const shop = await runMarketplace(place);
    const { seller, url } = await addSeller(shop, 'ann', { name: 'Ann’s Rooms' });
    const page = await browser.open(390);
    const complaints = complaintsOf(page);
    await page.goto(url);
    await press(page, 'Use test code');
    await press(page, 'Use test data');
    await press(page, 'Continue');
    await page.getByRole('link', { name: 'Return to the platform' }).click();
    await heading(page, 'Something is still missing');
    await page.getByText('Bank account for payouts').waitFor();
    await knownAs(shop, seller.id, 'incomplete');

    await page.getByRole('link', { name: 'Go on at Stripe' }).click();
    await answerEverything(page);
    await heading(page, 'You are ready to be paid');
    expect(complaints).toEqual([]);
    // The page has asked Stripe; of this one only the webhook tells.
    const { seller: other, url: begin } = await addSeller(shop, 'ben');
    const second = await browser.open();
    await second.goto(begin);
    await second.route(`${shop.url}/**`, (route) => route.abort());
    await answerEverything(second).catch(() => {});
    await knownAs(shop, other.id, 'ready');
  });

  it('connects an account by OAuth, may refuse first, and sees their page', async () => {
    const shop = await runMarketplace(place);
    const { seller, url } = await addSeller(shop, 'cat', { mode: 'oauth', name: 'Cat’s Boats' });
    const page = await browser.open();
    const complaints = complaintsOf(page);
    await page.goto(url);
    await press(page, 'Cancel');
    await page.getByText('The user denied your request').waitFor();
    await page.getByRole('link', { name: 'Begin again' }).click();
    expect(await page.getByLabel('Business name').inputValue()).toBe('Cat’s Boats');
    await press(page, 'Connect my Stripe account');
    await heading(page, 'You are ready to be paid');
    // The way back is used up, in this browser too.
    await page.goBack();
    const cookies = await page.context().cookies();
    expect(cookies.find(({ name }) => name === '__Host-quittance_oauth')).toMatchObject({
      httpOnly: true,
      secure: true,
      sameSite: 'Lax',
    });

    const [row] = await place.sql<{ account: string }>`
      select account from quittance.seller where id = ${seller.id}`;
    await fundSeller(shop, { account: row?.account ?? '' }, 12_345);
    await enter(shop, page, `/api/connect/sellers/${seller.id}/page-links`);
    await page.getByText('$123.45').waitFor();
    expect(page.url()).toBe(`${shop.url}/connect/seller/${seller.id}`);
    await press(page, 'Sign out');
    await heading(page, 'You are not signed in here');
    await page.goto(`${shop.url}/connect/seller/${seller.id}`);
    await heading(page, 'You are not signed in here');
    expect(complaints).toEqual([]);
  });
});

it('staff finds a seller, hands over a link, and closes an account', async () => {
  const shop = await runMarketplace(place);
  const { seller } = await addSeller(shop, 'dan', { name: 'Dan’s Bikes' });
  const { seller: ready } = await addSeller(shop, 'eve', { name: 'Eve’s Huts' });
  await control(shop.simulator, 'POST', `accounts/${ready.account}/onboard`, {});
  await knownAs(shop, ready.id, 'ready');
  const page = await browser.open();
  const complaints = complaintsOf(page);
  await enter(shop, page, '/api/connect/staff-links');
  await page.getByRole('link', { name: 'Ready', exact: true }).click();
  await page.getByRole('link', { name: 'Eve’s Huts' }).waitFor();
  await page.getByRole('link', { name: 'Not started' }).click();
  await page.getByRole('link', { name: 'Dan’s Bikes' }).click();
  await press(page, 'New onboarding link');
  const link = await page.getByLabel('Give this link to the seller').inputValue();
  const sellers = await browser.open();
  await sellers.goto(link);
  await sellers.getByRole('button', { name: 'Use test code' }).waitFor();
  await press(page, 'Ask Stripe again');
  await page.getByText('this is how it stands now').waitFor();
  await page.getByLabel('Yes, close it').check();
  await press(page, 'Close the account');
  await page.getByText('The seller is disconnected.').waitFor();
  await knownAs(shop, seller.id, 'disconnected');
  await page.getByRole('link', { name: 'All sellers' }).click();
  await press(page, 'Sign out');
  await heading(page, 'You are not signed in here');
  expect(complaints).toEqual([]);
});
