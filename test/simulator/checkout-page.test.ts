import type { Page } from 'playwright-core';
import type Stripe from 'stripe';
import { afterEach, describe, expect, it } from 'vitest';
import { useBrowser, useShop } from './support/browser.ts';
import { Receiver } from './support/receiver.ts';
import { useSimulator } from './support/simulator.ts';

const local = useSimulator();
const browser = useBrowser();
const shop = useShop();

// A form that was refused is answered with 422, which Chromium also writes to the console.
afterEach(() => browser.throwComplaints('422'));

async function session(currency = 'usd', name = 'Coffee'): Promise<Stripe.Checkout.Session> {
  return local.stripe.checkout.sessions.create({
    mode: 'payment',
    line_items: [{ price_data: { currency, unit_amount: 350, product_data: { name } }, quantity: 2 }],
    success_url: `${shop.url}/done?session_id={CHECKOUT_SESSION_ID}`,
    cancel_url: `${shop.url}/back`,
  });
}

async function type(page: Page, number: string, more: Record<string, string> = {}): Promise<void> {
  const entry = { Email: 'ada@example.com', 'Card number': number, 'Expiration date': '12/40', ...more };
  for (const [label, value] of Object.entries({
    ...entry,
    'Security code (CVC)': '123',
    Name: 'Ada',
    ...more,
  }))
    await page.getByLabel(label, { exact: true }).fill(value);
  await page.getByRole('button', { name: /^Pay/ }).click();
}

describe('Checkout’s page', () => {
  it('shows what is bought, takes a card, and leads back to the shop with the session’s id', async () => {
    const { id, url } = await session();
    const page = await browser.open(url ?? '');
    expect(await page.getByText('Coffee').isVisible()).toBe(true);
    expect(await page.getByText('Qty 2, $3.50 each').isVisible()).toBe(true);
    await type(page, '4242 4242 4242 4242');
    await page.waitForURL(`${shop.url}/done?session_id=${id}`);
    const paid = await local.stripe.checkout.sessions.retrieve(id, {
      expand: ['payment_intent.payment_method'],
    });
    expect(paid).toMatchObject({
      status: 'complete',
      payment_status: 'paid',
      customer_details: { email: 'ada@example.com', name: 'Ada' },
    });
    await page.close();
  });

  it('takes a promotion code where the shop allows one, and says when it is none', async () => {
    const coupon = await local.stripe.coupons.create({ amount_off: 200, currency: 'usd' });
    await local.stripe.promotionCodes.create({
      promotion: { type: 'coupon', coupon: coupon.id },
      code: 'TWO',
    });
    const { id, url } = await local.stripe.checkout.sessions.create({
      mode: 'payment',
      allow_promotion_codes: true,
      line_items: [
        { price_data: { currency: 'usd', unit_amount: 700, product_data: { name: 'Tea' } }, quantity: 1 },
      ],
      success_url: `${shop.url}/done`,
    });
    const page = await browser.open(url ?? '', 390);
    const code = page.getByLabel('Promotion code');
    await code.fill('ten');
    await page.getByRole('button', { name: 'Apply' }).click();
    expect(await page.getByRole('alert').textContent()).toContain('This code is invalid.');
    await code.fill('two');
    await page.getByRole('button', { name: 'Apply' }).click();
    await page.getByRole('button', { name: 'Pay $5.00' }).waitFor();
    await page.getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('button', { name: 'Pay $7.00' }).waitFor();
    await code.fill('two');
    await page.getByRole('button', { name: 'Apply' }).click();
    await page.getByText('TWO').waitFor();
    await type(page, '4242 4242 4242 4242');
    await page.waitForURL(`${shop.url}/done`);
    expect(await local.stripe.checkout.sessions.retrieve(id)).toMatchObject({ amount_total: 500 });
    await page.close();
  });

  it('says what is wrong with a field, next to it', async () => {
    const { url } = await session();
    const page = await browser.open(url ?? '', 390);
    await type(page, '4242 4242', { Email: 'ada', 'Expiration date': '12/20' });
    const errorOf = async (label: string): Promise<string | null> => {
      const field = page.getByLabel(label, { exact: true });
      expect(await field.getAttribute('aria-invalid')).toBe('true');
      return page.locator(`#${await field.getAttribute('aria-describedby')}`).textContent();
    };
    expect(await errorOf('Card number')).toBe('Your card number is incomplete.');
    expect(await errorOf('Email')).toBe('Your email is incomplete.');
    await type(page, '4242 4242 4242 4241');
    expect(await errorOf('Card number')).toBe('Your card number is invalid.');
    await page.close();
  });

  it('shows mistakes already while typing', async () => {
    const { url } = await session();
    const page = await browser.open(url ?? '');
    const number = page.getByLabel('Card number');
    await number.pressSequentially('4242424242424241');
    expect(await number.inputValue()).toBe('4242 4242 4242 4241');
    expect(await page.locator('#number-error').textContent()).toBe('Your card number is invalid.');
    await page.getByLabel('Expiration date').pressSequentially('1220');
    expect(await page.locator('#expiry-error').textContent()).toContain('in the past');
    await page.close();
  });

  it('says in words why a card was declined, and takes another one', async () => {
    const { id, url } = await session();
    const page = await browser.open(url ?? '');
    await type(page, '4000 0000 0000 9995');
    expect(await page.getByRole('alert').first().textContent()).toContain('insufficient funds');
    await type(page, '4242 4242 4242 4242');
    await page.waitForURL(`${shop.url}/done?session_id=${id}`);
    await page.close();
  });

  it('leads through 3-D Secure, failed and completed', async () => {
    const { id, url } = await session();
    const page = await browser.open(url ?? '');
    await type(page, '4000 0000 0000 3220');
    await page.getByRole('button', { name: 'Fail' }).click();
    expect(await page.getByRole('alert').first().textContent()).toContain('unable to authenticate');
    await type(page, '4000 0000 0000 3220');
    await page.getByRole('button', { name: 'Complete' }).click();
    await page.waitForURL(`${shop.url}/done?session_id=${id}`);
    await page.close();
  });

  it('leads to the page of a method that has one, and offers no card where none is taken', async () => {
    const { id, url } = await local.stripe.checkout.sessions.create({
      mode: 'payment',
      allowed_payment_method_types: ['ideal', 'bancontact'],
      line_items: [
        { price_data: { currency: 'eur', unit_amount: 700, product_data: { name: 'Tea' } }, quantity: 1 },
      ],
      success_url: `${shop.url}/done`,
    });
    const page = await browser.open(url ?? '');
    expect(await page.getByLabel('Card number').count()).toBe(0);
    await page.getByLabel('Bancontact').check();
    await page.getByLabel('Email').fill('ada@example.com');
    await page.getByLabel('Name', { exact: true }).fill('Ada');
    await page.getByRole('button', { name: 'Pay €7.00' }).click();
    await page.getByRole('button', { name: 'Complete' }).click();
    await page.waitForURL(`${shop.url}/done`);
    const paid = await local.stripe.checkout.sessions.retrieve(id, {
      expand: ['payment_intent.payment_method'],
    });
    expect(paid).toMatchObject({
      payment_status: 'paid',
      payment_intent: { payment_method: { type: 'bancontact' } },
    });
    await page.close();
  });

  it('takes a SEPA debit in euro', async () => {
    const { id, url } = await session('eur');
    const page = await browser.open(url ?? '');
    await page.getByLabel('SEPA Direct Debit').check();
    expect(await page.getByLabel('Card number').isVisible()).toBe(false);
    await page.getByLabel('Email').fill('ada@example.com');
    await page.getByLabel('IBAN').fill('AT61 1904 3002 3457 3201');
    await page.getByLabel('Name', { exact: true }).fill('Ada');
    await page.getByRole('button', { name: /^Pay/ }).click();
    await page.waitForURL(`${shop.url}/done?session_id=${id}`);
    expect((await local.stripe.checkout.sessions.retrieve(id)).payment_status).toBe('unpaid');
    await page.close();
  });

  it('leads back to the shop', async () => {
    const { url } = await session();
    const page = await browser.open(url ?? '');
    await page.getByRole('link', { name: 'Back' }).click();
    expect(page.url()).toBe(`${shop.url}/back`);
    await page.close();
  });
});

