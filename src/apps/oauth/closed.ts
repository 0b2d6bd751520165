import type { Telling } from '../../http/notice.tsx';
import type { Logger } from '../../log.ts';
import { failureWord } from '../../stripe/failure-word.ts';

/** Why the app was not installed: a closed set, each with what a person is told and can do. */
export type Closed =
  | 'oauth_off'
  | 'state_refused'
  | 'consent_refused'
  | 'code_refused'
  | 'other_mode'
  | 'https_required'
  | 'stripe_not_configured'
  | 'stripe_unavailable'
  | 'stripe_rejected';

const TITLE = 'The app was not installed';

export const CLOSED: Record<Closed, Telling> = {
  oauth_off: {
    status: 404,
    title: 'This app is not installed here',
    text:
      'Install it in the Stripe Dashboard. For installs by OAuth its maker has to set STRIPE_APP_CLIENT_ID ' +
      '(ca_…) and the access "oauth".',
  },
  state_refused: {
    status: 403,
    title: 'We did not expect you here',
    text:
      'This was not begun in this browser, was finished already, or took more than ten minutes. Nothing ' +
      'was installed. Begin again.',
  },
  consent_refused: {
    status: 400,
    title: TITLE,
    text: 'Stripe sent you back without a permission. You can begin again whenever you like.',
  },
  code_refused: {
    status: 400,
    title: TITLE,
    text: 'Stripe does not accept the permission it gave you: it is too old, or was used. Begin again.',
  },
  other_mode: {
    status: 409,
    title: TITLE,
    text: 'You chose an account of test mode and this server is of live mode, or the other way round.',
  },
  https_required: {
    status: 503,
    title: 'This app is not set up yet',
    text:
      'In live mode Stripe leads back to https addresses only, and ours is http. The maker of the app has ' +
      'to set PUBLIC_URL to its https address.',
  },
  stripe_not_configured: {
    status: 503,
    title: 'This app is not set up yet',
    text: 'It has no Stripe key: the maker of the app has to set STRIPE_SECRET_KEY.',
  },
  stripe_unavailable: {
    status: 502,
    title: 'Stripe does not answer right now',
    text: 'The app is not installed yet. Begin again in a moment.',
  },
  stripe_rejected: {
    status: 502,
    title: TITLE,
    text: 'Stripe refused our request. The maker of the app finds the reason in its log.',
  },
};

/** What became of a call to Stripe that failed. Throws what is neither Stripe's failure nor the set-up's. */
export function closedBy(error: unknown, logger: Logger): Closed {
  const message = 'Stripe gave no tokens for an install';
  return failureWord(error, { words: CLOSED, logger, message });
}
