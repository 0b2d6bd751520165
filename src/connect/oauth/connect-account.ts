import { isUniqueViolation } from '../../db/constraint.ts';
import { isInvalidGrant } from '../../stripe/oauth.ts';
import type { Closed } from '../closed.ts';
import type { DoorOptions } from '../door.tsx';
import { sellerByAccount } from '../rows.ts';
import type { SellerRow } from '../seller.ts';

/**
 * Turns the code Stripe gave into an account of this seller. Its keys are not kept: ours, with
 * `Stripe-Account`, do the same. Throws Stripe's errors, but for a code that it does not take.
 */
export async function connectByCode(
  options: DoorOptions,
  seller: SellerRow,
  code: string,
): Promise<{ seller: SellerRow } | { closed: Closed }> {
  const token = await exchange(options, code);
  if (!token?.stripe_user_id) return { closed: 'code_refused' };
  if (token.livemode !== options.livemode) return { closed: 'other_mode' };
  const account = token.stripe_user_id;
  const owner = await sellerByAccount(options.database.sql, account, options.livemode);
  if (owner && owner.id !== seller.id) return { closed: 'account_taken' };
  const facts = await options.sync.read(seller, account);
  try {
    const connected = await options.database.transaction((sql) =>
      options.sync.connect(sql, { id: seller.id, account, facts }),
    );
    return connected ? { seller: connected } : { closed: 'already_connected' };
  } catch (error) {
    // Somebody else was given it since we looked.
    if (isUniqueViolation(error)) return { closed: 'account_taken' };
    throw error;
  }
}

// Once only: Stripe takes everything back of a code that comes twice, and a repeat after an answer that was
// lost would be the second time (docs.stripe.com/connect/oauth-reference).
async function exchange({ clients }: DoorOptions, code: string) {
  try {
    const params = { grant_type: 'authorization_code', code } as const;
    return await clients.own().oauth.token(params, { maxNetworkRetries: 0 });
  } catch (error) {
    if (isInvalidGrant(error)) return null;
    throw error;
  }
}
