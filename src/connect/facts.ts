import type Stripe from 'stripe';
import type { Requirement } from './seller.ts';
import type { ConnectSettings } from './settings.ts';

type Preset = ConnectSettings['preset'];

/** What an account says of itself, whichever API of Stripe was asked. */
export interface AccountFacts {
  /** Why there is no account (for us) any more, or null. */
  gone: string | null;
  /** Why the account is shut, in Stripe's words, when no answer of the seller changes that; or null. */
  barred: string | null;
  /** The capability that makes the account one that can be sold for. */
  capability: 'active' | 'pending' | 'inactive' | 'missing';
  /** Why it is not active, in Stripe's words. */
  why: string | null;
  /** Stripe is looking at what was entered. */
  reviewing: boolean;
  requirements: Requirement[];
  charges_enabled: boolean;
  payouts_enabled: boolean;
  details_submitted: boolean;
  default_currency: string | null;
  dashboard: string | null;
  country: string | null;
  email: string | null;
  name: string | null;
}

/** What has to be asked for: responses of /v2 hide everything else. */
export const INCLUDE: Stripe.V2.Core.AccountRetrieveParams.Include[] = [
  'configuration.merchant',
  'configuration.recipient',
  'defaults',
  'future_requirements',
  'identity',
  'requirements',
];

/** An account that is not there, or that our key has no access to. */
export function factsOfNone(why: string): AccountFacts {
  return {
    gone: why,
    barred: null,
    capability: 'missing',
    why: null,
    reviewing: false,
    requirements: [],
    charges_enabled: false,
    payouts_enabled: false,
    details_submitted: false,
    default_currency: null,
    dashboard: null,
    country: null,
    email: null,
    name: null,
  };
}

// docs.stripe.com/connect/handling-api-verification: the account waits for Stripe, not for the seller.
const IN_REVIEW = new Set(['under_review', 'listed', 'requirements.pending_verification']);
const BARRED = /^(rejected\.|platform_paused$|other$)/;

/** An account as `/v1/accounts` tells it. */
export function factsOfV1(account: Stripe.Account, preset: Preset): AccountFacts {
  const { requirements, future_requirements: future, capabilities = {} } = account;
  const why = requirements?.disabled_reason ?? null;
  // A marketplace's sellers are paid by transfers; an account that was asked for something else has that.
  const names = preset === 'marketplace' ? SELLS.marketplace : SELLS.full_dashboard;
  const [capability] = names.map((name) => capabilities[name]).filter((status) => status !== undefined);
  return {
    gone: (account as { deleted?: boolean }).deleted === true ? 'account_closed' : null,
    barred: why !== null && BARRED.test(why) ? why : null,
    capability: capability === undefined ? 'missing' : (CAPABILITY[capability] ?? 'inactive'),
    why,
    reviewing: (why !== null && IN_REVIEW.has(why)) || (requirements?.pending_verification ?? []).length > 0,
    requirements: requirementsOfV1(requirements, future),
    charges_enabled: account.charges_enabled,
    payouts_enabled: account.payouts_enabled,
    details_submitted: account.details_submitted,
    default_currency: account.default_currency ?? null,
    dashboard: dashboardOf(account),
    country: countryOf(account.country),
    email: account.email ?? null,
    name: account.business_profile?.name ?? account.settings?.dashboard?.display_name ?? null,
  };
}

/** An account that nobody but its owner controls, as those that come by OAuth, has Stripe's own dashboard. */
function dashboardOf({ controller }: Stripe.Account): string | null {
  return controller?.stripe_dashboard?.type ?? (controller?.type === 'account' ? 'full' : null);
}

const SELLS = {
  marketplace: ['transfers', 'card_payments'],
  full_dashboard: ['card_payments', 'transfers'],
} as const;

const CAPABILITY: Record<string, AccountFacts['capability']> = { active: 'active', pending: 'pending' };

