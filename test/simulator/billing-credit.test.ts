import { describe, expect, it } from 'vitest';
import { draftInvoice, eventTypes, payingCustomer } from './support/billing.ts';
import { idOf, refusal, useSimulator } from './support/simulator.ts';

const local = useSimulator();

describe('what a customer has to their credit', () => {
  it('pays the next invoice first, and comes back when that is voided', async () => {
    const { id } = await payingCustomer(local);
    const given = await local.stripe.customers.createBalanceTransaction(id, {
      amount: -500,
      currency: 'usd',
    });
    expect(given).toMatchObject({ type: 'adjustment', ending_balance: -500 });
    const invoice = await draftInvoice(local, id);
    const open = await local.stripe.invoices.finalizeInvoice(invoice);
    expect(open).toMatchObject({
      total: 2_000,
      starting_balance: -500,
      ending_balance: 0,
      amount_due: 1_500,
    });
    expect(await local.stripe.customers.retrieve(id)).toMatchObject({ balance: 0 });
    await local.stripe.invoices.voidInvoice(invoice);
    expect(await local.stripe.customers.retrieve(id)).toMatchObject({ balance: -500 });
    const { data } = await local.stripe.customers.listBalanceTransactions(id);
    expect(data.map(({ type, amount }) => [type, amount])).toEqual([
      ['unapplied_from_invoice', -500],
      ['applied_to_invoice', 500],
      ['adjustment', -500],
    ]);
  });

  it('grows by what a credit note gives back, or the card gets it', async () => {
    const { id } = await payingCustomer(local);
    const { id: invoice } = await local.stripe.invoices.pay(await draftInvoice(local, id));
    const note = await local.stripe.creditNotes.create({ invoice, amount: 300, credit_amount: 300 });
    expect(note).toMatchObject({
      total: 300,
      post_payment_amount: 300,
      type: 'post_payment',
      status: 'issued',
    });
    expect(await local.stripe.customers.retrieve(id)).toMatchObject({ balance: -300 });
    const back = await local.stripe.creditNotes.create({
      invoice,
      lines: [{ type: 'custom_line_item', description: 'Sorry', quantity: 1, unit_amount: 500 }],
      refund_amount: 500,
    });
    const refund = await local.stripe.refunds.retrieve(idOf(back.refunds[0]?.refund));
    expect(refund).toMatchObject({ amount: 500, status: 'succeeded' });
    expect(await local.stripe.invoices.retrieve(invoice)).toMatchObject({
      post_payment_credit_notes_amount: 800,
    });
    expect((await refusal(local.stripe.creditNotes.create({ invoice, amount: 1_300 }))).statusCode).toBe(400);
  });

  it('is not touched by a credit note of an open invoice, which only asks for less', async () => {
    const { id } = await payingCustomer(local);
    const invoice = await draftInvoice(local, id);
    await local.stripe.invoices.finalizeInvoice(invoice);
    const note = await local.stripe.creditNotes.create({ invoice, amount: 600 });
    expect(note).toMatchObject({ type: 'pre_payment', pre_payment_amount: 600 });
    expect(await local.stripe.invoices.retrieve(invoice)).toMatchObject({
      amount_remaining: 1_400,
      amount_due: 1_400,
    });
    await local.stripe.creditNotes.voidCreditNote(note.id);
    expect(await local.stripe.invoices.retrieve(invoice)).toMatchObject({ amount_remaining: 2_000 });
    expect(await eventTypes(local, 'credit_note.')).toEqual(['credit_note.created', 'credit_note.voided']);
  });
});
