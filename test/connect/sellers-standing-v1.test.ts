import type Stripe from 'stripe';
import { describe, expect, it } from 'vitest';
import { factsOfNone, factsOfV1, type AccountFacts } from '../../src/connect/facts.ts';
import { DEADLINE, DEADLINE_ISO, expected, standing, wants, type Case } from '../support/standing.ts';

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

const FIELD = 'individual.dob.day';

const CASES: Record<string, Case> = {
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

describe('an account of /v1', () => {
  it.each(Object.entries(CASES))('%s', (_name, one) => {
    expect(standing(one)).toMatchObject(expected(one));
  });

  it('tells more, which is kept', () => {
    expect(standing({ facts: v1({ transfers: 'active', submitted: true }) })).toMatchObject({
      payouts_enabled: true,
      charges_enabled: false,
      details_submitted: true,
      country: 'US',
      email: 'ann@example.com',
      default_currency: 'usd',
      dashboard: 'express',
    });
  });
});
