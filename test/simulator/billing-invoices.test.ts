import { describe, expect, it } from 'vitest';
import { HOUR, NEW_YEAR, draftInvoice, eventTypes, passTime, payingCustomer } from './support/billing.ts';
import { idOf, refusal, useSimulator } from './support/simulator.ts';

const local = useSimulator();

describe('a draft invoice', () => {
  it('takes up pending items only when asked to', async () => {
    const { id } = await payingCustomer(local);
    await local.stripe.invoiceItems.create({ customer: id, amount: 700, currency: 'usd' });
    const without = await local.stripe.invoices.create({ customer: id });
    expect(without).toMatchObject({ status: 'draft', total: 0, number: null, billing_reason: 'manual' });
    const including = await local.stripe.invoices.create({
      customer: id,
      pending_invoice_items_behavior: 'include',
    });
    expect(including).toMatchObject({ total: 700, amount_due: 700, auto_advance: false });
    expect(including.lines.data[0]?.pricing?.unit_amount_decimal?.toString()).toBe('700');
  });

  it('adds up discounts and taxes, exclusive and inclusive ones', async () => {
    const { id } = await payingCustomer(local);
    const coupon = await local.stripe.coupons.create({ percent_off: 25, duration: 'once' });
    const outside = await local.stripe.taxRates.create({
      display_name: 'Sales tax',
      percentage: 10,
      inclusive: false,
    });
    const inside = await local.stripe.taxRates.create({
      display_name: 'VAT',
      percentage: 20,
      inclusive: true,
    });
    const invoice = await local.stripe.invoices.create({ customer: id, discounts: [{ coupon: coupon.id }] });
    const item = { customer: id, invoice: invoice.id, currency: 'usd' };
    await local.stripe.invoiceItems.create({ ...item, amount: 4_000, tax_rates: [outside.id] });
    await local.stripe.invoiceItems.create({ ...item, amount: 1_600, tax_rates: [inside.id] });
    const worked = await local.stripe.invoices.retrieve(invoice.id);
    expect(worked).toMatchObject({ subtotal: 5_600, total: 4_500, total_excluding_tax: 4_000 });
    expect(worked.total_discount_amounts?.map(({ amount }) => amount)).toEqual([1_400]);
    expect(worked.total_taxes?.map(({ amount, tax_behavior }) => [amount, tax_behavior])).toEqual([
      [300, 'exclusive'],
      [200, 'inclusive'],
    ]);
  });

  it('can be edited line by line, and no longer once it is finalized', async () => {
    const { id } = await payingCustomer(local);
    const invoice = await draftInvoice(local, id);
    const added = await local.stripe.invoices.addLines(invoice, {
      lines: [{ amount: 500, description: 'Shipping' }],
    });
    expect(added.total).toBe(2_500);
    const line = added.lines.data[1]?.id ?? '';
    await local.stripe.invoices.updateLineItem(invoice, line, { amount: 900 });
    expect((await local.stripe.invoices.retrieve(invoice)).total).toBe(2_900);
    await local.stripe.invoices.removeLines(invoice, { lines: [{ id: line, behavior: 'delete' }] });
    const final = await local.stripe.invoices.finalizeInvoice(invoice);
    expect(final).toMatchObject({ total: 2_000, status: 'open' });
    const refused = await refusal(local.stripe.invoices.addLines(invoice, { lines: [{ amount: 1 }] }));
    expect(refused).toMatchObject({ code: 'invoice_not_editable', statusCode: 400 });
  });

  it('can be deleted, and its items are pending again', async () => {
    const { id } = await payingCustomer(local);
    const invoice = await draftInvoice(local, id);
    expect(await local.stripe.invoices.del(invoice)).toMatchObject({ deleted: true });
    const pending = await local.stripe.invoiceItems.list({ customer: id, pending: true });
    expect(pending.data.map(({ amount }) => amount)).toEqual([2_000]);
    expect((await refusal(local.stripe.invoices.retrieve(invoice))).statusCode).toBe(404);
  });
});

