import type Stripe from 'stripe';
import { describe, expect, it } from 'vitest';
import { balanceOf, DAY_SECONDS, expectToAddUp, pay } from './support/money.ts';
import { eventTypes, makeSeller } from './support/seller.ts';
import { control, idOf, refusal, useSimulator } from './support/simulator.ts';

const local = useSimulator();

async function dispute(card: string, account?: string): Promise<Stripe.Dispute> {
  const options = account ? { stripeAccount: account } : undefined;
  const { id } = await pay(local, { payment_method: card }, account);
  const { data } = await local.stripe.disputes.list({ payment_intent: id }, options);
  return data[0] as Stripe.Dispute;
}

describe('a dispute', () => {
  it('takes money and a fee, and gives both back when it is won', async () => {
    const { id } = await dispute('pm_card_createDispute');
    await local.sim.clock.advance(5);
    expect((await balanceOf(local))['usd']).toEqual([-11_500, 10_000 - 320]);
    await local.stripe.disputes.update(id, { evidence: { uncategorized_text: 'winning_evidence' } });
    await local.sim.clock.advance(10);
    const won = await local.stripe.disputes.retrieve(id);
    expect(won.balance_transactions.map(({ net }) => net)).toEqual([-11_500, 11_500]);
    await expectToAddUp(local);
    const types = (await eventTypes(local)).filter((type) => type.startsWith('charge.dispute.'));
    expect(types).toEqual([
      'charge.dispute.created',
      'charge.dispute.funds_withdrawn',
      'charge.dispute.updated',
      'charge.dispute.funds_reinstated',
      'charge.dispute.closed',
    ]);
  });

  it('of a direct charge is the connected account’s', async () => {
    const seller = await makeSeller(local);
    const { id } = await dispute('pm_card_createDispute', seller.id);
    expect((await refusal(local.stripe.disputes.retrieve(id))).code).toBe('resource_missing');
    await local.sim.clock.advance(5);
    await expectToAddUp(local, seller.id);
    expect(await eventTypes(local, seller.id)).toContain('charge.dispute.funds_withdrawn');
  });

  it('may be about a part of what was paid, and about no more than that', async () => {
    const { latest_charge } = await pay(local);
    const path = `charges/${idOf(latest_charge)}/dispute`;
    const tooMuch = await control(local.sim, 'POST', path, { amount: 10_001 });
    expect(tooMuch).toMatchObject({ error: { code: 'invalid_body' } });
    await control(local.sim, 'POST', path, { amount: 4_000 });
    expect((await balanceOf(local))['usd']).toEqual([10_000 - 320 - 4_000 - 1_500, 0]);
    expect((await local.stripe.disputes.list()).data[0]).toMatchObject({ amount: 4_000 });
    await expectToAddUp(local);
  });

  it('keeps evidence that is only staged, until it is submitted', async () => {
    const { id } = await dispute('pm_card_createDispute');
    const evidence = { uncategorized_text: 'losing_evidence' };
    const staged = await local.stripe.disputes.update(id, { evidence, submit: false });
    expect(staged).toMatchObject({ status: 'needs_response', evidence_details: { has_evidence: true } });
    expect((await local.stripe.disputes.update(id, { submit: true })).status).toBe('under_review');
    await local.sim.clock.advance(10);
    expect((await local.stripe.disputes.retrieve(id)).status).toBe('lost');
  });

  it('that began as a question can be answered by a refund, or become a chargeback', async () => {
    const asked = await dispute('pm_card_createDisputeInquiry');
    const refund = await local.stripe.refunds.create({ charge: idOf(asked.charge) });
    expect(refund.status).toBe('succeeded');
    const { id } = await dispute('pm_card_createDisputeInquiry');
    await local.stripe.disputes.update(id, {
      evidence: { uncategorized_text: 'escalate_inquiry_evidence' },
    });
    await local.sim.clock.advance(10);
    const escalated = await local.stripe.disputes.retrieve(id);
    expect(escalated).toMatchObject({ status: 'needs_response', is_charge_refundable: false });
    const again = await refusal(local.stripe.refunds.create({ charge: idOf(escalated.charge) }));
    expect(again.code).toBe('charge_disputed');
    await local.sim.clock.advance(10 * DAY_SECONDS);
    expect(await local.stripe.disputes.retrieve(id)).toMatchObject({
      status: 'lost',
      evidence_details: { past_due: true },
    });
    await expectToAddUp(local);
  });

  it('does not take the money a second time when a dispute is answered like a question', async () => {
    const { id } = await dispute('pm_card_createDispute');
    const evidence = { uncategorized_text: 'escalate_inquiry_evidence' };
    await local.stripe.disputes.update(id, { evidence });
    await local.sim.clock.advance(10);
    const after = await local.stripe.disputes.retrieve(id);
    expect([after.status, after.balance_transactions.length]).toEqual(['under_review', 1]);
    const booked = await local.stripe.balanceTransactions.list({ source: id });
    expect(booked.data).toHaveLength(1);
  });
});

it('a warning of fraud can be acted on until the charge is refunded', async () => {
  const intent = await pay(local, { payment_method: 'pm_card_createIssuerFraudRecord' });
  const charge = idOf(intent.latest_charge);
  const { data } = await local.stripe.radar.earlyFraudWarnings.list({ charge });
  expect(data[0]).toMatchObject({ actionable: true, payment_intent: intent.id });
  await local.stripe.refunds.create({ charge, reason: 'fraudulent' });
  expect((await local.stripe.radar.earlyFraudWarnings.list({ charge })).data[0]?.actionable).toBe(false);
  expect(await eventTypes(local)).toContain('radar.early_fraud_warning.updated');
});

it('a review is approved once, or closed by a refund', async () => {
  const reviewed = await pay(local, { payment_method: 'pm_card_riskLevelElevated' });
  const id = idOf(reviewed.review);
  expect(await local.stripe.reviews.approve(id)).toMatchObject({ open: false, closed_reason: 'approved' });
  expect((await refusal(local.stripe.reviews.approve(id))).statusCode).toBe(400);
  const refunded = await pay(local, { payment_method: 'pm_card_riskLevelElevated' });
  await local.stripe.refunds.create({ payment_intent: refunded.id, reason: 'fraudulent' });
  const closed = await local.stripe.reviews.retrieve(idOf(refunded.review));
  expect(closed).toMatchObject({ open: false, reason: 'refunded_as_fraud' });
  expect((await eventTypes(local)).filter((type) => type === 'review.closed')).toHaveLength(2);
});
