import type { Realm } from '../realm.ts';
import { accountOf } from './directory.ts';
import { reassess } from './reassess.ts';

/** What Stripe can come to demand of an account that already works. */
export type Restriction = 'requirements' | 'charges' | 'payouts';

/** How long an account has to answer, before what it may do is taken away. */
const DEADLINE_SECONDS = 14 * 24 * 3600;

/**
 * Asks an account for more proof of who its people are: by a deadline, or at once and stopping its charges or
 * payouts until it is given. The trigger cards of docs.stripe.com/connect/testing do this.
 */
export function restrict(realm: Realm, account: string, what: Restriction): void {
  const { platform } = realm;
  if (!accountOf(realm, account)) return;
  if (what === 'requirements') {
    platform.conceal('account', account, { demand: 'deadline', deadline: platform.now + DEADLINE_SECONDS });
    platform.later('account.deadline', account, DEADLINE_SECONDS);
  } else {
    const blocked = { charges: what === 'charges', payouts: what === 'payouts' };
    platform.conceal('account', account, { demand: 'overdue', deadline: null, blocked });
  }
  reassess(platform, account);
}
