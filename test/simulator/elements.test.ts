import { describe, expect, it } from 'vitest';
import { part, typeCard, useElementsShop } from './support/elements-page.ts';

const shop = useElementsShop();

const SUBMIT = `onPay(async () => {
  const { error } = await elements.submit();
  if (error) return show({ error });`;

async function secretOf(params: { amount?: number; currency?: string } = {}): Promise<string> {
  const intent = await shop.stripe.paymentIntents.create({ amount: 500, currency: 'usd', ...params });
  return intent.client_secret ?? '';
}

describe('elements before their intent', () => {
  const DEFERRED = `
    const elements = stripe.elements({ mode: 'payment', amount: 500, currency: 'usd' });
    elements.create('payment').mount('#one');`;

  it('pay an intent made later, once they were submitted', async () => {
    const secret = await secretOf();
    const confirm = `stripe.confirmPayment({ elements, clientSecret: '${secret}', redirect: 'if_required' })`;
    const page = await shop.open(`${DEFERRED}
      window.early = () => ${confirm}.catch((error) => error.message);
      ${SUBMIT} show(await ${confirm}); });`);
    await typeCard(page, '4242424242424242');
    expect(await page.evaluate('early()')).toContain('elements.submit() must be called before');
    await page.locator('#pay').click();
    expect(await shop.result(page)).toMatchObject({ paymentIntent: { status: 'succeeded' } });
  });

  it('refuse an intent that charges something else than was shown', async () => {
    const secret = await secretOf({ amount: 900 });
    const page = await shop.open(`${DEFERRED} ${SUBMIT}
      const clientSecret = '${secret}';
      show(await stripe.confirmPayment({ elements, clientSecret, redirect: 'if_required' })); });`);
    await typeCard(page, '4242424242424242');
    await page.locator('#pay').click();
    const { error } = await shop.result(page);
    expect(error).toMatchObject({ type: 'invalid_request_error' });
    expect(error['message']).toContain('(900) does not match');
  });

  it('become a ConfirmationToken, with which the server pays and the page finishes', async () => {
    const page = await shop.open(`${DEFERRED}
      window.finish = async (clientSecret) => show(await stripe.handleNextAction({ clientSecret }));
      const params = { return_url: location.href };
      ${SUBMIT} show(await stripe.createConfirmationToken({ elements, params })); });`);
    await typeCard(page, '4000002760003184');
    await page.locator('#pay').click();
    const { confirmationToken } = await shop.result(page);
    expect(confirmationToken).toMatchObject({
      object: 'confirmation_token',
      payment_method_preview: { type: 'card', card: { last4: '3184' } },
    });
    const intent = await shop.stripe.paymentIntents.create({
      amount: 500,
      currency: 'usd',
      confirm: true,
      confirmation_token: confirmationToken['id'] ?? '',
      use_stripe_sdk: true,
    });
    expect(intent.status).toBe('requires_action');
    const finished = page.evaluate(`finish('${intent.client_secret}')`);
    const bank = page.frameLocator('iframe[title="3-D Secure challenge"]');
    await bank.getByRole('button', { name: 'Complete' }).click();
    await finished;
    expect(await shop.result(page)).toMatchObject({ paymentIntent: { status: 'succeeded' } });
  });
});

describe('what other elements know', () => {
  it('goes along: email and billing address with the card, a shipping address with the intent', async () => {
    const page = await shop.open(`
      const elements = stripe.elements({ clientSecret: '${await secretOf()}' });
      elements.create('payment', { fields: { billingDetails: { address: 'never' } } }).mount('#one');
      elements.create('linkAuthentication').mount('#two');
      const fields = { phone: 'always' };
      const address = elements.create('address', { mode: 'shipping', fields, defaultValues: {
        name: 'Ada Lovelace', phone: '+441234', address: { line1: '12 St James Square', city: 'London',
        postal_code: 'SW1Y 4LB', country: 'GB' } } });
      address.mount('#three');
      ${SUBMIT} show(await stripe.confirmPayment({ elements, redirect: 'if_required', confirmParams: {
        payment_method_data: { billing_details: { address: {
          country: 'GB', postal_code: 'SW1Y 4LB' } } } } })); });`);
    const card = page.frameLocator('iframe[title="Secure payment input frame"]');
    await card.locator('[name=number]').fill('4242424242424242');
    await card.locator('[name=expiry]').fill('12 / 40');
    await card.locator('[name=cvc]').fill('123');
    expect(await card.locator('[name=country], [name=postalCode]').count()).toBe(0);
    await page.locator('#pay').click();
    expect(await shop.result(page)).toMatchObject({ error: { code: 'incomplete_email' } });
    await part(page, 'email', 'email').fill('ada@example.com');
    expect(await page.evaluate('address.getValue()')).toMatchObject({
      complete: true,
      value: { phone: '+441234' },
    });
    await page.locator('#pay').click();
    const { paymentIntent } = await shop.result(page);
    const intent = await shop.stripe.paymentIntents.retrieve(paymentIntent['id'] ?? '', {
      expand: ['payment_method'],
    });
    expect(intent).toMatchObject({
      status: 'succeeded',
      shipping: { name: 'Ada Lovelace', phone: '+441234', address: { city: 'London', country: 'GB' } },
      payment_method: { billing_details: { email: 'ada@example.com', address: { postal_code: 'SW1Y 4LB' } } },
    });
  });
});

