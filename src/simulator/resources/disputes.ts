import type Stripe from 'stripe';
import { mergeMetadata } from '../contract/metadata.ts';
import type { Params } from '../contract/validate.ts';
import { DUE_SECONDS, withdraw } from '../payments/aftermath.ts';
import { bookDispute } from '../payments/balance.ts';
import type { Realm } from '../realm.ts';
import type { Call, Resource } from '../server/call.ts';
import { refused } from '../server/errors.ts';
import { differences } from '../server/hashes.ts';
import type { StripeObject } from '../store/store.ts';

/** The bank's decision on test evidence comes soon after it was sent. */
const DECISION_SECONDS = 5;

const OPEN = new Set(['needs_response', 'warning_needs_response']);

/** docs.stripe.com/api/disputes; the words that decide are in docs.stripe.com/testing, "Disputes". */
export const disputes: Resource = {
  routes: {
    'POST /v1/disputes/{}': update,
    'POST /v1/disputes/{}/close': ({ realm, ids }) => {
      const dispute = realm.named('dispute', ids[0] ?? '');
      if (!OPEN.has(dispute.status)) throw refused('This dispute is already closed.');
      return asObject(lose(realm, dispute));
    },
  },
  tasks: {
    'dispute.decide': decide,
    'dispute.lapse': (realm, id) => {
      const dispute = realm.get('dispute', id);
      const due = dispute?.evidence_details.due_by ?? 0;
      // One that was escalated has a later day of its own.
      if (dispute && OPEN.has(dispute.status) && due <= realm.now) lose(realm, dispute, true);
    },
  },
};

function update({ realm, ids, params }: Call): StripeObject {
  const before = realm.named('dispute', ids[0] ?? '');
  const sent = params['evidence'] as Params | null | undefined;
  if (sent && !OPEN.has(before.status)) throw refused('This dispute is already closed.');
  const submit = sent ? params['submit'] !== false : params['submit'] === true && OPEN.has(before.status);
  const evidence = { ...before.evidence, ...sent };
  const after = realm.change('dispute', before.id, {
    metadata: mergeMetadata(before.metadata, params['metadata']),
    ...(sent && { evidence }),
    evidence_details: {
      ...before.evidence_details,
      ...(sent && { has_evidence: Object.values(sent).some((value) => value !== null) }),
      ...(submit && {
        submission_count: before.evidence_details.submission_count + 1,
        submission_method: 'manual',
      }),
    },
    ...(submit && { status: before.status === 'needs_response' ? 'under_review' : 'warning_under_review' }),
  });
  realm.emit('charge.dispute.updated', after, differences(asObject(before), asObject(after)));
  if (submit) realm.later('dispute.decide', after.id, DECISION_SECONDS);
  return asObject(after);
}

function decide(realm: Realm, id: string): void {
  const dispute = realm.get('dispute', id);
  if (!dispute?.status.endsWith('under_review')) return;
  const word = dispute.evidence.uncategorized_text;
  if (word === 'winning_evidence') win(realm, dispute);
  else if (word === 'losing_evidence') lose(realm, dispute);
  // Of a dispute the money is gone already.
  else if (word === 'escalate_inquiry_evidence' && dispute.status.startsWith('warning')) {
    escalate(realm, dispute);
  }
}

/**
 * The bank was not satisfied with an answer to its question: now it takes the money, and there is a new
 * day.
 */
function escalate(realm: Realm, dispute: Stripe.Dispute): void {
  const escalated = realm.change('dispute', dispute.id, {
    status: 'needs_response',
    is_charge_refundable: false,
    evidence_details: { ...dispute.evidence_details, due_by: realm.now + DUE_SECONDS },
  });
  realm.emit('charge.dispute.updated', escalated, differences(asObject(dispute), asObject(escalated)));
  withdraw(realm, escalated);
  realm.later('dispute.lapse', dispute.id, DUE_SECONDS);
}

function win(realm: Realm, dispute: Stripe.Dispute): void {
  const inquiry = dispute.status.startsWith('warning');
  const won = realm.change('dispute', dispute.id, { status: inquiry ? 'warning_closed' : 'won' });
  if (!inquiry) {
    const booking = bookDispute(realm, won, true);
    const paidBack = realm.change('dispute', dispute.id, {
      balance_transactions: [...won.balance_transactions, realm.need('balance_transaction', booking)],
    });
    realm.emit('charge.dispute.funds_reinstated', paidBack);
  }
  realm.emit('charge.dispute.closed', realm.need('dispute', dispute.id));
}

function lose(realm: Realm, dispute: Stripe.Dispute, late = false): Stripe.Dispute {
  const status = dispute.status.startsWith('warning') ? 'warning_closed' : 'lost';
  const lost = realm.change('dispute', dispute.id, {
    status,
    ...(late && { evidence_details: { ...dispute.evidence_details, past_due: true } }),
  });
  realm.emit('charge.dispute.closed', lost);
  return lost;
}

function asObject(dispute: Stripe.Dispute): StripeObject {
  return dispute as unknown as StripeObject;
}
