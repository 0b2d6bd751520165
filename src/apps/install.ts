/**
 * Where an app on an account stands. `uninstalled`: nobody of that account is let in any more, and its data
 * are kept until `remove_at`, in case it comes back; `removed`: they are gone.
 */
export type InstallStatus = 'installed' | 'uninstalled' | 'removed';

export const INSTALL_STATUSES = [
  'installed',
  'uninstalled',
  'removed',
] as const satisfies readonly InstallStatus[];

/**
 * Whose key calls Stripe for an install (the manifest's `stripe_api_access_type`): ours with
 * `Stripe-Account`, a token that OAuth gave, or a restricted key that the account made for us.
 */
export type InstallAccess = 'platform' | 'oauth' | 'restricted_api_key';

/** An app on an account, as hooks and the API know it. Times are ISO 8601. */
export interface Install {
  /** Ours: `ins_…`. */
  id: string;
  /** Stripe's: `acct_…`. */
  account: string;
  livemode: boolean;
  sandbox: boolean;
  status: InstallStatus;
  access: InstallAccess;
  /** Stripe's id of the install (`apps.install`), or null while it has told of none. */
  stripe_install: string | null;
  permissions_granted: string[];
  /** What a newer version of the app asks for and nobody of the account has agreed to yet. */
  permissions_pending: string[];
  approval_required: boolean;
  /** Why it ended, or null. */
  reason: string | null;
  installed_at: string;
  uninstalled_at: string | null;
  remove_at: string | null;
  removed_at: string | null;
}

/**
 * Jobs for installs run behind all others that are due: a thousand runs that wait for a slow service hold up
 * no order.
 */
export const INSTALL_JOB_PRIORITY = 10;
