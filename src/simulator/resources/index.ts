import type { Operation } from '../contract/contract.ts';
import { joinResources, type Resources } from '../server/call.ts';
import { connect } from '../connect/resources.ts';
import { money } from '../money/resources.ts';
import { charges } from './charges.ts';
import { checkoutSessions } from './checkout-sessions.ts';
import { customers } from './customers.ts';
import { disputes } from './disputes.ts';
import { eventDestinations } from './event-destinations.ts';
import { events } from './events.ts';
import { paymentIntents } from './payment-intents.ts';
import { paymentMethods } from './payment-methods.ts';
import { paymentPages } from './payment-pages.ts';
import { billing } from '../billing/index.ts';
import { refunds } from './refunds.ts';
import { setupIntents } from './setup-intents.ts';
import { cliResend } from '../stripecli/resend.ts';
import { cliSessions } from '../stripecli/session.ts';
import { webhookEndpoints } from './webhook-endpoints.ts';

/**
 * Routes that Stripe.js and the Stripe CLI use and the documentation does not name; what they take is not
 * checked.
 */
export const EXTRA_ROUTES: readonly Operation[] = [
  { method: 'GET', path: '/v1/payment_pages/{}', in: '?', out: '?', kind: 'one' },
  { method: 'POST', path: '/v1/payment_pages/{}', in: '?', out: '?', kind: 'one' },
  { method: 'POST', path: '/v1/payment_pages/{}/confirm', in: '?', out: '?', kind: 'one' },
  { method: 'POST', path: '/v1/confirmation_tokens', in: '?', out: '?', kind: 'one' },
  { method: 'POST', path: '/v1/oauth/token', in: '?', out: '?', kind: 'one' },
  { method: 'POST', path: '/v1/stripecli/sessions', in: '?', out: '?', kind: 'one' },
  { method: 'POST', path: '/v1/events/{}/retry', in: '?', out: '?', kind: 'one' },
];

/** Every noun with behaviour of its own; all other routes of the API follow the general rules. */
export const resources: Resources = joinResources([
  ...connect,
  ...money,
  charges,
  cliResend,
  cliSessions,
  checkoutSessions,
  customers,
  disputes,
  eventDestinations,
  events,
  paymentIntents,
  paymentMethods,
  paymentPages,
  ...billing,
  refunds,
  setupIntents,
  webhookEndpoints,
]);
