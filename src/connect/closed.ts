import type { Logger } from '../log.ts';
import type { Telling } from '../http/notice.tsx';
import { failureWord } from '../stripe/failure-word.ts';

/** Why somebody was not let through: a closed set, each with what a person is told and can do. */
export type Closed =
  | 'link_forged'
  | 'link_expired'
  | 'link_used'
  | 'not_signed_in'
  | 'form_refused'
  | 'seller_not_found'
  | 'other_mode'
  | 'seller_disconnected'
  | 'no_account'
  | 'stripe_unavailable'
  | 'stripe_rejected'
  | 'https_required'
  | 'stripe_not_configured'
  | 'oauth_off'
  | 'state_refused'
  | 'consent_refused'
  | 'code_refused'
  | 'account_taken'
  | 'already_connected';

const AGAIN = 'Go back to where you found the link and open it there again.';

export const CLOSED: Record<Closed, Telling> = {
  link_forged: {
    status: 403,
    title: 'This link does not work',
    text: `It is incomplete or not one of ours. ${AGAIN}`,
  },
  link_expired: {
    status: 410,
    title: 'This link has expired',
    text: `Such links are good for a short time only, because they open personal data. ${AGAIN}`,
  },
  link_used: {
    status: 410,
    title: 'This link was used',
    text: 'It is good once. Ask for a new one, or go on in the window where you opened it first.',
  },
  not_signed_in: {
    status: 401,
    title: 'You are not signed in here',
    text: 'This page opens by a link, and for a limited time. Ask for a new link.',
  },
  form_refused: {
    status: 403,
    title: 'Nothing was done',
    text: 'The form did not come from our page, or the page was open for too long. Open it again.',
  },
  seller_not_found: {
    status: 404,
    title: 'There is no such seller',
    text: 'The address names a seller we do not know.',
  },
  other_mode: {
    status: 409,
    title: 'This seller belongs to the other mode',
    text: 'The seller is of test mode and this server runs in live mode, or the other way round.',
  },
  seller_disconnected: {
    status: 409,
    title: 'Your account is disconnected',
    text: 'It is closed, or no longer connected to this platform. Ask the platform if that is not right.',
  },
  no_account: {
    status: 409,
    title: 'Your account is still being made',
    text: 'That takes a moment. Try again soon.',
  },
  stripe_unavailable: {
    status: 502,
    title: 'Stripe does not answer right now',
    text: 'Nothing is lost: what you entered there is kept. Try again in a moment.',
  },
  stripe_rejected: {
    status: 502,
    title: 'Stripe does not open this for you',
    text: 'It refused our request, and trying again will not help. The platform finds the reason in its log.',
  },
  https_required: {
    status: 503,
    title: 'This platform is not set up yet',
    text:
      'In live mode Stripe leads sellers back to https addresses only, and ours is http. ' +
      'The platform has to set PUBLIC_URL to its https address.',
  },
  stripe_not_configured: {
    status: 503,
    title: 'This platform is not set up yet',
    text: 'It has no Stripe key: the platform has to set STRIPE_SECRET_KEY.',
  },
  oauth_off: {
    status: 404,
    title: 'This platform connects no existing accounts',
    text: 'Connecting by OAuth is off: the platform has to set STRIPE_CONNECT_CLIENT_ID (ca_…).',
  },
  state_refused: {
    status: 403,
    title: 'We did not expect you here',
    text:
      'This was not begun in this browser, was finished already, or took more than ten minutes. ' +
      'Nothing was connected. Begin again at the platform.',
  },
  consent_refused: {
    status: 400,
    title: 'Your account was not connected',
    text: 'Stripe sent you back without a permission. You can begin again whenever you like.',
  },
  code_refused: {
    status: 400,
    title: 'Your account was not connected',
    text: 'Stripe does not accept the permission it gave you: it is too old, or was used. Begin again.',
  },
  account_taken: {
    status: 409,
    title: 'This Stripe account sells for somebody else here',
    text: 'It is connected to another seller of this platform, and one account can be only one seller’s.',
  },
  already_connected: {
    status: 409,
    title: 'Another Stripe account is connected here',
    text: 'This seller has a Stripe account already. Connect that one, or ask the platform.',
  },
};

/** What became of a call to Stripe that failed. Throws what is neither Stripe's failure nor the set-up's. */
export function closedBy(error: unknown, logger: Logger, context: Record<string, unknown>): Closed {
  const message = 'Stripe did not do what a page needs';
  return failureWord(error, { words: CLOSED, logger, message, context });
}