function requirementsOfV1(
  requirements: Stripe.Account.Requirements | null | undefined,
  future: Stripe.Account.FutureRequirements | null | undefined,
): Requirement[] {
  const past = new Set(requirements?.past_due);
  const now = new Set(requirements?.currently_due);
  const by = timeOf(requirements?.current_deadline);
  const errors = new Map(requirements?.errors?.map(({ requirement, reason }) => [requirement, reason]));
  const fields = new Set([...past, ...now, ...(requirements?.eventually_due ?? [])]);
  const found = [...fields].map((field): Requirement => {
    const due = past.has(field) ? 'past' : now.has(field) ? 'now' : 'later';
    return { field, due, by: due === 'later' ? null : by, error: errors.get(field) ?? null };
  });
  const coming = timeOf(future?.current_deadline);
  for (const field of future?.currently_due ?? [])
    if (!fields.has(field)) found.push({ field, due: 'later', by: coming, error: null });
  return found;
}

/** An account as `/v2/core/accounts` tells it, everything of `INCLUDE` included. */
export function factsOfV2(account: Stripe.V2.Core.Account, preset: Preset): AccountFacts {
  const { merchant, recipient } = account.configuration ?? {};
  const transfers = recipient?.capabilities?.stripe_balance?.stripe_transfers;
  const cards = merchant?.capabilities?.card_payments;
  const selling = preset === 'marketplace' ? (transfers ?? cards) : (cards ?? transfers);
  const why = selling?.status_details[0]?.code ?? null;
  const payouts = [recipient, merchant].map((part) => part?.capabilities?.stripe_balance?.payouts?.status);
  const terms = account.identity?.attestations?.terms_of_service?.account?.date;
  const stripes = account.requirements?.entries?.filter((entry) => entry.awaiting_action_from === 'stripe');
  return {
    gone: account.closed === true ? 'account_closed' : null,
    barred: selling && SHUT.has(selling.status) ? (why ?? selling.status) : null,
    capability: selling === undefined ? 'missing' : (CAPABILITY[selling.status] ?? 'inactive'),
    why,
    reviewing: WAITS.has(why ?? '') || (stripes ?? []).length > 0,
    requirements: requirementsOfV2(account),
    charges_enabled: cards?.status === 'active',
    payouts_enabled: payouts.includes('active'),
    details_submitted: typeof terms === 'string',
    default_currency: account.defaults?.currency ?? null,
    dashboard: account.dashboard ?? null,
    country: countryOf(account.identity?.country),
    email: account.contact_email ?? null,
    name: account.display_name ?? null,
  };
}

const SHUT = new Set<string>(['rejected', 'unsupported']);
const WAITS = new Set(['determining_status', 'requirements_pending_verification']);

const DUE = { past_due: 'past', currently_due: 'now', eventually_due: 'later' } as const;

function requirementsOfV2({ requirements, future_requirements: future }: Stripe.V2.Core.Account) {
  const summary = requirements?.summary?.minimum_deadline;
  const coming = future?.summary?.minimum_deadline?.time ?? null;
  // A person's fields go by the same name for each of them.
  const nameOf = (entry: Entry): string =>
    entry.reference?.type === 'person' && entry.reference.resource
      ? `${entry.reference.resource}.${entry.description}`
      : entry.description;
  const found = (requirements?.entries ?? []).filter(isSellers).map((entry): Requirement => {
    const { status } = entry.minimum_deadline;
    // Only the summary has a time: that of the most pressing.
    const by = status === summary?.status && status !== 'eventually_due' ? (summary.time ?? null) : null;
    return { field: nameOf(entry), due: DUE[status], by, error: entry.errors[0]?.description ?? null };
  });
  const fields = new Set(found.map(({ field }) => field));
  for (const entry of (future?.entries ?? []).filter(isSellers))
    if (!fields.has(nameOf(entry)))
      found.push({ field: nameOf(entry), due: 'later', by: coming, error: null });
  return found;
}

type Entry = Stripe.V2.Core.Account.Requirements.Entry | Stripe.V2.Core.Account.FutureRequirements.Entry;

function isSellers(entry: Entry): boolean {
  return entry.awaiting_action_from === 'user';
}

function countryOf(country: string | null | undefined): string | null {
  return country && /^[a-z]{2}$/i.test(country) ? country.toUpperCase() : null;
}

function timeOf(seconds: number | null | undefined): string | null {
  return typeof seconds === 'number' ? new Date(seconds * 1000).toISOString() : null;
}
