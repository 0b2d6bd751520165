import type Stripe from 'stripe';
import { describe, expect, it } from 'vitest';
import { factsOfNone, factsOfV1, factsOfV2, type AccountFacts } from '../../src/connect/facts.ts';
import type { Requirement, SellerStatus, Standing } from '../../src/connect/seller.ts';
import { standingOf, type Before } from '../../src/connect/standing.ts';

const DEADLINE = Date.UTC(2026, 11, 1) / 1000;
const DEADLINE_ISO = '2026-12-01T00:00:00.000Z';

const NEW: Before = { status: 'not_started', requirements: [] };

interface V1 {
  transfers?: string;
  card_payments?: string;
  submitted?: boolean;
  disabled?: string;
  past?: string[];
  now?: string[];
  later?: string[];
  pending?: string[];
  errors?: { requirement: string; reason: string; code: string }[];
  deadline?: number;
  future?: { currently_due: string[]; current_deadline: number | null };
  deleted?: boolean;
}

/** An account as /v1 shows it, with what a case says of it. */
function v1(about: V1): AccountFacts {
  const { transfers, card_payments: cards } = about;
  const account = {
    id: 'acct_1',
    country: 'US',
    email: 'ann@example.com',
    default_currency: 'usd',
    charges_enabled: cards === 'active',
    payouts_enabled: transfers === 'active',
    details_submitted: about.submitted ?? false,
    deleted: about.deleted,
    controller: { stripe_dashboard: { type: 'express' } },
    capabilities: { ...(transfers && { transfers }), ...(cards && { card_payments: cards }) },
    requirements: {
      disabled_reason: about.disabled ?? null,
      past_due: about.past ?? [],
      currently_due: [...(about.past ?? []), ...(about.now ?? [])],
      eventually_due: [...(about.past ?? []), ...(about.now ?? []), ...(about.later ?? [])],
      pending_verification: about.pending ?? [],
      errors: about.errors ?? [],
      current_deadline: about.deadline ?? null,
    },
    future_requirements: about.future ?? null,
  };
  return factsOfV1(account as unknown as Stripe.Account, 'marketplace');
}

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

const wants = (field: string, due: Requirement['due'], more: Partial<Requirement> = {}): Requirement => ({
  field,
  due,
  by: null,
  error: null,
  ...more,
});

interface Case {
  is: SellerStatus;
  reason?: string | null;
  requirements?: Requirement[];
  facts: AccountFacts;
  before?: Partial<Before>;
}

const FIELD = 'individual.dob.day';

