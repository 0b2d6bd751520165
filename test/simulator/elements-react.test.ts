import path from 'node:path';
import type { Page } from 'playwright-core';
import { build } from 'vite';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { useBrowser, useShop } from './support/browser.ts';
import { part, shown, typeCard } from './support/elements-page.ts';
import { useSimulator } from './support/simulator.ts';

// The real @stripe/react-stripe-js 7 and @stripe/stripe-js 10 with React 19, bundled as a shop would.

const local = useSimulator();
const browser = useBrowser();
const shop = useShop();
let code: string;

afterEach(() => browser.throwComplaints());
beforeAll(async () => {
  code = await bundle(path.join(import.meta.dirname, 'support/react-shop.js'));
});

async function bundle(entry: string): Promise<string> {
  const built = await build({
    configFile: false,
    logLevel: 'error',
    define: { 'process.env.NODE_ENV': '"production"' },
    build: { write: false, minify: false, lib: { entry, formats: ['es'], fileName: 'shop' } },
  });
  const [first] = Array.isArray(built) ? built : [built];
  if (!first || !('output' in first)) throw new Error('vite built nothing');
  return first.output[0].code;
}

async function open(kind: string, clientSecret: string | null): Promise<Page> {
  shop.pages.set('/shop.js', { html: code, headers: { 'content-type': 'text/javascript' } });
  const html = `<!doctype html><html lang="en"><title>shop</title><div id="root"></div><p id="result"></p>
    <script src="${local.sim.url}/endive/stripe.js"></script>
    <script>window.shop = ${JSON.stringify({ kind, clientSecret })};</script>
    <script type="module" src="/shop.js"></script></html>`;
  shop.pages.set('/react', { html });
  return browser.open(`${shop.url}/react`);
}

async function intent(): Promise<{ id: string; client_secret: string | null }> {
  return local.stripe.paymentIntents.create({ amount: 500, currency: 'usd' });
}

async function session(ui_mode: 'elements' | 'embedded_page') {
  return local.stripe.checkout.sessions.create({
    mode: 'payment',
    ui_mode,
    line_items: [
      { price_data: { currency: 'usd', unit_amount: 700, product_data: { name: 'Coffee' } }, quantity: 1 },
    ],
    ...(ui_mode === 'elements'
      ? { return_url: `${shop.url}/done` }
      : { redirect_on_completion: 'never' as const }),
  });
}

describe('a shop in React', () => {
  it('pays with Payment Element and Address Element', async () => {
    const { id, client_secret: secret } = await intent();
    const page = await open('payment', secret);
    await typeCard(page, '4242424242424242');
    await page.locator('#complete').getByText('true').waitFor();
    await page.locator('#pay').click();
    expect(await shown(page)).toMatchObject({ paymentIntent: { id, status: 'succeeded' } });
    expect(await local.stripe.paymentIntents.retrieve(id)).toMatchObject({
      shipping: { name: 'Ada', address: { city: 'Reno' } },
    });
  });

  it('pays with number, expiry and security code in fields of their own', async () => {
    const page = await open('split', (await intent()).client_secret);
    await part(page, 'card number', 'cardnumber').fill('4242424242424242');
    await part(page, 'expiration date', 'exp-date').fill('12 / 40');
    await part(page, 'CVC', 'cvc').fill('123');
    await page.locator('#pay').click();
    expect(await shown(page)).toMatchObject({ paymentIntent: { status: 'succeeded' } });
  });

  it('pays a Checkout Session on its own page', async () => {
    const { id, client_secret: secret } = await session('elements');
    const page = await open('checkout', secret);
    expect(await page.locator('#total').textContent()).toBe('$7.00');
    await part(page, 'email', 'email').fill('ada@example.com');
    await typeCard(page, '4242424242424242');
    await page.locator('#pay').click();
    expect(await shown(page)).toMatchObject({
      type: 'success',
      session: { id, status: { type: 'complete' } },
    });
  });

  it('shows embedded Checkout and hears of its end', async () => {
    const { id, client_secret: secret } = await session('embedded_page');
    const page = await open('embedded', secret);
    const frame = page.frameLocator('iframe[title="Checkout"]');
    await frame.getByLabel('Email').fill('ada@example.com');
    await frame.getByLabel('Card number').fill('4242424242424242');
    await frame.getByLabel('Expiration date').fill('1240');
    await frame.getByLabel('Security code (CVC)').fill('123');
    await frame.getByLabel('Name', { exact: true }).fill('Ada');
    await frame.getByRole('button', { name: /^Pay/ }).click();
    expect(await shown(page)).toBe('complete');
    expect((await local.stripe.checkout.sessions.retrieve(id)).payment_status).toBe('paid');
  });
});
