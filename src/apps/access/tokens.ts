import type Stripe from 'stripe';
import { z } from 'zod';
import type { Sql } from '../../db/sql.ts';
import { QuittanceError } from '../../errors.ts';
import { boundTo, lockVault, putVault, vaultRow, type VaultPlace, type VaultRow } from '../../vault/rows.ts';
import type { Vault } from '../../vault/vault.ts';

// Source: docs.stripe.com/stripe-apps/api-authentication/oauth; the answer does not say it.
const ACCESS_TOKEN_MS = 60 * 60 * 1000;

const answerSchema = z.object({
  access_token: z.string().min(1),
  refresh_token: z.string().min(1),
  stripe_user_id: z.string().regex(/^acct_\w+$/),
  livemode: z.boolean(),
});

/** What Stripe gives for a code or a refresh token. */
export type TokenAnswer = z.output<typeof answerSchema>;

/** Tokens as they are kept. */
export interface KeptTokens {
  access_token: string;
  /** Good for one use, which brings the next. */
  refresh_token: string;
  /** How often Stripe answered its use with an error: each try after one goes under another idempotency key. */
  tries: number;
}

/** The tokens that are kept for an install, and when the access token ends (milliseconds since 1970). */
export interface FoundTokens extends KeptTokens {
  endsAt: number;
}

/**
 * Gets tokens of a Stripe App for a code or for a refresh token. The library's own `oauth.token` is for
 * platforms, whose address is another. Throws Stripe's errors, or `stripe_answer_unfit`.
 */
export async function askForTokens(
  stripe: Pick<Stripe, 'rawRequest'>,
  params: Record<string, string>,
  options: Stripe.RawRequestOptions,
): Promise<TokenAnswer> {
  const answer = await stripe.rawRequest('POST', '/v1/oauth/token', params, options);
  const parsed = answerSchema.safeParse(answer);
  if (parsed.success) return parsed.data;
  const field = parsed.error.issues[0]?.path.join('.') ?? '';
  const message = `Stripe answered a request for tokens without a fit "${field}": nothing of it was kept.`;
  throw new QuittanceError({ code: 'stripe_answer_unfit', message });
}

/** Where the tokens of an install are kept. */
export function tokenPlace(install: string): VaultPlace {
  return { owner: install, kind: 'stripe_token', name: '' };
}

/** When a token that was asked for at this time ends. */
export function endOfToken(askedAtMs: number): Date {
  return new Date(askedAtMs + ACCESS_TOKEN_MS);
}

/** Keeps tokens in place of those before. */
export async function keepTokens(
  sql: Sql,
  vault: Vault,
  install: string,
  { access_token, refresh_token, tries }: KeptTokens,
  endsAt: Date,
): Promise<void> {
  const place = tokenPlace(install);
  const plain = JSON.stringify({ access_token, refresh_token, tries } satisfies KeptTokens);
  await putVault(sql, place, vault.seal(plain, boundTo(place)), endsAt);
}

/** Null when none are kept. */
export async function findTokens(sql: Sql, vault: Vault, install: string): Promise<FoundTokens | null> {
  return opened(vault, install, await vaultRow(sql, tokenPlace(install)));
}

/** The same, and nobody else renews them before the transaction ends. */
export async function lockTokens(sql: Sql, vault: Vault, install: string): Promise<FoundTokens | null> {
  return opened(vault, install, await lockVault(sql, tokenPlace(install)));
}

function opened(vault: Vault, install: string, row: VaultRow | null): FoundTokens | null {
  if (!row) return null;
  const kept = JSON.parse(vault.open(row, boundTo(tokenPlace(install)))) as KeptTokens;
  return { ...kept, endsAt: row.expires_at?.getTime() ?? 0 };
}