describe('the same page without JavaScript', () => {
  const good = new URLSearchParams({
    email: 'ada@example.com',
    number: '4242424242424242',
    expiry: '12/40',
    cvc: '123',
    name: 'Ada',
    postal: '12345',
  });

  it('takes a plain form and answers with the way back', async () => {
    const { id, url } = await session();
    const answer = await fetch(url ?? '', { method: 'POST', body: good, redirect: 'manual' });
    expect(answer.status).toBe(303);
    expect(answer.headers.get('location')).toBe(`${shop.url}/done?session_id=${id}`);
  });

  it('escapes what the shop and the buyer write', async () => {
    const { url } = await session('usd', '<img src=x onerror=alert(1)>');
    const body = new URLSearchParams({ name: '"><script>alert(1)</script>' });
    const answer = await fetch(url ?? '', { method: 'POST', body });
    const text = await answer.text();
    expect(answer.status).toBe(422);
    expect(text).toContain('&lt;img src=x');
    expect(text).not.toContain('<script>alert');
  });

  it('says so when it is expired, paid already, or unknown', async () => {
    const expired = await session();
    await local.stripe.checkout.sessions.expire(expired.id);
    expect(await (await fetch(expired.url ?? '')).text()).toContain('This checkout has expired');
    const paid = await session();
    await fetch(paid.url ?? '', { method: 'POST', body: good, redirect: 'manual' });
    expect(await (await fetch(paid.url ?? '')).text()).toContain('You have already paid');
    expect((await fetch(`${local.sim.url}/c/pay/cs_test_made_up`)).status).toBe(404);
  });

  it('waits for the shop’s server before it leads back, but not for ever', async () => {
    const receiver = await Receiver.start();
    await local.stripe.webhookEndpoints.create({
      url: receiver.url,
      enabled_events: ['checkout.session.completed'],
    });
    const taken = await session();
    await fetch(taken.url ?? '', { method: 'POST', body: good, redirect: 'manual' });
    expect(receiver.types).toEqual(['checkout.session.completed']);
    receiver.answer = () => ({ status: 500 });
    const refused = await session();
    const started = performance.now();
    const answer = await fetch(refused.url ?? '', { method: 'POST', body: good, redirect: 'manual' });
    expect(answer.status).toBe(303);
    expect(performance.now() - started).toBeGreaterThan(1_900);
    receiver.close();
  });
});
