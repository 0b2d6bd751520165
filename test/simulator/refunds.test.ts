import type Stripe from 'stripe';
import { describe, expect, it } from 'vitest';
import { control, idOf, refusal, useSimulator } from './support/simulator.ts';

const local = useSimulator();

function pay(method: string): Promise<Stripe.PaymentIntent> {
  return local.stripe.paymentIntents.create({
    amount: 2_000,
    currency: 'usd',
    payment_method: method,
    confirm: true,
  });
}

async function types(): Promise<string[]> {
  const { data } = await local.stripe.events.list({ limit: 100 });
  return data.map(({ type }) => type).toReversed();
}

describe('a refund', () => {
  it('gives back a part, then the rest, and then no more', async () => {
    const { id, latest_charge: charge } = await pay('pm_card_visa');
    const part = await local.stripe.refunds.create({ payment_intent: id, amount: 500 });
    expect(part).toMatchObject({ status: 'succeeded', amount: 500, charge });
    await local.stripe.refunds.create({ payment_intent: id });
    const refunded = await local.stripe.charges.retrieve(idOf(charge), { expand: ['refunds'] });
    expect(refunded).toMatchObject({ refunded: true, amount_refunded: 2_000 });
    expect(refunded.refunds?.data.map(({ amount }) => amount)).toEqual([1_500, 500]);
    const error = await refusal(local.stripe.refunds.create({ payment_intent: id }));
    expect(error.code).toBe('charge_already_refunded');
  });

  it('of more than was paid is refused', async () => {
    const { id } = await pay('pm_card_visa');
    const error = await refusal(local.stripe.refunds.create({ payment_intent: id, amount: 2_001 }));
    expect(error).toMatchObject({ statusCode: 400, param: 'amount' });
  });

  it('of a held but uncaptured amount is refused', async () => {
    const { id } = await local.stripe.paymentIntents.create({
      amount: 2_000,
      currency: 'usd',
      payment_method: 'pm_card_visa',
      confirm: true,
      capture_method: 'manual',
    });
    const error = await refusal(local.stripe.refunds.create({ payment_intent: id }));
    expect(error.code).toBe('payment_intent_unexpected_state');
  });

  it('can be pending at first', async () => {
    const { id } = await pay('pm_card_pendingRefund');
    const refund = await local.stripe.refunds.create({ payment_intent: id });
    expect(refund).toMatchObject({ status: 'pending', pending_reason: 'processing' });
    await local.sim.clock.advance(10);
    expect((await local.stripe.refunds.retrieve(refund.id)).status).toBe('succeeded');
    expect(await types()).toContain('refund.updated');
  });

  it('can fail after it seemed to succeed, and the money comes back', async () => {
    const { id, latest_charge: charge } = await pay('pm_card_refundFail');
    const refund = await local.stripe.refunds.create({ payment_intent: id });
    expect(refund.status).toBe('succeeded');
    await local.sim.clock.advance(10);
    const failed = await local.stripe.refunds.retrieve(refund.id);
    expect(failed).toMatchObject({ status: 'failed', failure_reason: 'expired_or_canceled_card' });
    const after = await local.stripe.charges.retrieve(idOf(charge));
    expect(after).toMatchObject({ refunded: false, amount_refunded: 0 });
    expect(await types()).toContain('refund.failed');
  });
});

describe('a dispute', () => {
  async function dispute(method: string): Promise<Stripe.Dispute> {
    const { id } = await pay(method);
    const { data } = await local.stripe.disputes.list({ payment_intent: id });
    return data[0] as Stripe.Dispute;
  }

  it('is there as soon as its card has paid, and takes the money with a fee', async () => {
    const opened = await dispute('pm_card_createDispute');
    expect(opened).toMatchObject({ status: 'needs_response', reason: 'fraudulent' });
    expect(opened.balance_transactions[0]).toMatchObject({ amount: -2_000, fee: 1_500, net: -3_500 });
    expect(await types()).toContain('charge.dispute.funds_withdrawn');
    const { payment_intent: id } = opened;
    expect((await refusal(local.stripe.refunds.create({ payment_intent: idOf(id) }))).code).toBe(
      'charge_disputed',
    );
  });

  it.each([
    ['winning_evidence', 'won', 'charge.dispute.funds_reinstated'],
    ['losing_evidence', 'lost', 'charge.dispute.closed'],
  ])('with %s is %s', async (words, status, type) => {
    const { id } = await dispute('pm_card_createDispute');
    const sent = await local.stripe.disputes.update(id, { evidence: { uncategorized_text: words } });
    expect(sent).toMatchObject({ status: 'under_review', evidence_details: { submission_count: 1 } });
    await local.sim.clock.advance(10);
    expect((await local.stripe.disputes.retrieve(id)).status).toBe(status);
    expect(await types()).toContain(type);
  });

  it('that nobody answers is lost when it falls due', async () => {
    const { id, evidence_details: details } = await dispute('pm_card_createDispute');
    await local.sim.clock.advance((details.due_by ?? 0) - Math.floor(local.sim.clock.now() / 1000) + 60);
    expect((await local.stripe.disputes.retrieve(id)).status).toBe('lost');
  });

  it('can be an inquiry, which takes no money and is closed without loss', async () => {
    const inquiry = await dispute('pm_card_createDisputeInquiry');
    expect(inquiry).toMatchObject({ status: 'warning_needs_response', balance_transactions: [] });
    expect((await local.stripe.disputes.close(inquiry.id)).status).toBe('warning_closed');
  });

  it('can be opened about any charge by the control API', async () => {
    const { latest_charge: charge } = await pay('pm_card_visa');
    await control(local.sim, 'POST', `charges/${idOf(charge)}/dispute`, { reason: 'product_not_received' });
    const { data } = await local.stripe.disputes.list({ charge: idOf(charge) });
    expect(data[0]?.reason).toBe('product_not_received');
  });
});

it('a card can bring a warning of fraud, and one of higher risk a review', async () => {
  await pay('pm_card_createIssuerFraudRecord');
  const reviewed = await pay('pm_card_riskLevelElevated');
  expect((await local.stripe.radar.earlyFraudWarnings.list()).data).toHaveLength(1);
  expect(reviewed.review).toMatch(/^prv_/);
  expect(await types()).toEqual(
    expect.arrayContaining(['radar.early_fraud_warning.created', 'review.opened']),
  );
});
