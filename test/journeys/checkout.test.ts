import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { complaintsOf, typeCard, useBrowser } from '../support/browser.ts';
import { freshDatabase } from '../support/database.ts';
import { runShop, type Shop } from '../support/shop.ts';

const browser = useBrowser();
let place: { url: string; database: Database };

beforeAll(async () => {
  place = await freshDatabase();
});

function shop(): Promise<Shop> {
  return runShop({ url: place.url, sql: place.database.sql });
}

async function newestOrder({ orders }: Shop): Promise<string> {
  return (await orders()).at(-1)?.id ?? '';
}

describe('buying by Checkout', () => {
  it('leads from the shop to Stripe and back, and the order is fulfilled once', async () => {
    const running = await shop();
    const page = await browser.open();
    const complaints = complaintsOf(page);
    await page.goto(running.url);
    await page.getByLabel('Quantity').fill('2');
    await page.getByRole('button', { name: 'Pay now: Coffee' }).click();
    await page.getByText('$7.00').first().waitFor();
    await typeCard(page, '4242 4242 4242 4242');
    await page.getByRole('button', { name: 'Pay $7.00' }).click();
    await page.getByRole('heading', { name: 'Thank you' }).waitFor();
    const order = await newestOrder(running);
    await running.orderIn(order, 'fulfilled');
    await page.getByText('your order is complete').waitFor();
    expect(await running.fulfilments(order)).toBe(1);
    expect(complaints).toEqual([]);

    // Reloaded, the page says the same and nothing happens twice.
    await page.reload();
    await page.getByText('your order is complete').waitFor();
    expect(await running.fulfilments(order)).toBe(1);
  });

  it('shows a decline on the page, and a second card pays the same order', async () => {
    const running = await shop();
    const page = await browser.open(390);
    await page.goto(running.url);
    await page.getByRole('button', { name: 'Pay now: Coffee' }).click();
    await typeCard(page, '4000 0000 0000 0002');
    await page.getByRole('button', { name: 'Pay $3.50' }).click();
    await page.getByText('Your card was declined').waitFor();
    const order = await newestOrder(running);
    await running.orderIn(order, 'failed');
    expect(await running.fulfilments(order)).toBe(0);
    await typeCard(page, '4242 4242 4242 4242');
    await page.getByRole('button', { name: 'Pay $3.50' }).click();
    await page.getByRole('heading', { name: 'Thank you' }).waitFor();
    await running.orderIn(order, 'fulfilled');
    expect(await running.fulfilments(order)).toBe(1);
  });

  it('asks the bank with 3-D Secure before anything is paid', async () => {
    const running = await shop();
    const page = await browser.open();
    await page.goto(running.url);
    await page.getByRole('button', { name: 'Pay now: Coffee' }).click();
    await typeCard(page, '4000 0027 6000 3184');
    await page.getByRole('button', { name: 'Pay $3.50' }).click();
    await page.getByRole('button', { name: 'Complete' }).waitFor();
    const order = await newestOrder(running);
    expect((await running.order(order)).paid_at).toBeNull();
    await page.getByRole('button', { name: 'Complete' }).click();
    await page.getByRole('heading', { name: 'Thank you' }).waitFor();
    await running.orderIn(order, 'fulfilled');
  });

  it('goes back to the shop when the buyer leaves', async () => {
    const running = await shop();
    const page = await browser.open();
    await page.goto(running.url);
    await page.getByRole('button', { name: 'Pay now: Coffee' }).click();
    await page.getByRole('link', { name: 'Back' }).click();
    await page.getByRole('heading', { name: 'Nothing was charged' }).waitFor();
    await page.getByRole('link', { name: 'Back to the shop' }).click();
    await page.getByRole('button', { name: 'Pay now: Coffee' }).waitFor();
  });
});

describe('the success page', () => {
  it('fulfils without any webhook, and does so once', async () => {
    const running = await shop();
    // Every delivery is lost: only the page can tell.
    running.simulator.faults.add({ kind: 'drop' });
    const page = await browser.open();
    await page.goto(running.url);
    await page.getByRole('button', { name: 'Pay now: Coffee' }).click();
    await typeCard(page, '4242 4242 4242 4242');
    await page.getByRole('button', { name: 'Pay $3.50' }).click();
    await page.getByText('your order is complete').waitFor();
    const order = await newestOrder(running);
    expect(await running.fulfilments(order)).toBe(1);
  });

  it('does not believe an address: made-up, foreign and unpaid sessions', async () => {
    const running = await shop();
    const page = await browser.open();
    for (const session of ['cs_test_madeup', '', "x' or 1=1", 'cs_test_<script>']) {
      const answer = await page.goto(
        `${running.url}/payment/success?session_id=${encodeURIComponent(session)}`,
      );
      expect(answer?.status()).toBe(404);
      await page.getByRole('heading', { name: 'We do not know this payment' }).waitFor();
    }
    const created = await fetch(`${running.url}/api/create-payment-link`, {
      method: 'POST',
      body: '{"id":"coffee"}',
    });
    const { data } = (await created.json()) as { data: { order_id: string } };
    const { checkout_session: session } = await running.order(data.order_id);
    await page.goto(`${running.url}/payment/success?session_id=${session}&status=paid`);
    await page.getByRole('heading', { name: 'Not paid yet' }).waitFor();
    expect(await running.fulfilments(data.order_id)).toBe(0);
  });

  it('follows a delayed payment until it is there', async () => {
    const running = await shop();
    const page = await browser.open();
    await page.goto(running.url);
    await page.getByRole('button', { name: 'Pay now: Coffee' }).click();
    await typeCard(page, '4242 4242 4242 4242');
    // The buyer's tab is on the success page before anything was told to us.
    running.simulator.faults.add({ kind: 'drop' });
    const order = await newestOrder(running);
    const { checkout_session: session } = await running.order(order);
    const waiting = await browser.open();
    await waiting.goto(`${running.url}/payment/success?session_id=${session}`);
    await waiting.getByRole('heading', { name: 'Not paid yet' }).waitFor();
    await page.getByRole('button', { name: 'Pay $3.50' }).click();
    await page.getByText('your order is complete').waitFor();
    // The first tab is told without being reloaded.
    await waiting.getByText('your order is complete').waitFor();
  });
});
