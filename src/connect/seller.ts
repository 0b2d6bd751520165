import type { JobContext } from '../jobs/context.ts';
import { inWords, type Due } from './requirement-words.ts';
import type { ConnectSettings } from './settings.ts';

/**
 * Where a seller stands, derived from what Stripe says of the account and never set by hand. Only a seller
 * that is `ready` can be sold for.
 *
 * - `not_started`: nothing was entered yet, or there is no account.
 * - `incomplete`: Stripe wants something of the seller; `requirements` say what and by when.
 * - `under_review`: everything is entered and Stripe is looking at it.
 * - `restricted`: Stripe took something away or refuses it; `reason` says why.
 * - `ready`: money can be sent to the account.
 * - `disconnected`: the account is closed, gone, or no longer ours; `reason` says which.
 */
export type SellerStatus =
  | 'not_started'
  | 'incomplete'
  | 'under_review'
  | 'restricted'
  | 'ready'
  | 'disconnected';

export const SELLER_STATUSES = [
  'not_started',
  'incomplete',
  'under_review',
  'restricted',
  'ready',
  'disconnected',
] as const satisfies readonly SellerStatus[];

/** How a seller comes to us: by Stripe's onboarding pages, or with an account they have, by OAuth. */
export type SellerMode = 'account_link' | 'oauth';

/** One thing Stripe still wants, in Stripe's words. */
export interface Requirement {
  /** For example `identity.individual.relationship` (v2) or `individual.dob.day` (v1). */
  field: string;
  /** `past`: the deadline is over; `now`: due; `later`: will be due one day. */
  due: 'now' | 'past' | 'later';
  /** The deadline, ISO 8601, or null when Stripe names none. */
  by: string | null;
  /** Why what was entered is not good enough, or null. */
  error: string | null;
}

/** What a Stripe account says of its seller. */
export interface Standing {
  status: SellerStatus;
  requirements: Requirement[];
  reason: string | null;
  charges_enabled: boolean;
  payouts_enabled: boolean;
  details_submitted: boolean;
  default_currency: string | null;
  dashboard: string | null;
  country: string | null;
  email: string | null;
  name: string | null;
}

/** A seller as the API answers it. Times are ISO 8601. */
export interface Seller {
  id: string;
  reference: string;
  livemode: boolean;
  status: SellerStatus;
  mode: SellerMode;
  preset: ConnectSettings['preset'];
  api: ConnectSettings['api'];
  /** `acct_…`; null before there is one. */
  account: string | null;
  name: string | null;
  email: string | null;
  country: string | null;
  business_type: string | null;
  requirements: Requirement[];
  /** The same in words, each thing once. */
  missing: Due[];
  reason: string | null;
  charges_enabled: boolean;
  payouts_enabled: boolean;
  details_submitted: boolean;
  default_currency: string | null;
  dashboard: string | null;
  created_at: string;
  /** When Stripe was last asked. */
  checked_at: string;
  connected_at: string | null;
  disconnected_at: string | null;
}

/** A seller with what only we need. */
export interface SellerRow extends Omit<Seller, 'missing'> {
  /** What Stripe is asked for, until there is an account. */
  create_params: Record<string, unknown> | null;
  create_attempt: number;
  create_tried_at: string | null;
  /** A keyed hash of each field of the request, so that a repeat that says something else is noticed. */
  request_hashes: Record<string, string>;
  version: number;
}

/** The metadata field that names our seller on Stripe's accounts. */
export const SELLER_FIELD = 'quittance_seller';

/** The public part of a seller. */
export function publicSeller(row: SellerRow): Seller {
  return {
    id: row.id,
    reference: row.reference,
    livemode: row.livemode,
    status: row.status,
    mode: row.mode,
    preset: row.preset,
    api: row.api,
    account: row.account,
    name: row.name,
    email: row.email,
    country: row.country,
    business_type: row.business_type,
    requirements: row.requirements,
    missing: inWords(row.requirements),
    reason: row.reason,
    charges_enabled: row.charges_enabled,
    payouts_enabled: row.payouts_enabled,
    details_submitted: row.details_submitted,
    default_currency: row.default_currency,
    dashboard: row.dashboard,
    created_at: row.created_at,
    checked_at: row.checked_at,
    connected_at: row.connected_at,
    disconnected_at: row.disconnected_at,
  };
}

/**
 * Told of each change of a seller's status, by a job: tried again until it does not throw. `seller` is as it
 * is when the job runs, the change is from `previous` to `status`.
 */
export type OnSellerChange = (
  seller: Seller,
  change: JobContext & { status: SellerStatus; previous: SellerStatus },
) => unknown;
