import type { Clock } from '../clock.ts';
import type { Sql } from '../db/sql.ts';
import { hashOf, newSecret } from '../http/sent-away.ts';
import { insertLink, type LinkPurpose } from './link-rows.ts';

const SIGN_IN_MINUTES = 15;
// To be sent to somebody who may not look today.
const SET_PASSWORD_HOURS = 24;

const PAGES: Record<LinkPurpose, string> = {
  sign_in: '/admin/link',
  set_password: '/admin/set-password',
};

/** A link that lets its bearer in, once. */
export interface OneTimeLink {
  url: string;
  /** ISO 8601. */
  expires_at: string;
}

/** Makes a link for an operator; the one they had for the same is void. */
export async function makeLink(
  sql: Sql,
  { operator, purpose }: { operator: string; purpose: LinkPurpose },
  { clock, publicUrl }: { clock: Clock; publicUrl: string },
): Promise<OneTimeLink> {
  const token = newSecret();
  const now = clock.now();
  const minutes = purpose === 'sign_in' ? SIGN_IN_MINUTES : SET_PASSWORD_HOURS * 60;
  const expiresAt = new Date(now + minutes * 60_000);
  await insertLink(sql, { tokenHash: hashOf(token), operator, purpose, now: new Date(now), expiresAt });
  return { url: `${publicUrl}${PAGES[purpose]}?token=${token}`, expires_at: expiresAt.toISOString() };
}