describe('other ways to pay', () => {
  it('an IBAN in an element of its own is debited', async () => {
    const secret = await secretOf({ currency: 'eur' });
    const page = await shop.open(`
      const iban = stripe.elements().create('iban', { supportedCountries: ['SEPA'] });
      iban.mount('#one');
      const sepa = { sepa_debit: iban, billing_details: { name: 'Ada', email: 'ada@example.com' } };
      onPay(async () => show(await stripe.confirmSepaDebitPayment('${secret}', { payment_method: sepa })));`);
    await part(page, 'IBAN', 'iban').fill('AT611904300234573201');
    await page.locator('#pay').click();
    expect(await shop.result(page)).toMatchObject({ paymentIntent: { status: 'processing' } });
  });

  it('a method with a page of its own leads there and back', async () => {
    const intent = await shop.stripe.paymentIntents.create({
      amount: 500,
      currency: 'eur',
      allowed_payment_method_types: ['card', 'ideal'],
    });
    const page = await shop.open(`
      const elements = stripe.elements({ clientSecret: '${intent.client_secret}' });
      elements.create('payment', { paymentMethodOrder: ['ideal', 'card'] }).mount('#one');
      const confirmParams = { return_url: '${shop.shop.url}/back' };
      ${SUBMIT} show(await stripe.confirmPayment({ elements, confirmParams })); });`);
    const frame = page.frameLocator('iframe[title="Secure payment input frame"]');
    await frame.getByText('You will be led to a test page of iDEAL').waitFor();
    expect(await frame.getByRole('tab').allTextContents()).toEqual(['iDEAL', 'Card']);
    await page.locator('#pay').click();
    await page.getByRole('button', { name: 'Complete' }).click();
    await page.waitForURL(/\/back\?/);
    expect(new URL(page.url()).searchParams.get('payment_intent')).toBe(intent.id);
    expect((await shop.stripe.paymentIntents.retrieve(intent.id)).status).toBe('succeeded');
  });

  it('a card is saved and the buyer led to the return URL', async () => {
    const intent = await shop.stripe.setupIntents.create({ usage: 'off_session' });
    const page = await shop.open(`
      const elements = stripe.elements({ clientSecret: '${intent.client_secret}' });
      elements.create('payment').mount('#one');
      const confirmParams = { return_url: '${shop.shop.url}/back' };
      ${SUBMIT} show(await stripe.confirmSetup({ elements, confirmParams })); });`);
    await typeCard(page, '4242424242424242');
    await page.locator('#pay').click();
    await page.waitForURL(/\/back\?setup_intent=/);
    expect((await shop.stripe.setupIntents.retrieve(intent.id)).status).toBe('succeeded');
  });
});

describe('what can’t be done', () => {
  it('is an error that the page can show, and the older wallet button finds no wallet', async () => {
    const page = await shop.open(`(async () => {
      const total = { label: 'x', amount: 1 };
      const request = stripe.paymentRequest({ country: 'US', currency: 'usd', total });
      show([await stripe.verifyIdentity('vs_x'), await request.canMakePayment()]);
    })();`);
    const [refused, wallet] = (await shop.result(page)) as unknown as [{ error: { code: string } }, null];
    expect(refused.error.code).toBe('not_simulated');
    expect(wallet).toBeNull();
  });
});
