import type Stripe from 'stripe';
import { describe, expect, it } from 'vitest';
import { refusal, useSimulator } from './support/simulator.ts';

const local = useSimulator();

function pay(method: string, more: Partial<Stripe.PaymentIntentCreateParams> = {}) {
  const params = { amount: 2_000, currency: 'usd', payment_method: method, confirm: true, ...more };
  return local.stripe.paymentIntents.create(params);
}

/** What the buyer does on the bank's page. */
async function authenticate(intent: Stripe.PaymentIntent, outcome: 'complete' | 'fail'): Promise<Response> {
  const url = intent.next_action?.redirect_to_url?.url ?? intent.next_action?.use_stripe_sdk?.['stripe_js'];
  const body = new URLSearchParams({ outcome });
  return fetch(String(url), { method: 'POST', body, redirect: 'manual' });
}

describe('3-D Secure', () => {
  it('waits for the buyer, then pays', async () => {
    const intent = await pay('pm_card_threeDSecure2Required', { return_url: 'http://localhost/done' });
    expect(intent.status).toBe('requires_action');
    const back = await authenticate(intent, 'complete');
    const location = new URL(back.headers.get('location') ?? '');
    expect(location.searchParams.get('redirect_status')).toBe('succeeded');
    expect((await local.stripe.paymentIntents.retrieve(intent.id)).status).toBe('succeeded');
  });

  it('that fails leads back to choosing a method', async () => {
    const intent = await pay('pm_card_threeDSecure2Required');
    expect(intent.next_action?.type).toBe('use_stripe_sdk');
    await authenticate(intent, 'fail');
    const after = await local.stripe.paymentIntents.retrieve(intent.id);
    expect(after).toMatchObject({
      status: 'requires_payment_method',
      last_payment_error: { code: 'payment_intent_authentication_failure' },
    });
  });

  it('can be followed by a decline', async () => {
    const intent = await pay('pm_card_authenticationRequiredChargeDeclinedInsufficientFunds');
    await authenticate(intent, 'complete');
    const after = await local.stripe.paymentIntents.retrieve(intent.id);
    expect(after.last_payment_error?.decline_code).toBe('insufficient_funds');
  });

  it('refuses an off-session payment unless the card was set up', async () => {
    const customer = await local.stripe.customers.create();
    const method = 'pm_card_authenticationRequiredOnSetup';
    const off = { off_session: true, customer: customer.id } as const;
    expect(await refusal(pay(method, off))).toMatchObject({ code: 'authentication_required' });
    const first = await pay(method, { customer: customer.id, setup_future_usage: 'off_session' });
    await authenticate(first, 'complete');
    const { data } = await local.stripe.customers.listPaymentMethods(customer.id);
    expect((await pay(data[0]?.id ?? '', off)).status).toBe('succeeded');
  });

  it('can only be answered with the client secret', async () => {
    const intent = await pay('pm_card_threeDSecure2Required');
    const answer = await fetch(`${local.sim.url}/_sim/authenticate/${intent.id}?client_secret=wrong`);
    expect(answer.status).toBe(404);
  });
});