const V1_CASES: Record<string, Case> = {
  'nothing entered yet': {
    is: 'not_started',
    facts: v1({ transfers: 'inactive', disabled: 'requirements.past_due', past: [FIELD] }),
    requirements: [wants(FIELD, 'past')],
  },
  'read again, and nothing entered since': {
    is: 'not_started',
    facts: v1({ transfers: 'inactive', past: [FIELD] }),
    before: { requirements: [wants(FIELD, 'past')] },
  },
  'begun, since less is due than at first': {
    is: 'incomplete',
    facts: v1({ transfers: 'inactive', past: [FIELD] }),
    before: { requirements: [wants(FIELD, 'past'), wants('email', 'past')] },
  },
  'submitted, with a deadline for what is missing': {
    is: 'incomplete',
    facts: v1({ transfers: 'inactive', submitted: true, now: [FIELD], deadline: DEADLINE }),
    requirements: [wants(FIELD, 'now', { by: DEADLINE_ISO })],
  },
  'submitted, and what was entered is wrong': {
    is: 'incomplete',
    facts: v1({
      transfers: 'inactive',
      submitted: true,
      past: [FIELD],
      errors: [{ requirement: FIELD, reason: 'Too young.', code: 'invalid_dob_age_under_minimum' }],
    }),
    requirements: [wants(FIELD, 'past', { error: 'Too young.' })],
  },
  'all submitted, Stripe looks at it': {
    is: 'under_review',
    facts: v1({ transfers: 'pending', submitted: true, pending: [FIELD] }),
  },
  'under review by name': {
    is: 'under_review',
    facts: v1({ transfers: 'inactive', submitted: true, disabled: 'under_review' }),
  },
  'perhaps on a list of sanctions': {
    is: 'under_review',
    facts: v1({ transfers: 'inactive', submitted: true, disabled: 'listed' }),
  },
  'able to receive': { is: 'ready', facts: v1({ transfers: 'active', submitted: true }) },
  'able to receive, with something due later': {
    is: 'ready',
    facts: v1({ transfers: 'active', submitted: true, later: ['individual.id_number'] }),
    requirements: [wants('individual.id_number', 'later')],
  },
  'able to receive, with a deadline ahead': {
    is: 'ready',
    facts: v1({ transfers: 'active', submitted: true, now: [FIELD], deadline: DEADLINE }),
    requirements: [wants(FIELD, 'now', { by: DEADLINE_ISO })],
  },
  'able to receive, and new rules come': {
    is: 'ready',
    facts: v1({
      transfers: 'active',
      submitted: true,
      future: { currently_due: [FIELD], current_deadline: DEADLINE },
    }),
    requirements: [wants(FIELD, 'later', { by: DEADLINE_ISO })],
  },
  'able to receive, though its cards are blocked: a marketplace sends it transfers': {
    is: 'ready',
    facts: v1({ transfers: 'active', card_payments: 'inactive', submitted: true }),
  },
  'asked for cards alone, and able to take them': {
    is: 'ready',
    facts: v1({ card_payments: 'active', submitted: true }),
  },
  'once ready, then over a deadline': {
    is: 'restricted',
    reason: 'requirements.past_due',
    facts: v1({
      transfers: 'inactive',
      submitted: true,
      disabled: 'requirements.past_due',
      past: [FIELD],
    }),
    before: { status: 'ready' },
  },
  'still over that deadline': {
    is: 'restricted',
    reason: 'requirements.past_due',
    facts: v1({
      transfers: 'inactive',
      submitted: true,
      disabled: 'requirements.past_due',
      past: [FIELD],
    }),
    before: { status: 'restricted' },
  },
  'over the deadline, and answered: Stripe looks at it': {
    is: 'under_review',
    facts: v1({ transfers: 'pending', submitted: true, pending: [FIELD] }),
    before: { status: 'restricted' },
  },
  'rejected for fraud': {
    is: 'restricted',
    reason: 'rejected.fraud',
    facts: v1({ transfers: 'inactive', disabled: 'rejected.fraud', past: [FIELD] }),
  },
  'paused by the platform, whatever else is active': {
    is: 'restricted',
    reason: 'platform_paused',
    facts: v1({ transfers: 'active', submitted: true, disabled: 'platform_paused' }),
  },
  'without the capability': {
    is: 'restricted',
    reason: 'capability_missing',
    facts: v1({ submitted: true }),
  },
  'inactive for no reason Stripe names': {
    is: 'restricted',
    reason: 'capability_inactive',
    facts: v1({ transfers: 'inactive', submitted: true }),
  },
  deleted: { is: 'disconnected', reason: 'account_closed', facts: v1({ deleted: true }) },
  'out of our reach': { is: 'disconnected', reason: 'no_access', facts: factsOfNone('no_access') },
};

const NAME = 'identity.individual.given_name';

const V2_CASES: Record<string, Case> = {
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

function stands({ facts, before = {} }: Case): Standing {
  return standingOf(facts, { ...NEW, ...before });
}

describe.each([
  ['/v1', V1_CASES],
  ['/v2', V2_CASES],
])('an account of %s', (_, cases) => {
  it.each(Object.entries(cases))('%s', (_name, one) => {
    const standing = stands(one);
    const { is: status, reason = null, requirements = standing.requirements } = one;
    expect(standing).toMatchObject({ status, reason, requirements });
  });
});

describe('what else an account tells', () => {
  it('is kept, in the same words from both APIs', () => {
    expect(stands({ is: 'ready', facts: v1({ transfers: 'active', submitted: true }) })).toMatchObject({
      payouts_enabled: true,
      charges_enabled: false,
      details_submitted: true,
      country: 'US',
      email: 'ann@example.com',
      default_currency: 'usd',
      dashboard: 'express',
    });
    expect(stands({ is: 'ready', facts: v2({ transfers: 'active', terms: true }) })).toMatchObject({
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
