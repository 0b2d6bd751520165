import { describe, expect, it } from 'vitest';
import { part, typeCard, useElementsShop } from './support/elements-page.ts';

const shop = useElementsShop('400', '404');

async function session(extra: object = {}): Promise<{ id: string; secret: string }> {
  const { id, client_secret: secret } = await shop.stripe.checkout.sessions.create({
    mode: 'payment',
    ui_mode: 'elements',
    line_items: [
      {
        price_data: { currency: 'usd', unit_amount: 350, product_data: { name: 'Coffee' } },
        quantity: 2,
        adjustable_quantity: { enabled: true, minimum: 1, maximum: 5 },
      },
    ],
    return_url: `${shop.shop.url}/done`,
    ...extra,
  });
  return { id, secret: secret ?? '' };
}

const load = (secret: string, more: string): string => `(async () => {
  window.checkout = stripe.initCheckoutElementsSdk({ clientSecret: Promise.resolve('${secret}') });
  ${more}
  window.actions = (await checkout.loadActions()).actions;
  show('loaded');
})();`;

describe('a Checkout Session on our own page', () => {
  it('takes what the buyer changes: how many, where to, whom to call', async () => {
    const { id, secret } = await session();
    const page = await shop.open(
      load(
        secret,
        `checkout.createPaymentElement().mount('#one');
         checkout.createContactDetailsElement().mount('#two');`,
      ),
    );
    await shop.result(page);
    const item = await page.evaluate('actions.getSession().lineItems[0].id');
    const changed = await page.evaluate(
      `actions.updateLineItemQuantity({ lineItem: '${String(item)}', quantity: 3 })`,
    );
    expect(changed).toMatchObject({
      session: { total: { total: { minorUnitsAmount: 1050, amount: '$10.50' } } },
    });
    const refused = await page.evaluate(
      `actions.updateLineItemQuantity({ lineItem: '${String(item)}', quantity: 6 })`,
    );
    expect(refused).toMatchObject({
      type: 'error',
      error: { message: 'The quantity must be between 1 and 5.' },
    });
    const address = {
      line1: '1 Market Street',
      city: 'San Francisco',
      postal_code: '94105',
      state: 'CA',
      country: 'US',
    };
    const contact = JSON.stringify({ name: 'Ada', address });
    await page.evaluate(`actions.updateShippingAddress(${contact})`);
    await page.evaluate(`actions.updatePhoneNumber('+15555550100')`);
    await part(page, 'email', 'email').fill('ada@example.com');
    await typeCard(page, '4242424242424242');
    const paid = await page.evaluate(
      `actions.confirm({ redirect: 'if_required', billingAddress: ${contact} })`,
    );
    expect(paid).toMatchObject({ type: 'success', session: { status: { type: 'complete' } } });
    expect(await shop.stripe.checkout.sessions.retrieve(id)).toMatchObject({
      amount_total: 1050,
      customer_details: {
        email: 'ada@example.com',
        phone: '+15555550100',
        address: { city: 'San Francisco' },
      },
      collected_information: { shipping_details: { name: 'Ada', address: { postal_code: '94105' } } },
    });
  });

  it('takes a promotion code and gives it back', async () => {
    const coupon = await shop.stripe.coupons.create({ percent_off: 20, name: 'Spring' });
    await shop.stripe.promotionCodes.create({
      promotion: { type: 'coupon', coupon: coupon.id },
      code: 'SPRING',
    });
    const { id, secret } = await session({ allow_promotion_codes: true });
    const page = await shop.open(load(secret, `checkout.createPaymentElement().mount('#one');`));
    await shop.result(page);
    expect(await page.evaluate(`actions.applyPromotionCode('winter')`)).toMatchObject({
      error: { code: 'invalidCode' },
    });
    const total = 'actions.getSession().total';
    await page.evaluate(`actions.applyPromotionCode('spring')`);
    expect(await page.evaluate('actions.getSession().discountAmounts')).toMatchObject([
      { promotionCode: 'SPRING', displayName: 'Spring', minorUnitsAmount: 140 },
    ]);
    await page.evaluate('actions.removePromotionCode()');
    expect(await page.evaluate(total)).toMatchObject({ total: { minorUnitsAmount: 700 } });
    await page.evaluate(`actions.applyPromotionCode('spring')`);
    await typeCard(page, '4242424242424242');
    await page.evaluate(`actions.confirm({ redirect: 'if_required', email: 'ada@example.com' })`);
    expect(await shop.stripe.checkout.sessions.retrieve(id, { expand: ['payment_intent'] })).toMatchObject({
      amount_subtotal: 700,
      amount_total: 560,
      payment_status: 'paid',
      payment_intent: { amount_received: 560 },
    });
  });

  it('names every element in which something is missing', async () => {
    const { secret } = await session();
    const page = await shop.open(
      load(
        secret,
        `checkout.createPaymentElement().mount('#one');
         checkout.createBillingAddressElement().mount('#two');`,
      ),
    );
    await shop.result(page);
    expect(await page.evaluate('actions.validateElements()')).toMatchObject({
      type: 'error',
      error: {
        code: 'validation_error',
        validation_errors: [{ element: 'payment' }, { element: 'billingAddress' }],
      },
    });
  });

  it('says why there is nothing to load', async () => {
    const page = await shop.open(`(async () => {
      const checkout = stripe.initCheckoutElementsSdk({ clientSecret: 'cs_test_x_secret_y' });
      show(await checkout.loadActions());
    })();`);
    expect(await shop.result(page)).toMatchObject({ type: 'error', error: { code: null } });
  });
});

