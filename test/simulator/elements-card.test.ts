import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { part, useElementsShop } from './support/elements-page.ts';

const shop = useElementsShop();

const SPLIT = `
  const elements = stripe.elements();
  const number = elements.create('cardNumber', { showIcon: true });
  number.mount('#one');
  elements.create('cardExpiry').mount('#two');
  elements.create('cardCvc').mount('#three');`;

async function typeSplit(page: Page, number: string, expiry = '12 / 40'): Promise<void> {
  await part(page, 'card number', 'cardnumber').fill(number);
  await part(page, 'expiration date', 'exp-date').fill(expiry);
  await part(page, 'CVC', 'cvc').fill('123');
}

async function intentSecret(): Promise<string> {
  const intent = await shop.stripe.paymentIntents.create({ amount: 500, currency: 'usd' });
  return JSON.stringify(intent.client_secret);
}

describe('number, expiry and security code in fields of their own', () => {
  it('pay as one card, and name the first mistake in any of them', async () => {
    const page = await shop.open(`${SPLIT}
      onPay(async () => show(await stripe.confirmCardPayment(${await intentSecret()}, {
        payment_method: { card: number, billing_details: { name: 'Ada' } },
      })));`);
    await typeSplit(page, '4242424242424242', '12 / 20');
    const input = page.frameLocator('iframe[title="Secure CVC input frame"]').locator('input');
    expect(await input.getAttribute('data-elements-stable-field-name')).toBe('cardCvc');
    await page.locator('#pay').click();
    expect(await shop.result(page)).toMatchObject({
      error: { type: 'validation_error', code: 'invalid_expiry_year_past' },
    });
    await typeSplit(page, '4242424242424242');
    await page.locator('#pay').click();
    const { paymentIntent } = await shop.result(page);
    expect(paymentIntent).toMatchObject({ status: 'succeeded' });
    const method = await shop.stripe.paymentMethods.retrieve(paymentIntent['payment_method'] ?? '');
    expect(method).toMatchObject({
      card: { last4: '4242', exp_year: 2040 },
      billing_details: { name: 'Ada' },
    });
  });

  it('keep to their own group, and out of the reach of the page around them', async () => {
    const page = await shop.open(`${SPLIT}
      const other = stripe.elements();
      const place = document.body.appendChild(document.createElement('div'));
      const lonely = other.create('cardNumber');
      lonely.mount(place);
      lonely.on('ready', async () => {
        const made = await stripe.createPaymentMethod({ type: 'card', card: lonely });
        const reach = [...document.querySelectorAll('iframe')].map((frame) => {
          try { return frame.contentWindow.document.title; } catch (error) { return error.name; }
        });
        show({ code: made.error.code, reach });
      });`);
    const shown = await shop.result(page);
    expect(shown).toMatchObject({ code: 'incomplete_number' });
    expect(new Set(shown.reach)).toEqual(new Set(['SecurityError']));
  });

  it('tell the page about brand, focus, escape and completeness, and mark their place', async () => {
    const page = await shop.open(`${SPLIT}
      window.seen = [];
      for (const name of ['focus', 'change', 'escape', 'blur'])
        number.on(name, ({ elementType, brand, complete, error }) =>
          seen.push([name, elementType, brand, complete, error?.code].filter((x) => x !== undefined)));`);
    const input = part(page, 'card number', 'cardnumber');
    await input.focus();
    await input.fill('5555');
    await input.fill('5555555555554444');
    await input.press('Escape');
    await input.fill('4242424242424241');
    await part(page, 'CVC', 'cvc').focus();
    const last = ['blur', 'cardNumber'];
    await page.waitForFunction(
      (name) => JSON.stringify(Reflect.get(window, 'seen')).includes(name),
      '"blur"',
    );
    expect(await page.evaluate('seen.filter(([name]) => name !== "change" || seen.length)')).toEqual(
      expect.arrayContaining([
        ['focus', 'cardNumber'],
        ['change', 'cardNumber', 'mastercard', false],
        ['change', 'cardNumber', 'mastercard', true],
        ['escape', 'cardNumber'],
        ['change', 'cardNumber', 'visa', false, 'invalid_number'],
        last,
      ]),
    );
    const classes = await page.locator('#one').getAttribute('class');
    expect(classes?.split(' ').toSorted()).toEqual(['StripeElement', 'StripeElement--invalid']);
  });
});

