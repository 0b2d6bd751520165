import type { Page } from 'playwright-core';
import { afterEach, describe, expect, it } from 'vitest';
import { useBrowser, useShop } from './support/browser.ts';
import { useSimulator } from './support/simulator.ts';

const local = useSimulator();
const browser = useBrowser();
const shop = useShop();
const NONCE = 'n0nce';

// A declined card is a 402 of the API, which Chromium also writes to the console.
afterEach(() => browser.throwComplaints('402'));

/** A page of the shop under a strict policy: only what Stripe.js is documented to need is allowed. */
async function openPage(script: string, train = 'endive'): Promise<Page> {
  const stripe = local.sim.url;
  const scripts = `default-src 'none'; script-src 'nonce-${NONCE}' ${stripe}`;
  const policy = `${scripts}; frame-src ${stripe}; connect-src ${stripe}`;
  const html = `<!doctype html><html lang="en"><title>shop</title><body>
    <div id="element"></div><button id="pay">Pay</button>
    <p id="result"></p><script src="${stripe}/${train}/stripe.js" nonce="${NONCE}"></script>
    <script nonce="${NONCE}">
      const stripe = Stripe('pk_test_browser');
      const show = (value) => { document.querySelector('#result').textContent = JSON.stringify(value); };
      const onPay = (work) => document.querySelector('#pay').addEventListener('click', work);
      ${script}
    </script></body></html>`;
  shop.pages.set('/page', { html, headers: { 'content-security-policy': policy } });
  return browser.open(`${shop.url}/page`);
}

async function typeCard(page: Page, number: string): Promise<void> {
  const frame = page.frameLocator('iframe[title="Secure payment input frame"]');
  await frame.locator('[name=number]').fill(number);
  await frame.locator('[name=expiry]').fill('12 / 40');
  await frame.locator('[name=cvc]').fill('123');
  await frame.locator('[name=postalCode]').fill('12345');
}

async function result(page: Page): Promise<Record<string, never>> {
  await page.waitForFunction(() => document.querySelector('#result')?.textContent !== '');
  const text = await page.locator('#result').textContent();
  await page.evaluate(() => document.querySelector('#result')?.replaceChildren());
  return JSON.parse(text ?? '') as Record<string, never>;
}

async function elementsSession(): Promise<{ id: string; secret: string }> {
  const session = await local.stripe.checkout.sessions.create({
    mode: 'payment',
    ui_mode: 'elements',
    line_items: [
      { price_data: { currency: 'usd', unit_amount: 350, product_data: { name: 'Coffee' } }, quantity: 2 },
    ],
    return_url: `${shop.url}/done?session_id={CHECKOUT_SESSION_ID}`,
  });
  return { id: session.id, secret: session.client_secret ?? '' };
}

function checkoutScript(secret: string, confirmArgs: string): string {
  return `(async () => {
    const checkout = stripe.initCheckoutElementsSdk({ clientSecret: ${JSON.stringify(secret)} });
    checkout.createPaymentElement().mount('#element');
    const loaded = await checkout.loadActions();
    window.actions = loaded.actions;
    window.sessions = [];
    checkout.on('change', (session) => window.sessions.push(session.canConfirm));
    onPay(async () => show(await loaded.actions.confirm(${confirmArgs})));
  })();`;
}

describe('the Payment Element on a Checkout Session', () => {
  it('pays and leads to the return URL', async () => {
    const { id, secret } = await elementsSession();
    const page = await openPage(checkoutScript(secret, `{ email: 'ada@example.com' }`));
    await typeCard(page, '4242424242424242');
    await page.locator('#pay').click();
    await page.waitForURL(`${shop.url}/done?session_id=${id}`);
    const paid = await local.stripe.checkout.sessions.retrieve(id);
    expect(paid).toMatchObject({
      status: 'complete',
      payment_status: 'paid',
      customer_details: { email: 'ada@example.com' },
    });
    await page.close();
  });

  it('returns a decline with its code; the session can still be paid, on the same page', async () => {
    const { id, secret } = await elementsSession();
    const page = await openPage(
      checkoutScript(secret, `{ email: 'ada@example.com', redirect: 'if_required' }`),
    );
    await typeCard(page, '4000000000009995');
    await page.locator('#pay').click();
    expect(await result(page)).toEqual({
      type: 'error',
      error: {
        message: 'Your card has insufficient funds.',
        code: 'paymentFailed',
        paymentFailed: { declineCode: 'insufficient_funds' },
      },
    });
    await typeCard(page, '4242424242424242');
    await page.locator('#pay').click();
    expect(await result(page)).toMatchObject({
      type: 'success',
      session: { id, status: { type: 'complete', paymentStatus: 'paid' } },
    });
    await page.close();
  });

  it('shows the bank’s dialog in a frame, failed and completed', async () => {
    const { secret } = await elementsSession();
    const page = await openPage(
      checkoutScript(secret, `{ email: 'ada@example.com', redirect: 'if_required' }`),
    );
    await typeCard(page, '4000000000003220');
    const challenge = page.frameLocator('iframe[title="3-D Secure challenge"]');
    await page.locator('#pay').click();
    await challenge.getByRole('button', { name: 'Fail' }).click();
    expect(await result(page)).toMatchObject({ type: 'error', error: { code: 'paymentFailed' } });
    await page.locator('#pay').click();
    await challenge.getByRole('button', { name: 'Complete' }).click();
    expect(await result(page)).toMatchObject({ type: 'success' });
    expect(await page.getByRole('dialog').count()).toBe(0);
    await page.close();
  });

  it('says what is missing in the frame, and tells the page when it can confirm', async () => {
    const { secret } = await elementsSession();
    const page = await openPage(
      checkoutScript(secret, `{ email: 'ada@example.com', redirect: 'if_required' }`),
    );
    const frame = page.frameLocator('iframe[title="Secure payment input frame"]');
    await frame.locator('[name=number]').pressSequentially('4242424242424241');
    expect(await frame.getByText('Your card number is invalid.').isVisible()).toBe(true);
    await page.locator('#pay').click();
    expect(await result(page)).toMatchObject({
      type: 'error',
      error: { message: 'Your card number is invalid.' },
    });
    await page.evaluate(`actions.updateEmail('ada@example.com')`);
    expect(await page.evaluate('actions.getSession().canConfirm')).toBe(false);
    await typeCard(page, '4242424242424242');
    await page.waitForFunction('actions.getSession().canConfirm');
    expect(await page.evaluate('actions.getSession()')).toMatchObject({
      email: 'ada@example.com',
      total: { total: { minorUnitsAmount: 700, amount: '$7.00' } },
      lineItems: [{ name: 'Coffee', quantity: 2 }],
    });
    await page.close();
  });

  it('refuses an email that is none', async () => {
    const { secret } = await elementsSession();
    const page = await openPage(checkoutScript(secret, '{}'));
    await page.waitForFunction('window.actions !== undefined');
    expect(await page.evaluate(`actions.updateEmail('ada')`)).toMatchObject({
      error: { code: 'incompleteEmail' },
    });
    await page.close();
  });
});

