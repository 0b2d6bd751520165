import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { declaredFunctions, useElementsShop } from './support/elements-page.ts';

const shop = useElementsShop('404');

describe('the real @stripe/stripe-js 10', () => {
  it('finds the stand-in on the page, of its own train, and loads no other', async () => {
    const page = await shop.openModule(`
      window.warnings = [];
      console.warn = (text) => warnings.push(text);
      const script = document.createElement('script');
      script.src = simulator + '/endive/stripe.js';
      script.onload = async () => {
        const stripe = await loadStripe('pk_test_browser');
        const names = ['elements', 'createToken', 'createPaymentMethod', 'confirmCardPayment'];
        show({ functions: names.map((name) => typeof stripe[name]), version: Stripe.version, warnings });
      };
      document.head.append(script);`);
    expect(await shop.result(page)).toEqual({
      functions: ['function', 'function', 'function', 'function'],
      version: 'endive',
      warnings: [],
    });
  });

  it('warns about the stand-in of another train, as it does about Stripe’s', async () => {
    const page = await shop.openModule(`
      window.warnings = [];
      console.warn = (text) => warnings.push(text);
      const script = document.createElement('script');
      script.src = simulator + '/dahlia/stripe.js';
      script.onload = () => loadStripe('pk_test_browser').then(() => show(warnings));
      document.head.append(script);`);
    expect(JSON.stringify(await shop.result(page))).toContain('Stripe.js@dahlia was loaded');
  });
});

describe('the functions that @stripe/stripe-js 10 declares', () => {
  const missing = (names: string[], of: string): string =>
    `${JSON.stringify(names)}.filter((name) => typeof ${of}[name] !== 'function')`;

  it('are all there: on Stripe, on elements, on Checkout’s SDK and its actions', async () => {
    const { client_secret: secret } = await shop.stripe.checkout.sessions.create({
      mode: 'payment',
      ui_mode: 'elements',
      line_items: [
        { price_data: { currency: 'usd', unit_amount: 700, product_data: { name: 'Tea' } }, quantity: 1 },
      ],
      return_url: `${shop.shop.url}/done`,
    });
    const declared = {
      stripe: declaredFunctions('stripe', 'Stripe'),
      elements: declaredFunctions('elements-group', 'StripeElements'),
      checkout: declaredFunctions('checkout', 'StripeCheckoutElementsSdk'),
      actions: declaredFunctions('checkout', 'StripeCheckoutLoadActionsSuccess'),
    };
    // The control: reading none of them would find none missing.
    expect(Object.values(declared).map(({ length }) => length > 4)).toEqual([true, true, true, true]);
    const lists = Object.entries(declared).map(([of, names]) => missing(names, of));
    const page = await shop.open(`(async () => {
      const elements = stripe.elements();
      const checkout = stripe.initCheckoutElementsSdk({ clientSecret: '${secret}' });
      const { actions } = await checkout.loadActions();
      show([${lists.join(', ')}]);
    })();`);
    expect(await shop.result(page)).toEqual([[], [], [], []]);
  });
});

describe('Stripe(key)', () => {
  it('works with and without new, and refuses a secret key', async () => {
    const page = await shop.open(`
      const tries = [() => typeof new Stripe('pk_test_x').elements, () => Stripe('sk_test_x')];
      show(tries.map((attempt) => { try { return attempt(); } catch (error) { return error.message; } }));`);
    const [made, refused] = (await shop.result(page)) as unknown as string[];
    expect(made).toBe('function');
    expect(refused).toContain('publishable key');
  });
});

describe('an element that can’t be filled', () => {
  const load = (secret: string): Promise<Page> =>
    shop.open(`
      const elements = stripe.elements({ clientSecret: '${secret}' });
      const element = elements.create('payment');
      element.mount('#one');
      element.on('ready', () => show({ ready: true }));
      element.on('loaderror', ({ elementType, error }) => show({ elementType, error }));`);

  it('says that nothing has this secret, and never gets ready', async () => {
    expect(await shop.result(await load('pi_123_secret_456'))).toMatchObject({
      elementType: 'payment',
      error: { type: 'invalid_request_error', code: 'resource_missing' },
    });
  });

  it('says that its intent is over', async () => {
    const intent = await shop.stripe.paymentIntents.create({ amount: 500, currency: 'usd' });
    await shop.stripe.paymentIntents.cancel(intent.id);
    expect(await shop.result(await load(intent.client_secret ?? ''))).toMatchObject({
      error: { code: 'payment_intent_unexpected_state' },
    });
  });
});
