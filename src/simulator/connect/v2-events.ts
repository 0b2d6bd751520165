import type Stripe from 'stripe';
import type { Realm } from '../realm.ts';
import type { Dossier } from './dossier.ts';
import { appliedTo, capabilityStatus } from './v2/show.ts';
import { TRANSFERS } from './v2/words.ts';

/** Fields of /v1's account by what /v2 calls the part that they belong to. */
const PARTS: readonly (readonly [part: string, fields: readonly (keyof Stripe.Account)[]])[] = [
  ['identity', ['business_type', 'company', 'country', 'individual', 'tos_acceptance']],
  ['defaults', ['business_profile', 'default_currency']],
  ['requirements', ['requirements']],
];

/**
 * Announces on the platform what /v2 calls the changes of an account that /v2 made; those of /v1 have only
 * their
 * own events, on themselves.
 */
export function announceV2(platform: Realm, old: Stripe.Account, account: Stripe.Account): void {
  const dossier = dossierOf(platform, account.id);
  if (!dossier || dossier.v2 === null) return;
  const changed = (field: keyof Stripe.Account): boolean =>
    JSON.stringify(old[field] ?? null) !== JSON.stringify(account[field] ?? null);
  for (const [part, fields] of PARTS)
    if (fields.some(changed)) aboutV2(platform, account.id, `v2.core.account[${part}].updated`);
  const names = new Set([...Object.keys(old.capabilities ?? {}), ...Object.keys(account.capabilities ?? {})]);
  for (const name of names) {
    const before = old.capabilities?.[name as 'transfers'];
    if (before === account.capabilities?.[name as 'transfers']) continue;
    const part = name === 'transfers' ? 'recipient' : 'merchant';
    const type = `v2.core.account[configuration.${part}].capability_status_updated`;
    if (before !== undefined || capabilityStatus({ account, dossier }, name) !== 'restricted')
      aboutV2(platform, account.id, type, { updated_capability: part === 'recipient' ? TRANSFERS : name });
  }
  if (changed('email') || changed('metadata')) aboutV2(platform, account.id, 'v2.core.account.updated');
}

/** Makes a thin event about an account; the platform's own, as everything of /v2 is. */
export function aboutV2({ platform }: Realm, account: string, type: string, data?: object): void {
  platform.engine.announceThin(platform, {
    type,
    ...(data && { data: data as Record<string, unknown> }),
    related_object: { id: account, type: 'v2.core.account', url: `/v2/core/accounts/${account}` },
  });
}

/** Tells the platform that an owner has come back from the link that /v2 made. */
export function announceReturn({ platform }: Realm, account: string): void {
  const dossier = dossierOf(platform, account);
  const configurations = dossier ? appliedTo({ dossier }) : [];
  platform.engine.announceThin(platform, {
    type: 'v2.core.account_link.returned',
    data: { account_id: account, configurations, use_case: 'account_onboarding' },
  });
}

function dossierOf(platform: Realm, account: string): Dossier | undefined {
  return platform.row('account', account)?.hidden as unknown as Dossier | undefined;
}