describe('the Express Checkout Element', () => {
  it('offers one wallet, asks the page on the way, and pays', async () => {
    const { client_secret: secret } = await shop.stripe.paymentIntents.create({
      amount: 500,
      currency: 'usd',
    });
    const page = await shop.open(`
      window.seen = [];
      const elements = stripe.elements({ mode: 'payment', amount: 500, currency: 'usd' });
      const express = elements.create('expressCheckout');
      express.mount('#one');
      const rate = (id, displayName, amount) => ({ id, displayName, amount });
      const rates = [rate('slow', 'Slow', 0), rate('fast', 'Fast', 500)];
      express.on('ready', ({ availablePaymentMethods }) => show(availablePaymentMethods));
      express.on('click', ({ resolve, expressPaymentType }) => {
        seen.push(expressPaymentType);
        resolve({ emailRequired: true, shippingAddressRequired: true, shippingRates: rates });
      });
      express.on('cancel', () => seen.push('cancel'));
      express.on('shippingaddresschange', ({ address, resolve }) => { seen.push(address.city); resolve(); });
      express.on('shippingratechange', ({ shippingRate, resolve }) => {
        seen.push(shippingRate.id);
        resolve();
      });
      express.on('confirm', async ({ billingDetails }) => {
        seen.push(billingDetails.email);
        await elements.submit();
        show(await stripe.confirmPayment({ elements, clientSecret: '${secret}', redirect: 'if_required' }));
      });`);
    expect(await shop.result(page)).toMatchObject({ googlePay: true, applePay: false });
    const button = page.frameLocator('iframe[title="Secure express checkout frame"]').getByRole('button');
    const sheet = page.frameLocator('iframe[title="Google Pay"]');
    await button.click();
    await sheet.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await button.click();
    await sheet.getByLabel('Shipping').selectOption('Fast');
    await sheet.getByRole('button', { name: 'Pay' }).click();
    expect(await shop.result(page)).toMatchObject({ paymentIntent: { status: 'succeeded' } });
    const told = ['google_pay', 'cancel', 'google_pay', 'San Francisco', 'fast', 'jenny@example.com'];
    expect(await page.evaluate('seen')).toEqual(told);
  });

  it('pays a Checkout Session', async () => {
    const { id, secret } = await session();
    const page = await shop.open(
      load(
        secret,
        `const express = checkout.createExpressCheckoutElement();
         express.mount('#one');
         express.on('confirm', (event) => actions.confirm({ expressCheckoutConfirmEvent: event }));`,
      ),
    );
    await shop.result(page);
    await page.frameLocator('iframe[title="Secure express checkout frame"]').getByRole('button').click();
    await page.frameLocator('iframe[title="Google Pay"]').getByRole('button', { name: 'Pay' }).click();
    await page.waitForURL(/\/done/);
    expect((await shop.stripe.checkout.sessions.retrieve(id)).payment_status).toBe('paid');
  });
});
