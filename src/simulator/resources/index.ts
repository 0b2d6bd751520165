import type { Operation } from '../contract/contract.ts';
import { joinResources, type Resources } from '../server/call.ts';
import { connect } from '../connect/resources.ts';
import { money } from '../money/resources.ts';
import { cashBalances } from '../customers/cash-balance.ts';
import { charges } from './charges.ts';
import { checkoutSessions } from './checkout-sessions.ts';
import { customers } from './customers.ts';
import { customerSources } from '../sources/customer-sources.ts';
import { disputes } from './disputes.ts';
import { eventDestinations } from './event-destinations.ts';
import { ephemeralKeys } from './ephemeral-keys.ts';
import { files } from '../files/files.ts';
import { events } from './events.ts';
import { verificationSessions } from '../identity/verification-sessions.ts';
import { issuing } from '../issuing/resources.ts';
import { paymentIntents } from './payment-intents.ts';
import { paymentLinks } from '../checkout/payment-links.ts';
import { paymentMethods } from './payment-methods.ts';
import { paymentPages } from './payment-pages.ts';
import { billing } from '../billing/index.ts';
import { refunds } from './refunds.ts';
import { reviews } from './reviews.ts';
import { reportRuns } from '../reporting/report-runs.ts';
import { taxCalculations } from '../tax/calculations.ts';
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
  { method: 'GET', path: '/v1/apps/app_embedded_backend_signature', in: '?', out: '?', kind: 'one' },
  { method: 'POST', path: '/v1/oauth/token', in: '?', out: '?', kind: 'one' },
  { method: 'POST', path: '/v1/stripecli/sessions', in: '?', out: '?', kind: 'one' },
  { method: 'POST', path: '/v1/events/{}/retry', in: '?', out: '?', kind: 'one' },
  { method: 'POST', path: '/v1/issuing/cards/{}/test/authorizations', in: '?', out: '?', kind: 'one' },
];

/** Every noun with behaviour of its own; all other routes of the API follow the general rules. */
export const resources: Resources = joinResources([
  ...connect,
  ...money,
  cashBalances,
  charges,
  cliResend,
  cliSessions,
  checkoutSessions,
  customers,
  customerSources,
  disputes,
  eventDestinations,
  ephemeralKeys,
  events,
  files,
  ...issuing,
  paymentIntents,
  paymentLinks,
  paymentMethods,
  paymentPages,
  ...billing,
  refunds,
  reviews,
  reportRuns,
  setupIntents,
  taxCalculations,
  verificationSessions,
  webhookEndpoints,
]);
