import type Stripe from 'stripe';
import type { File } from './assess.ts';

const EMPTY = {
  alternatives: [],
  current_deadline: null,
  currently_due: [],
  disabled_reason: null,
  errors: [],
  eventually_due: [],
  past_due: [],
  pending_verification: [],
};

/** One capability of an account as an object; see docs.stripe.com/api/capabilities. */
export function capabilityObject(
  { dossier }: Pick<File, 'dossier'>,
  account: Stripe.Account,
  id: string,
): Stripe.Capability {
  const requested = dossier.requested[id];
  const status = (account.capabilities as Record<string, 'active' | 'inactive' | 'pending'> | undefined)?.[
    id
  ];
  const { requirements } = account;
  return {
    id,
    object: 'capability',
    account: account.id,
    future_requirements: EMPTY,
    requested: requested !== undefined,
    requested_at: requested ?? null,
    requirements:
      status === undefined || !requirements
        ? EMPTY
        : {
            alternatives: [],
            current_deadline: requirements.current_deadline,
            currently_due: requirements.currently_due ?? [],
            disabled_reason: status === 'active' ? null : disabledReason(requirements.disabled_reason),
            errors: requirements.errors ?? [],
            eventually_due: requirements.eventually_due ?? [],
            past_due: requirements.past_due ?? [],
            pending_verification: requirements.pending_verification ?? [],
          },
    status: requested === undefined ? 'unrequested' : (status ?? 'inactive'),
  };
}

/** Capabilities have words of their own for why they are off. */
function disabledReason(reason: string | null): Stripe.Capability.Requirements.DisabledReason | null {
  if (reason === null) return null;
  if (reason === 'requirements.past_due') return 'requirements.fields_needed';
  if (reason === 'requirements.pending_verification') return 'pending.review';
  return reason.startsWith('rejected.') ? 'rejected.other' : 'other';
}
