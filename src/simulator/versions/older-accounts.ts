import type { StripeObject } from '../store/store.ts';
import { ENDIVE } from './names.ts';
import type { OlderField } from './older-field.ts';
import type { OlderParams } from './older-params.ts';

/** Until 2026-09-30 a rejection by the platform looked like one by Stripe. */
export const OLDER_ACCOUNTS: readonly OlderField[] = [
  {
    before: ENDIVE,
    kind: 'account',
    field: 'requirements',
    replaces: true,
    was: (_realm, { requirements }) => {
      const { disabled_reason: reason } = (requirements ?? {}) as { disabled_reason?: string | null };
      if (!reason?.startsWith('rejected.platform_')) return undefined;
      const disabled_reason = reason.replace('platform_', '');
      return { ...(requirements as StripeObject), disabled_reason };
    },
  },
];

/** Until then there was one word for all kinds of fraud. */
export const OLDER_ACCOUNT_PARAMS: readonly OlderParams[] = [
  {
    before: ENDIVE,
    routes: /^POST \/v1\/accounts\/\{\}\/reject$/,
    today: ({ form }) => {
      if (form['reason'] === 'fraud') form['reason'] = 'fraud_other';
    },
  },
];
