import type Stripe from 'stripe';
import type { Clock } from '../clock.ts';
import { QuittanceError } from '../errors.ts';
import type { StripeClients } from '../stripe/clients.ts';
import type { SellerRow } from './seller.ts';
import { signToken, type TokenPurpose } from './token.ts';

export interface LinkSettings {
  /** Every address is built from it, never from what a request says of its host. */
  publicUrl: string;
  secret: string;
}

/** An address of ours that opens something for one seller, until it expires. */
export interface SignedLink {
  url: string;
  expiresAt: Date;
}

/** Where a seller begins or goes on: at Stripe's onboarding pages, or by OAuth. */
export function startLink(
  settings: LinkSettings,
  { id, mode }: Pick<SellerRow, 'id' | 'mode'>,
  clock: Clock,
): SignedLink {
  if (mode === 'oauth') return signed(settings, 'authorize', '/connect/oauth/authorize', id, clock);
  const { token, expiresAt } = signToken(settings.secret, { purpose: 'onboard', subject: id }, clock);
  return { url: `${settings.publicUrl}/connect/onboard/${id}?token=${token}`, expiresAt };
}

/** The way into the seller's own page. */
export function sellerPageLink(
  settings: LinkSettings,
  { id }: Pick<SellerRow, 'id'>,
  clock: Clock,
): SignedLink {
  const { token, expiresAt } = signToken(settings.secret, { purpose: 'seller', subject: id }, clock);
  return { url: `${settings.publicUrl}/connect/seller/${id}?token=${token}`, expiresAt };
}

/** The way into the pages of staff: good once, for whoever has it. */
export function staffLink({ publicUrl, secret }: LinkSettings, id: string, clock: Clock): SignedLink {
  const { token, expiresAt } = signToken(secret, { purpose: 'staff', subject: id }, clock);
  return { url: `${publicUrl}/connect/staff/enter?id=${id}&token=${token}`, expiresAt };
}

/** Where Stripe sends a seller who comes back from its pages, and who comes with a link that is used up. */
export function wayBack(
  settings: LinkSettings,
  { id }: Pick<SellerRow, 'id'>,
  clock: Clock,
): { return_url: string; refresh_url: string } {
  return {
    return_url: signed(settings, 'return', '/connect/return', id, clock).url,
    refresh_url: signed(settings, 'refresh', '/connect/refresh', id, clock).url,
  };
}

/**
 * Asks Stripe for a new Account Link: single use, good for minutes, and whoever has it sees and changes
 * personal data. So it is made when somebody stands at the door, handed over in a redirect, and never stored,
 * mailed or logged (docs.stripe.com/connect/hosted-onboarding).
 * Throws Stripe's error, or `https_required`: in live mode Stripe leads back to https addresses only.
 */
export async function mintAccountLink(
  { settings, clients, clock }: { settings: LinkSettings; clients: StripeClients; clock: Clock },
  seller: Pick<SellerRow, 'id' | 'api' | 'account' | 'livemode'>,
): Promise<string> {
  refuseHttpInLiveMode(settings, seller.livemode);
  const { account } = seller;
  if (!account) throw new QuittanceError({ code: 'no_account', message: 'The seller has no account yet.' });
  const back = wayBack(settings, seller, clock);
  const stripe: Stripe = clients.own();
  if (seller.api === 'v1') {
    const link = await stripe.accountLinks.create({ account, type: 'account_onboarding', ...back });
    return link.url;
  }
  const { url } = await stripe.v2.core.accountLinks.create({
    account,
    use_case: { type: 'account_onboarding', account_onboarding: back },
  });
  return url;
}

/** Stripe refuses them, but only after the seller has been sent there. Throws `https_required`. */
export function refuseHttpInLiveMode(
  { publicUrl }: Pick<LinkSettings, 'publicUrl'>,
  livemode: boolean,
): void {
  if (!livemode || publicUrl.startsWith('https:')) return;
  const message = `In live mode Stripe leads sellers back to https addresses only: set PUBLIC_URL to one.`;
  throw new QuittanceError({ code: 'https_required', message });
}

function signed(
  { publicUrl, secret }: LinkSettings,
  purpose: TokenPurpose,
  path: string,
  seller: string,
  clock: Clock,
): SignedLink {
  const { token, expiresAt } = signToken(secret, { purpose, subject: seller }, clock);
  return { url: `${publicUrl}${path}?seller=${seller}&token=${token}`, expiresAt };
}
