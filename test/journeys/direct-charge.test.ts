import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { complaintsOf, useBrowser } from '../support/browser.ts';
import { CATALOGUE, intentOf, wholeOrderOf } from '../support/cart.ts';
import { freshDatabase } from '../support/database.ts';
import { readySeller, runMarketplace } from '../support/marketplace.ts';

const browser = useBrowser();
let place: { url: string; database: Database };

beforeAll(async () => {
  place = await freshDatabase();
});

describe('buying from a seller on our own page', () => {
  it('pays on the seller’s account, and the order is fulfilled', async () => {
    const market = await runMarketplace({ url: place.url, sql: place.database.sql }, { products: CATALOGUE });
    const bob = await readySeller(market, 'bob');
    const page = await browser.open();
    const complaints = complaintsOf(page);
    await page.goto(`${market.url}/pay/tent`);
    await page.getByLabel('E-mail').fill('ann@example.com');
    const card = page.frameLocator('#payment-element iframe').first();
    await card.locator('[name=number]').fill('4242 4242 4242 4242');
    await card.locator('[name=expiry]').fill('12 / 34');
    await card.locator('[name=cvc]').fill('123');
    const postal = card.locator('[name=postalCode]');
    if ((await postal.count()) > 0) await postal.fill('12345');
    await page.getByRole('button', { name: 'Pay $20.00' }).click();
    await page.getByText('your order is complete').waitFor();
    const [order] = await market.orders();
    const whole = await wholeOrderOf(market, { order: order?.id ?? '' });
    expect(whole).toMatchObject({ status: 'fulfilled', charge_type: 'direct', destination: bob.account });
    const intent = await intentOf(market, whole, bob.account);
    expect(intent).toMatchObject({ status: 'succeeded', amount: 2_000, application_fee_amount: 150 });
    expect(complaints).toEqual([]);
    // The seller and the fee are no business of the buyer's.
    expect(await page.content()).not.toMatch(/bob|acct_|1\.50/);
  });
});
