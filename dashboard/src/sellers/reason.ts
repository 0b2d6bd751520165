// docs.stripe.com/api/accounts/object, requirements.disabled_reason; and what Quittance says itself.
const WORDS: Record<string, string> = {
  'requirements.past_due': 'Something that Stripe asked for is overdue.',
  'requirements.pending_verification': 'Stripe is checking what was entered.',
  'action_required.requested_capabilities': 'A capability has to be asked for first.',
  under_review: 'Stripe is looking at the account.',
  listed: 'The account may be on a list of prohibited persons or companies; Stripe is looking into it.',
  platform_paused: 'Your platform has paused the account.',
  other: 'Stripe has stopped the account, and says nothing more here.',
  'rejected.fraud': 'Stripe rejected the account, for fraud or illegal activity.',
  'rejected.incomplete_verification': 'Stripe rejected the account: it could not be verified.',
  'rejected.listed': 'Stripe rejected the account: it is on a list of prohibited persons or companies.',
  'rejected.other': 'Stripe rejected the account.',
  'rejected.platform_fraud': 'Your platform rejected the account, for fraud or illegal activity.',
  'rejected.platform_other': 'Your platform rejected the account.',
  'rejected.platform_terms_of_service':
    'Your platform rejected the account, for breaking its terms of service.',
  'rejected.terms_of_service': 'Stripe rejected the account, for breaking its terms of service.',
  account_closed: 'The account was closed.',
  no_access: 'The account is gone, or was disconnected from your platform.',
  deauthorized_by_platform: 'Your platform disconnected the account.',
  capability_inactive: 'Stripe does not let the account be paid at present.',
  capability_missing: 'The account never asked to be paid: it lacks the capability.',
};

/** Why an account was stopped, in words; a reason that is new to us as Stripe writes it. */
export function reasonInWords(reason: string): string {
  return WORDS[reason] ?? reason.replaceAll(/[_.]/g, ' ');
}