describe('what is made of a card', () => {
  it('is a token which the server pays with', async () => {
    const page = await shop.open(`
      const card = stripe.elements().create('card', { hidePostalCode: true });
      card.mount('#one');
      onPay(async () => show(await stripe.createToken(card, { name: 'Ada' })));`);
    const frame = page.frameLocator('iframe[title="Secure card payment input frame"]');
    await frame.locator('[name=cardnumber]').fill('4000000000009995');
    await frame.locator('[name=exp-date]').fill('1240');
    await frame.locator('[name=cvc]').fill('123');
    expect(await frame.locator('[name=postal]').count()).toBe(0);
    await page.locator('#pay').click();
    const { token, error } = await shop.result(page);
    expect(error).toBeUndefined();
    expect(token).toMatchObject({ object: 'token', type: 'card', card: { last4: '9995' } });
    const card = { token: token['id'] ?? '' };
    const method = await shop.stripe.paymentMethods.create({ type: 'card', card });
    const { client_secret: secret } = await shop.stripe.paymentIntents.create({
      amount: 500,
      currency: 'usd',
    });
    const [intent = ''] = (secret ?? '').split('_secret_');
    const paid = shop.stripe.paymentIntents.confirm(intent, {
      payment_method: method.id,
      return_url: 'https://shop.example/back',
    });
    await expect(paid).rejects.toMatchObject({ decline_code: 'insufficient_funds' });
  });

  it('is a PaymentMethod with its details, on the connected account that the page names', async () => {
    const { id: account } = await shop.stripe.accounts.create({ country: 'US' });
    const page = await shop.open(
      `${SPLIT} onPay(async () => show(await stripe.createPaymentMethod({ type: 'card', card: number })));`,
      { account },
    );
    await typeSplit(page, '378282246310005');
    await part(page, 'CVC', 'cvc').fill('1234');
    await page.locator('#pay').click();
    const { paymentMethod } = await shop.result(page);
    expect(paymentMethod).toMatchObject({ type: 'card', card: { brand: 'amex', last4: '0005' } });
    const id = paymentMethod['id'] ?? '';
    const found = await shop.stripe.paymentMethods.retrieve(id, undefined, { stripeAccount: account });
    expect(found.id).toBe(id);
    await expect(shop.stripe.paymentMethods.retrieve(id)).rejects.toMatchObject({ code: 'resource_missing' });
  });

  it('takes a security code that is asked for again', async () => {
    const method = await shop.stripe.paymentMethods.create({ type: 'card', card: { token: 'tok_visa' } });
    const page = await shop.open(`
      const cvc = stripe.elements().create('cardCvc', { placeholder: 'On the back' });
      cvc.mount('#one');
      onPay(async () => show(await stripe.confirmCardPayment(${await intentSecret()}, {
        payment_method: '${method.id}', payment_method_options: { card: { cvc } },
      })));`);
    const input = part(page, 'CVC', 'cvc');
    expect(await input.getAttribute('placeholder')).toBe('On the back');
    await input.fill('123');
    await page.locator('#pay').click();
    expect(await shop.result(page)).toMatchObject({ paymentIntent: { status: 'succeeded' } });
  });
});

describe('the options of a card element', () => {
  it('change what is shown, also later', async () => {
    const page = await shop.open(`
      const style = { base: { color: 'rgb(1, 2, 3)', fontSize: '20px', '::placeholder': { color: 'red' } } };
      const more = { classes: { base: 'mine' }, value: { postalCode: '94105' } };
      const card = stripe.elements().create('card', { style, ...more });
      card.mount('#one');
      card.on('ready', () => show(true));`);
    await shop.result(page);
    const frame = page.frameLocator('iframe[title="Secure card payment input frame"]');
    const input = frame.locator('[name=cardnumber]');
    expect(
      await input.evaluate((node) => [getComputedStyle(node).color, getComputedStyle(node).fontSize]),
    ).toEqual(['rgb(1, 2, 3)', '20px']);
    expect(await frame.locator('[name=postal]').inputValue()).toBe('94105');
    expect(await page.locator('#one').getAttribute('class')).toContain('mine');
    await page.evaluate(`card.unmount(); card.mount('#two'); card.focus()`);
    await page.locator('#two.mine iframe').waitFor();
    await frame.locator('[name=cardnumber]:focus').waitFor();
    await page.evaluate('card.update({ disabled: true })');
    await frame.locator('[name=cardnumber]:disabled').waitFor();
    await page.evaluate('card.destroy()');
    expect(await page.locator('iframe').count()).toBe(0);
    await expect(page.evaluate(`card.mount('#one')`)).rejects.toThrow('already been destroyed');
  });
});