describe('elements on a PaymentIntent', () => {
  it('confirm it, through 3-D Secure, without leaving the page', async () => {
    const intent = await local.stripe.paymentIntents.create({ amount: 500, currency: 'usd' });
    const page = await openPage(`
      const elements = stripe.elements({ clientSecret: ${JSON.stringify(intent.client_secret)} });
      elements.create('payment').mount('#element');
      onPay(async () => {
        const { error } = await elements.submit();
        show(error ? { error } : await stripe.confirmPayment({ elements, redirect: 'if_required' }));
      });`);
    await page.locator('#pay').click();
    expect(await result(page)).toMatchObject({
      error: { type: 'validation_error', code: 'incomplete_number' },
    });
    await typeCard(page, '4000002760003184');
    await page.locator('#pay').click();
    await page
      .frameLocator('iframe[title="3-D Secure challenge"]')
      .getByRole('button', { name: 'Complete' })
      .click();
    expect(await result(page)).toMatchObject({ paymentIntent: { id: intent.id, status: 'succeeded' } });
    await page.close();
  });

  it('of the older kind, a card in one line, still work', async () => {
    const intent = await local.stripe.paymentIntents.create({ amount: 500, currency: 'usd' });
    const page = await openPage(
      `
      const card = stripe.elements().create('card');
      card.mount('#element');
      onPay(async () => {
        const method = { card, billing_details: { name: 'Ada' } };
        const secret = ${JSON.stringify(intent.client_secret)};
        show(await stripe.confirmCardPayment(secret, { payment_method: method }));
      });`,
      'v3',
    );
    const frame = page.frameLocator('iframe[title="Secure card payment input frame"]');
    await frame.locator('[name=cardnumber]').fill('4242424242424242');
    await frame.locator('[name=exp-date]').fill('1240');
    await frame.locator('[name=cvc]').fill('123');
    await page.locator('#pay').click();
    expect(await result(page)).toMatchObject({ paymentIntent: { status: 'succeeded' } });
    await page.close();
  });
});

describe('embedded Checkout', () => {
  it('is Checkout’s page in a frame and leads to the return URL', async () => {
    const session = await local.stripe.checkout.sessions.create({
      mode: 'payment',
      ui_mode: 'embedded_page',
      line_items: [
        { price_data: { currency: 'usd', unit_amount: 350, product_data: { name: 'Coffee' } }, quantity: 2 },
      ],
      return_url: `${shop.url}/done?session_id={CHECKOUT_SESSION_ID}`,
    });
    const page = await openPage(`(async () => {
      const clientSecret = ${JSON.stringify(session.client_secret)};
      const page = await stripe.createEmbeddedCheckoutPage({ clientSecret });
      page.mount('#element');
    })();`);
    const frame = page.frameLocator('iframe[title="Checkout"]');
    await frame.getByLabel('Email').fill('ada@example.com');
    await frame.getByLabel('Card number').fill('4000000000003220');
    await frame.getByLabel('Expiration date').fill('1240');
    await frame.getByLabel('Security code (CVC)').fill('123');
    await frame.getByLabel('Name', { exact: true }).fill('Ada');
    await frame.getByRole('button', { name: /^Pay/ }).click();
    await frame.getByRole('button', { name: 'Complete' }).click();
    await page.waitForURL(`${shop.url}/done?session_id=${session.id}`);
    await page.close();
  });
});
