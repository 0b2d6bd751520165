import type Stripe from 'stripe';

/** What Stripe says of an install, as far as we keep it. */
export interface InstallFacts {
  stripe_install: string | null;
  permissions_granted: string[];
  permissions_pending: string[];
  approval_required: boolean;
}

/** Of an install that Stripe tells nothing of but that it is one. */
export const NO_FACTS: InstallFacts = {
  stripe_install: null,
  permissions_granted: [],
  permissions_pending: [],
  approval_required: false,
};

// `uninstall_failed`: somebody wanted to end it, and it goes on. The others are on their way, or never were.
const STANDING = new Set(['installed', 'uninstall_failed']);

/** docs.stripe.com/api/apps/installs. Null for one that does not stand. */
export function factsOf(install: Stripe.Apps.Install): InstallFacts | null {
  if (!STANDING.has(install.status)) return null;
  return {
    stripe_install: install.id,
    permissions_granted: install.permissions_granted.toSorted(),
    permissions_pending: install.permissions_pending.toSorted(),
    approval_required: install.approval_required,
  };
}
