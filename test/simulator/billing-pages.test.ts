import { describe, expect, it } from 'vitest';
import { eventTypes, payingCustomer, recurringPrice } from './support/billing.ts';
import { refusal, useSimulator } from './support/simulator.ts';

const local = useSimulator();

async function press(url: string, fields: Record<string, string>): Promise<{ status: number; text: string }> {
  const body = new URLSearchParams(fields).toString();
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const answer = await fetch(url, { method: 'POST', headers, body, redirect: 'manual' });
  return { status: answer.status, text: await answer.text() };
}

describe('the customer portal', () => {
  it('lets a customer end a subscription with its period, and change their mind', async () => {
    const customer = await payingCustomer(local);
    const { id: price } = await recurringPrice(local, 1_500);
    const { id } = await local.stripe.subscriptions.create({ customer: customer.id, items: [{ price }] });
    const session = await local.stripe.billingPortal.sessions.create({
      customer: customer.id,
      return_url: 'https://shop.example/account',
    });
    expect(session).toMatchObject({ customer: customer.id, flow: null, livemode: false });
    const page = await (await fetch(session.url)).text();
    expect(page).toContain('1 × Plan at 1500');
    expect(page).toContain('https://shop.example/account');
    expect(page).toContain('•••• 4242');
    const pressed = await press(session.url, { action: 'cancel', id });
    expect(pressed.text).toContain('Your subscription will end with its period.');
    expect(await local.stripe.subscriptions.retrieve(id)).toMatchObject({ cancel_at_period_end: true });
    await press(session.url, { action: 'keep', id });
    expect(await local.stripe.subscriptions.retrieve(id)).toMatchObject({ cancel_at_period_end: false });
    expect(await eventTypes(local, 'billing_portal')).toEqual(['billing_portal.session.created']);
  });

  it('does nothing to what is not the customer’s, or not allowed', async () => {
    const [mine, other] = [await payingCustomer(local), await payingCustomer(local)];
    const { id: price } = await recurringPrice(local, 1_500);
    const subscribe = (customer: string) =>
      local.stripe.subscriptions.create({ customer, items: [{ price }] });
    const [own, foreign] = [await subscribe(mine.id), await subscribe(other.id)];
    const open = await local.stripe.billingPortal.sessions.create({ customer: mine.id });
    await press(open.url, { action: 'cancel', id: foreign.id });
    expect((await local.stripe.subscriptions.retrieve(foreign.id)).cancel_at_period_end).toBe(false);
    const configuration = await local.stripe.billingPortal.configurations.create({
      features: { subscription_cancel: { enabled: false }, invoice_history: { enabled: true } },
    });
    expect(configuration).toMatchObject({
      is_default: false,
      features: { payment_method_update: { enabled: false } },
    });
    const closed = await local.stripe.billingPortal.sessions.create({
      customer: mine.id,
      configuration: configuration.id,
    });
    await press(closed.url, { action: 'cancel', id: own.id });
    expect((await local.stripe.subscriptions.retrieve(own.id)).cancel_at_period_end).toBe(false);
    expect((await fetch(`${closed.url}x`)).status).toBe(404);
    expect((await refusal(local.stripe.billingPortal.sessions.create({ customer: 'cus_none' }))).param).toBe(
      'customer',
    );
  });
});

describe('the hosted page of an invoice', () => {
  it('is paid with a card that is typed there', async () => {
    const { id: customer } = await local.stripe.customers.create({ email: 'ada@example.com' });
    await local.stripe.invoiceItems.create({
      customer,
      amount: 4_200,
      currency: 'usd',
      description: 'Repair',
    });
    const { id } = await local.stripe.invoices.create({
      customer,
      pending_invoice_items_behavior: 'include',
    });
    const open = await local.stripe.invoices.finalizeInvoice(id);
    const url = open.hosted_invoice_url ?? '';
    expect(await (await fetch(url)).text()).toContain('Repair');
    const card = { method: 'card', expiry: '12 / 40', cvc: '123', name: 'Ada', country: 'US' };
    const declined = await press(url, { ...card, number: '4000 0000 0000 0341' });
    expect(declined).toMatchObject({ status: 422 });
    expect((await local.stripe.invoices.retrieve(id)).status).toBe('open');
    const paid = await press(url, { ...card, number: '4242 4242 4242 4242' });
    expect(paid.text).toContain('Invoice paid');
    expect((await local.stripe.invoices.retrieve(id)).status).toBe('paid');
    expect((await fetch(url.replace(id, 'in_1other'))).status).toBe(404);
    const pdf = await (await fetch(open.invoice_pdf ?? '')).text();
    expect(pdf).toMatch(/^%PDF-1\.4[^]*Repair[^]*%%EOF\n$/);
  });
});
