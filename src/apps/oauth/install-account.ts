import type { Clock } from '../../clock.ts';
import type { Database } from '../../db/database.ts';
import type { StripeClients } from '../../stripe/clients.ts';
import { isInvalidGrant } from '../../stripe/oauth.ts';
import type { Vault } from '../../vault/vault.ts';
import type { MarkInstalled } from '../access/restricted-keys.ts';
import { askForTokens, endOfToken, keepTokens, type TokenAnswer } from '../access/tokens.ts';
import type { Install } from '../install.ts';
import type { Closed } from './closed.ts';

export interface InstallAccountOptions {
  clients: StripeClients;
  database: Pick<Database, 'sql' | 'transaction'>;
  vault: Vault;
  clock: Clock;
  /** Our mode. */
  livemode: boolean;
  installed: MarkInstalled;
}

/**
 * Turns the code that Stripe gave into an install and its tokens, in one commit. Throws Stripe's errors, but
 * for a code that it does not take.
 */
export async function installByCode(
  options: InstallAccountOptions,
  code: string,
): Promise<{ install: Install } | { closed: Closed }> {
  const { database, vault, clock, livemode, installed } = options;
  const endsAt = endOfToken(clock.now());
  const tokens = await exchange(options, code);
  if (!tokens) return { closed: 'code_refused' };
  if (tokens.livemode !== livemode) return { closed: 'other_mode' };
  const install = await database.transaction(async (sql) => {
    const found = { account: tokens.stripe_user_id, livemode, access: 'oauth' } as const;
    const marked = await installed(sql, found);
    await keepTokens(sql, vault, marked.id, { ...tokens, tries: 0 }, endsAt);
    return marked;
  });
  return { install };
}

// Once only: Stripe takes everything back of a code that comes twice, and a repeat after an answer that was
// lost would be the second time.
async function exchange({ clients }: InstallAccountOptions, code: string): Promise<TokenAnswer | null> {
  try {
    const params = { grant_type: 'authorization_code', code };
    return await askForTokens(clients.own(), params, { maxNetworkRetries: 0 });
  } catch (error) {
    if (isInvalidGrant(error)) return null;
    throw error;
  }
}
