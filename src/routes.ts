import { randomUUID } from 'node:crypto';
import type { Hono } from 'hono';
import { auditRoutes } from './audit/routes.ts';
import { addAudit } from './audit/rows.ts';
import { Checkout } from './checkout/create.ts';
import { returnRoutes } from './checkout/return-routes.tsx';
import { checkoutRoutes } from './checkout/routes.tsx';
import type { Clock } from './clock.ts';
import { consoleRoutes } from './console/routes.ts';
import type { Database } from './db/database.ts';
import { Doctor } from './doctor/doctor.ts';
import { doctorRoutes } from './doctor/routes.ts';
import { replayRoutes } from './events/replays/routes.ts';
import { eventRoutes } from './events/routes.ts';
import { webhookFetch } from './events/webhook-routes.ts';
import type { WebhookEntrance } from './events/webhook.ts';
import type { ReachFailpoint } from './failpoints.ts';
import type { Hub } from './http/hub.ts';
import type { Metrics } from './http/metrics.ts';
import { Api } from './http/api.ts';
import { docsRoutes } from './http/docs/routes.tsx';
import { baseApp, type Readiness } from './http/routes.ts';
import {
  plainSources,
  STRIPE_SOURCES,
  type PageSources,
  type StripeSources,
} from './http/security-headers.ts';
import type { Handlers } from './inbox/handlers.ts';
import { jobRoutes } from './job-list/routes.ts';
import type { CronLine } from './jobs/jobs.ts';
import type { Recognition } from './inbox/envelope.ts';
import type { Logger } from './log.ts';
import type { Marketplace } from './marketplace.ts';
import type { OperatorParts } from './operators/parts.ts';
import type { Settings } from './options.ts';
import type { OrderRow } from './orders/order.ts';
import { orderOfSession, type Side } from './orders/rows.ts';
import type { Reference } from './orders/settle.ts';
import type { SinkParts } from './sinks/parts.ts';
import type { StripeApp } from './stripe-app.ts';
import { packageVersion } from './version.ts';
import type { StripeClients } from './stripe/clients.ts';
import { todayRoutes } from './today/routes.ts';

const STRIPE_JS = 'https://js.stripe.com/endive/stripe.js';

export interface RoutesOptions {
  settings: Settings;
  database: Database;
  clients: StripeClients;
  side: Side;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
  hub: Hub;
  reach: ReachFailpoint;
  recognition: Recognition;
  entrances: readonly WebhookEntrance[];
  readiness: () => Promise<Readiness>;
  settle: (reference: Reference) => Promise<OrderRow | null>;
  handlers: Pick<Handlers, 'types'>;
  slowTypes: () => readonly string[];
  wake: () => void;
  marketplace: Pick<Marketplace, 'addRoutes'>;
  stripeApp: Pick<StripeApp, 'addRoutes'> | null;
  timetable: () => readonly CronLine[];
  sinks: Pick<SinkParts, 'addRoutes'>;
  operators: Pick<OperatorParts, 'addRoutes' | 'gate'>;
}

/** Every address of this server. */
export function routesOf(options: RoutesOptions): Hono {
  const { settings, database, clients, side, clock, logger, reach, entrances } = options;
  const app = baseApp({ ...options, metricsToken: settings.metricsToken });
  const api = new Api(app, options.operators.gate, (entry) => addAudit(database.sql, entry));
  for (const entrance of entrances) {
    app.all(entrance.path, (context) => webhookFetch(entrance, context.req.raw));
  }
  const { secret, products, shopName, publicUrl } = settings;
  const { recognition, slowTypes, wake } = options;
  eventRoutes(api, { database, hub: options.hub, livemode: side.livemode, recognition, slowTypes, wake });
  replayRoutes(api, { database, livemode: side.livemode });
  const stripe = (account: string): ReturnType<StripeClients['for']> => clients.for(account);
  const isConfigured = clients.livemode !== null;
  const checkout = new Checkout({ database, clock, logger, reach, publicUrl, isConfigured, stripe, side });
  const page = { shopName, sources: pageSources(settings, null) };
  docsRoutes(app, { publicUrl, page: { shopName, sources: plainSources(publicUrl) } });
  checkoutRoutes(app, api, {
    checkout,
    products,
    secret,
    publishableKey: settings.stripePublishableKey,
    stripeJs: settings.stripeApiBase ? `${settings.stripeApiBase}/endive/stripe.js` : STRIPE_JS,
    page,
    stripePage: { shopName, sources: pageSources(settings, stripeSources(settings.stripeApiBase)) },
    newKey: randomUUID,
  });
  returnRoutes(app, {
    secret,
    logger,
    page,
    findBySession: (session) => orderOfSession(database.sql, side.livemode, session),
    settleSession: (session) => options.settle({ session }),
  });
  doctorRoutes(api, {
    doctor: new Doctor({ ...options, livemode: side.livemode, version: packageVersion() }),
    logger,
  });
  jobRoutes(api, options);
  todayRoutes(api, { ...options, livemode: side.livemode });
  options.marketplace.addRoutes(app, api);
  options.stripeApp?.addRoutes(app, api);
  options.sinks.addRoutes(api);
  options.operators.addRoutes(app, api);
  auditRoutes(api, database);
  // Last: it answers every address below /admin that nothing else has.
  consoleRoutes(app, page);
  return app;
}

function pageSources(settings: Settings, stripeJs: StripeSources | null): PageSources {
  return {
    ...plainSources(settings.publicUrl),
    stripeJs,
    // The shop's form answers with a redirect to Checkout, which browsers hold against form-action.
    formTargets: [
      settings.stripeApiBase ? new URL(settings.stripeApiBase).origin : 'https://checkout.stripe.com',
    ],
  };
}

/** Stripe's published lists; another Stripe serves everything from its own origin. */
function stripeSources(apiBase: string | undefined): StripeSources {
  if (!apiBase) return STRIPE_SOURCES;
  const origin = [new URL(apiBase).origin];
  return { script: origin, connect: origin, frame: origin };
}
