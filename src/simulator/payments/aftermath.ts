import type Stripe from 'stripe';
import { restrict } from '../connect/restrict.ts';
import { idOf } from '../kinds.ts';
import type { Realm } from '../realm.ts';
import { bookDispute } from './balance.ts';
import { settleRisk } from './radar.ts';
import type { TestCard } from './test-cards.ts';

/** How long an account has to answer a dispute. */
export const DUE_SECONDS = 9 * 24 * 3600;

const NETWORK_REASONS = { fraudulent: '10.4', product_not_received: '13.1', inquiry: '10.4' };

/** What some test cards bring about once they have paid: disputes, warnings of fraud, reviews. */
export function afterSuccess(realm: Realm, charge: Stripe.Charge, card: Partial<TestCard>): void {
  if (card.dispute) openDispute(realm, charge, card.dispute);
  if (card.fraudWarning) {
    const warning = realm.insert('radar.early_fraud_warning', {
      actionable: true,
      charge: charge.id,
      fraud_type: 'misc',
      payment_intent: idOf(charge.payment_intent) ?? '',
    });
    realm.emit('radar.early_fraud_warning.created', warning);
  }
  if (card.risk === 'elevated') openReview(realm, charge);
  if (card.restricts) restrict(realm, idOf(charge.on_behalf_of) ?? realm.account, card.restricts);
}

/** Opens a dispute about a charge, or a part of it; an inquiry only asks and takes no money yet. */
export function openDispute(
  realm: Realm,
  charge: Stripe.Charge,
  why: NonNullable<TestCard['dispute']>,
  amount = charge.amount,
): Stripe.Dispute {
  const inquiry = why === 'inquiry';
  const dispute = realm.insert('dispute', {
    amount,
    balance_transactions: [],
    charge: charge.id,
    currency: charge.currency,
    evidence: { ...emptyEvidence(realm), ...knownEvidence(charge) },
    evidence_details: {
      due_by: realm.now + DUE_SECONDS,
      enhanced_eligibility: {},
      has_evidence: false,
      past_due: false,
      submission_count: 0,
      submission_method: 'not_submitted',
    },
    is_charge_refundable: inquiry,
    metadata: {},
    payment_intent: idOf(charge.payment_intent),
    payment_method_details: {
      card: {
        brand: charge.payment_method_details?.card?.brand ?? 'visa',
        case_type: inquiry ? 'inquiry' : 'chargeback',
        network: charge.payment_method_details?.card?.network ?? 'visa',
        network_reason_code: NETWORK_REASONS[why],
      },
      type: 'card',
    },
    reason: inquiry ? 'general' : why,
    status: inquiry ? 'warning_needs_response' : 'needs_response',
  });
  // `dispute` has left the client's types, but Stripe still sends it.
  const mark = { disputed: true, dispute: dispute.id };
  realm.change('charge', charge.id, mark);
  realm.emit('charge.dispute.created', dispute);
  settleRisk(realm, charge, 'disputed');
  realm.later('dispute.lapse', dispute.id, DUE_SECONDS);
  return inquiry ? dispute : withdraw(realm, dispute);
}

/** Takes the disputed money out of the balance. */
export function withdraw(realm: Realm, dispute: Stripe.Dispute): Stripe.Dispute {
  const booking = bookDispute(realm, dispute, false);
  const withdrawn = realm.change('dispute', dispute.id, {
    balance_transactions: [realm.need('balance_transaction', booking)],
  });
  realm.emit('charge.dispute.funds_withdrawn', withdrawn);
  return withdrawn;
}

function openReview(realm: Realm, charge: Stripe.Charge): void {
  const review = realm.insert('review', {
    charge: charge.id,
    open: true,
    opened_reason: 'rule',
    payment_intent: idOf(charge.payment_intent) ?? '',
    reason: 'rule',
  });
  realm.change('charge', charge.id, { review: review.id });
  const intent = idOf(charge.payment_intent);
  if (intent !== null) realm.change('payment_intent', intent, { review: review.id });
  realm.emit('review.opened', review);
}

function emptyEvidence({ engine }: Realm): Stripe.Dispute.Evidence {
  const field = engine.contract.shapeOf('dispute')?.get('evidence');
  const number = typeof field?.type === 'object' && 'r' in field.type ? field.type.r : -1;
  const names = [...engine.contract.shape(number).keys()];
  const empty = Object.fromEntries(names.map((name) => [name, name === 'enhanced_evidence' ? {} : null]));
  return empty as unknown as Stripe.Dispute.Evidence;
}

/** What Stripe fills in by itself. */
function knownEvidence(charge: Stripe.Charge): Partial<Stripe.Dispute.Evidence> {
  return {
    customer_email_address: charge.billing_details.email ?? charge.receipt_email,
    customer_name: charge.billing_details.name,
  };
}
