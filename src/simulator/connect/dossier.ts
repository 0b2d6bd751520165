import type Stripe from 'stripe';

/**
 * One check of what somebody typed: begun when the data was complete, answered at once or some seconds
 * later.
 */
export interface Check {
  /** What was checked; other data begins a new check. */
  key: string;
  since: number;
}

/** What the simulator knows of a connected account and Stripe would not show. */
export interface Dossier {
  /** When each capability was asked for, by its name in /v1. */
  requested: Readonly<Record<string, number>>;
  taxId: string | null;
  taxCheck: Check | null;
  /** The best outcome that the business address has had: it can't be lost again by a stricter test token. */
  addressRank: number;
  /** Files that were handed in for the account, by what they are to prove. */
  documents: readonly string[];
  /** The owner has finished onboarding, or has given by API all that is needed. */
  submitted: boolean;
  /** What Stripe asks for beyond the beginnings: nothing yet, by a deadline, or at once. */
  demand: 'none' | 'deadline' | 'overdue';
  deadline: number | null;
  blocked: { charges: boolean; payouts: boolean };
  rejected: Stripe.Account.Requirements.DisabledReason | null;
  /** Since when somebody on the account stands on a list of those whom nobody may pay. */
  listedSince: number | null;
  /**
   * From the first link on, Stripe collects, and the platform no longer reads or writes, what is personal.
   */
  linked: boolean;
  /** What /v2 was told and /v1 has no place for; null for accounts that were made by /v1. */
  v2: Readonly<Record<string, unknown>> | null;
  closed: boolean;
  /** Deleted, or no longer connected. */
  gone: boolean;
  /** How the account came to be connected. */
  via: 'api' | 'oauth' | 'app';
}

/** What is known of a person and not shown. */
export interface PersonHidden {
  idNumber: string | null;
  ssnLast4: string | null;
  check: Check | null;
}

export function emptyDossier(via: Dossier['via']): Dossier {
  return {
    requested: {},
    taxId: null,
    taxCheck: null,
    addressRank: 0,
    documents: [],
    submitted: false,
    demand: 'none',
    deadline: null,
    blocked: { charges: false, payouts: false },
    rejected: null,
    listedSince: null,
    linked: false,
    v2: null,
    closed: false,
    gone: false,
    via,
  };
}