describe('an open invoice', () => {
  it('shows its PaymentIntent only where it is asked for', async () => {
    const { id } = await payingCustomer(local);
    const invoice = await draftInvoice(local, id);
    const open = await local.stripe.invoices.finalizeInvoice(invoice);
    expect(open.payments).toBeUndefined();
    expect(open.number).toMatch(/^[A-Z0-9]{8}-0001$/);
    const shown = await local.stripe.invoices.retrieve(invoice, {
      expand: ['payments', 'confirmation_secret'],
    });
    expect(shown.confirmation_secret?.client_secret).toMatch(/^pi_.*_secret_/);
    expect(shown.payments?.data[0]).toMatchObject({
      status: 'open',
      is_default: true,
      amount_requested: 2_000,
    });
  });

  it('is paid by whoever confirms its PaymentIntent', async () => {
    const { id } = await payingCustomer(local);
    const invoice = await draftInvoice(local, id);
    await local.stripe.invoices.finalizeInvoice(invoice);
    const { data } = await local.stripe.invoicePayments.list({ invoice });
    const intent = idOf(data[0]?.payment.payment_intent);
    await local.stripe.paymentIntents.confirm(intent, { payment_method: 'pm_card_visa', off_session: true });
    expect(await local.stripe.invoices.retrieve(invoice)).toMatchObject({
      status: 'paid',
      amount_remaining: 0,
    });
    const found = await local.stripe.invoicePayments.list({
      payment: { type: 'payment_intent', payment_intent: intent },
      status: 'paid',
    });
    expect(found.data.map((payment) => payment.invoice)).toEqual([invoice]);
  });

  it('tells of its payment in the order of the documentation', async () => {
    const { id } = await payingCustomer(local);
    await local.stripe.invoices.pay(await draftInvoice(local, id));
    expect(await eventTypes(local)).toEqual([
      'customer.created',
      'payment_method.attached',
      'invoiceitem.created',
      'invoice.created',
      'payment_intent.created',
      'invoice.finalized',
      'charge.succeeded',
      'payment_intent.succeeded',
      'invoice.updated',
      'invoice.paid',
      'invoice.payment_succeeded',
      'invoice_payment.paid',
    ]);
  });

  it('stays open after a declined card, and after a bank that wants to see the buyer', async () => {
    const { id } = await payingCustomer(local, 'pm_card_chargeCustomerFail');
    const invoice = await draftInvoice(local, id);
    const declined = await refusal(local.stripe.invoices.pay(invoice));
    expect(declined).toMatchObject({ type: 'StripeCardError', code: 'card_declined', statusCode: 402 });
    const after = await local.stripe.invoices.retrieve(invoice);
    expect(after).toMatchObject({
      status: 'open',
      attempted: true,
      attempt_count: 1,
      next_payment_attempt: null,
    });
    expect(await eventTypes(local, 'invoice.')).toContain('invoice.payment_failed');
    const strict = await local.stripe.paymentMethods.attach('pm_card_threeDSecure2Required', {
      customer: id,
    });
    const waiting = await refusal(local.stripe.invoices.pay(invoice, { payment_method: strict.id }));
    expect(waiting.code).toBe('invoice_payment_intent_requires_action');
    expect(await eventTypes(local, 'invoice.')).toContain('invoice.payment_action_required');
  });

  it('needs something to be paid with', async () => {
    const { id } = await local.stripe.customers.create();
    expect((await refusal(local.stripe.invoices.pay(await draftInvoice(local, id)))).statusCode).toBe(400);
  });

  it('is void, uncollectible or paid elsewhere when that is said', async () => {
    const { id } = await payingCustomer(local);
    const [a, b, c] = [
      await draftInvoice(local, id),
      await draftInvoice(local, id),
      await draftInvoice(local, id),
    ];
    for (const invoice of [a, b, c]) await local.stripe.invoices.finalizeInvoice(invoice);
    expect((await local.stripe.invoices.voidInvoice(a)).status).toBe('void');
    expect((await local.stripe.invoices.markUncollectible(b)).status).toBe('uncollectible');
    const paid = await local.stripe.invoices.pay(c, { paid_out_of_band: true });
    expect(paid).toMatchObject({ status: 'paid', amount_remaining: 0 });
    expect((await refusal(local.stripe.invoices.pay(c))).message).toBe('Invoice is already paid');
    expect((await refusal(local.stripe.invoices.voidInvoice(c))).statusCode).toBe(400);
    const { data } = await local.stripe.invoices.list({ customer: id, status: 'void' });
    expect(data.map((invoice) => invoice.id)).toEqual([a]);
  });

  it('finalizes itself after an hour and is charged, if it is to advance', async () => {
    const clock = await local.stripe.testHelpers.testClocks.create({ frozen_time: NEW_YEAR });
    const { id } = await payingCustomer(local, 'pm_card_visa', { test_clock: clock.id });
    await local.stripe.invoiceItems.create({ customer: id, amount: 900, currency: 'usd' });
    const params = { customer: id, pending_invoice_items_behavior: 'include' as const };
    const { id: invoice } = await local.stripe.invoices.create({ ...params, auto_advance: true });
    await passTime(local, clock.id, NEW_YEAR + HOUR - 1);
    expect((await local.stripe.invoices.retrieve(invoice)).status).toBe('draft');
    await passTime(local, clock.id, NEW_YEAR + HOUR);
    const paid = await local.stripe.invoices.retrieve(invoice);
    expect(paid).toMatchObject({ status: 'paid', test_clock: clock.id });
    expect(paid.status_transitions.paid_at).toBe(NEW_YEAR + HOUR);
  });
});

describe('a sent invoice', () => {
  it('needs to know until when it is to be paid, and whom to write to', async () => {
    const { id } = await local.stripe.customers.create();
    const params = { customer: id, collection_method: 'send_invoice' as const };
    expect((await refusal(local.stripe.invoices.create(params))).param).toBe('days_until_due');
    const invoice = await local.stripe.invoices.create({ ...params, days_until_due: 7 });
    expect((await refusal(local.stripe.invoices.sendInvoice(invoice.id))).message).toMatch(/Missing email/);
    await local.stripe.customers.update(id, { email: 'ada@example.com' });
    const later = await local.stripe.invoices.create({ ...params, days_until_due: 7 });
    await local.stripe.invoices.sendInvoice(later.id);
    expect(await eventTypes(local, 'invoice.')).toContain('invoice.sent');
  });
});
