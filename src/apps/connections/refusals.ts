import type { Telling } from '../../http/notice.tsx';

/** Why somebody was not connected: a closed set, each with what a person is told and can do. */
export type Refusal =
  | 'link_forged'
  | 'link_expired'
  | 'connection_unknown'
  | 'connection_not_configured'
  | 'not_installed'
  | 'state_refused'
  | 'consent_refused'
  | 'issuer_refused'
  | 'grant_refused'
  | 'client_refused'
  | 'unavailable';

const AGAIN = 'Go back to the app in Stripe’s Dashboard and begin again.';

export const REFUSALS: Record<Refusal, Telling> = {
  link_forged: {
    status: 403,
    title: 'This link does not work',
    text: `It is incomplete or not one of ours. ${AGAIN}`,
  },
  link_expired: {
    status: 410,
    title: 'This link has expired',
    text: `Such links are good for ten minutes. ${AGAIN}`,
  },
  connection_unknown: {
    status: 404,
    title: 'There is no such connection',
    text: `This app connects to no service of that name. ${AGAIN}`,
  },
  connection_not_configured: {
    status: 503,
    title: 'This connection is not set up yet',
    text: 'The app has to be told first how to connect to this service. Its developer can do that.',
  },
  not_installed: {
    status: 409,
    title: 'The app is not installed any more',
    text: 'Install it on your Stripe account again, and then connect.',
  },
  state_refused: {
    status: 403,
    title: 'We did not expect you here',
    text:
      'This was not begun in this browser, was finished already, or took more than ten minutes. ' +
      `Nothing was connected. ${AGAIN}`,
  },
  consent_refused: {
    status: 400,
    title: 'Nothing was connected',
    text: 'The service sent you back without a permission. You can begin again whenever you like.',
  },
  issuer_refused: {
    status: 400,
    title: 'Another service answered',
    text: `The answer did not come from the service that you were sent to. Nothing was connected. ${AGAIN}`,
  },
  grant_refused: {
    status: 400,
    title: 'Nothing was connected',
    text: 'The service does not accept the permission it gave you: it is too old, or was used. Begin again.',
  },
  client_refused: {
    status: 502,
    title: 'The service does not know this app',
    text: 'It refused our request, and trying again will not help. The app’s developer was told.',
  },
  unavailable: {
    status: 502,
    title: 'The service does not answer right now',
    text: 'Nothing was connected. Begin again in a moment.',
  },
};
