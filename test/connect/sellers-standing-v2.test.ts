import type Stripe from 'stripe';
import { describe, expect, it } from 'vitest';
import { factsOfV2, type AccountFacts } from '../../src/connect/facts.ts';
import { DEADLINE_ISO, expected, standing, wants, type Case } from '../support/standing.ts';

interface V2 {
  transfers?: string;
  cards?: string;
  why?: string;
  entries?: { field: string; due: string; from?: string; error?: string; person?: string }[];
  summary?: { status: string; time?: string };
  terms?: boolean;
  closed?: boolean;
}

/** An account as /v2 shows it with everything included. */
function v2(about: V2, preset: 'marketplace' | 'full_dashboard' = 'marketplace'): AccountFacts {
  const details = about.why ? [{ code: about.why, resolution: 'provide_info' }] : [];
  const status = (word: string | undefined): object | undefined =>
    word === undefined ? undefined : { status: word, status_details: word === 'active' ? [] : details };
  const account = {
    id: 'acct_2',
    closed: about.closed ?? false,
    contact_email: 'bob@example.com',
    display_name: 'Bob',
    dashboard: 'express',
    configuration: {
      merchant: about.cards === undefined ? null : { capabilities: { card_payments: status(about.cards) } },
      recipient: {
        capabilities: {
          stripe_balance: { payouts: { status: 'active' }, stripe_transfers: status(about.transfers) },
        },
      },
    },
    defaults: { currency: 'eur' },
    identity: {
      country: 'de',
      attestations: {
        terms_of_service: { account: about.terms ? { date: '2026-01-01T00:00:00Z' } : null },
      },
    },
    requirements: {
      entries: (about.entries ?? []).map(({ field, due, from = 'user', error, person }) => ({
        description: field,
        awaiting_action_from: from,
        errors: error ? [{ code: 'invalid_value_other', description: error }] : [],
        minimum_deadline: { status: due },
        reference: person ? { type: 'person', resource: person } : null,
      })),
      summary: about.summary ? { minimum_deadline: about.summary } : null,
    },
    future_requirements: { entries: [], summary: null },
  };
  return factsOfV2(account as unknown as Stripe.V2.Core.Account, preset);
}

const NAME = 'identity.individual.given_name';

const CASES: Record<string, Case> = {
  'nothing entered yet': {
    is: 'not_started',
    facts: v2({ transfers: 'restricted', entries: [{ field: NAME, due: 'past_due' }] }),
    requirements: [wants(NAME, 'past')],
  },
  begun: {
    is: 'incomplete',
    facts: v2({
      transfers: 'restricted',
      entries: [
        { field: NAME, due: 'currently_due' },
        { field: 'dob', due: 'eventually_due' },
      ],
      summary: { status: 'currently_due', time: DEADLINE_ISO },
    }),
    before: { requirements: [wants('email', 'past'), wants(NAME, 'past')] },
    requirements: [wants(NAME, 'now', { by: DEADLINE_ISO }), wants('dob', 'later')],
  },
  'an answer that is wrong, about a person': {
    is: 'incomplete',
    facts: v2({
      transfers: 'restricted',
      terms: true,
      entries: [{ field: 'given_name', due: 'past_due', error: 'No such name.', person: 'person_7' }],
    }),
    requirements: [wants('person_7.given_name', 'past', { error: 'No such name.' })],
  },
  'waiting for Stripe': {
    is: 'under_review',
    facts: v2({
      transfers: 'restricted',
      terms: true,
      entries: [{ field: NAME, due: 'currently_due', from: 'stripe' }],
    }),
    requirements: [],
  },
  'verification pending': {
    is: 'under_review',
    facts: v2({ transfers: 'pending', why: 'requirements_pending_verification', terms: true }),
  },
  'status being determined': {
    is: 'under_review',
    facts: v2({ transfers: 'restricted', why: 'determining_status', terms: true }),
  },
  'able to receive': { is: 'ready', facts: v2({ transfers: 'active', terms: true }) },
  'restricted again after it was ready': {
    is: 'restricted',
    reason: 'requirements_past_due',
    facts: v2({
      transfers: 'restricted',
      why: 'requirements_past_due',
      entries: [{ field: NAME, due: 'past_due' }],
    }),
    before: { status: 'ready' },
  },
  rejected: {
    is: 'restricted',
    reason: 'rejected_fraud',
    facts: v2({ transfers: 'rejected', why: 'rejected_fraud', entries: [{ field: NAME, due: 'past_due' }] }),
  },
  'of a kind Stripe does not take': {
    is: 'restricted',
    reason: 'unsupported_country',
    facts: v2({ transfers: 'unsupported', why: 'unsupported_country' }),
  },
  'restricted without a word': {
    is: 'restricted',
    reason: 'restricted_other',
    facts: v2({ transfers: 'restricted', why: 'restricted_other', terms: true }),
  },
  closed: { is: 'disconnected', reason: 'account_closed', facts: v2({ transfers: 'active', closed: true }) },
  'with a full dashboard, where cards count': {
    is: 'ready',
    facts: v2({ cards: 'active', transfers: 'restricted', terms: true }, 'full_dashboard'),
  },
  'with a full dashboard, cards not yet': {
    is: 'not_started',
    facts: v2({ cards: 'restricted', entries: [{ field: NAME, due: 'past_due' }] }, 'full_dashboard'),
  },
};

describe('an account of /v2', () => {
  it.each(Object.entries(CASES))('%s', (_name, one) => {
    expect(standing(one)).toMatchObject(expected(one));
  });

  it('tells more, which is kept', () => {
    expect(standing({ facts: v2({ transfers: 'active', terms: true }) })).toMatchObject({
      payouts_enabled: true,
      charges_enabled: false,
      details_submitted: true,
      country: 'DE',
      email: 'bob@example.com',
      name: 'Bob',
      default_currency: 'eur',
      dashboard: 'express',
    });
  });
});
