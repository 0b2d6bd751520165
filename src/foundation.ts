import { systemClock, type Clock } from './clock.ts';
import { secretsOf } from './configured-secrets.ts';
import { openDatabases, type Databases } from './databases.ts';
import { recognitionOf } from './events/recognition.ts';
import { noFailpoints, type ReachFailpoint } from './failpoints.ts';
import { addGauges } from './gauges.ts';
import { Addresses } from './http/address.ts';
import { Hub } from './http/hub.ts';
import { Metrics } from './http/metrics.ts';
import { alarmsOf, type RaiseAlarm } from './inbox/alarms.ts';
import type { Recognition } from './inbox/envelope.ts';
import { Handlers } from './inbox/handlers.ts';
import { createLogger, type Logger } from './log.ts';
import { OperatorParts } from './operators/parts.ts';
import { parseOptions, type QuittanceOptions, type Settings } from './options.ts';
import type { Side } from './orders/rows.ts';
import { StripeClients } from './stripe/clients.ts';
import { packageVersion } from './version.ts';

/** What every part stands on. */
export interface Foundation {
  settings: Settings;
  options: QuittanceOptions;
  logger: Logger;
  clock: Clock;
  random: () => number;
  reach: ReachFailpoint;
  databases: Databases;
  clients: StripeClients;
  metrics: Metrics;
  /** What people watch. */
  hub: Hub;
  alarm: RaiseAlarm;
  handlers: Handlers;
  recognition: Recognition;
  /** Where requests came from. */
  addresses: Addresses;
  /** Who may do what. */
  operators: OperatorParts;
  /** Our own account, in the mode of our key. */
  side: Side;
}

export function layFoundation(options: QuittanceOptions): Foundation {
  const settings = parseOptions(options);
  const clock = options.clock ?? systemClock;
  const logger = options.logger ?? createLogger('info', undefined, secretsOf(options));
  const onIdleError = (error: Error): void => logger.debug({ error: error.message }, 'idle connection lost');
  const metrics = new Metrics();
  const databases = openDatabases(settings.databaseUrl, options.drain ?? {}, onIdleError);
  const clients = new StripeClients({
    secretKey: settings.stripeSecretKey,
    apiBase: settings.stripeApiBase,
    onCall: ({ seconds, ...call }) => metrics.stripeCallSeconds.observe({ ...call }, seconds),
  });
  const handlers = new Handlers();
  const addresses = new Addresses(settings.trustedProxies);
  const side = { account: '', livemode: clients.livemode ?? false };
  const version = packageVersion();
  const people = { settings, version, database: databases.requests, clock, logger, addresses, side };
  const count = (result: string): void => metrics.signIns.inc({ result });
  addGauges(metrics, { databases, clients });
  return {
    settings,
    options,
    logger,
    clock,
    random: options.random ?? Math.random,
    reach: options.reach ?? noFailpoints,
    databases,
    clients,
    metrics,
    hub: new Hub({
      onTrouble: (topic, why) => logger.warn({ topic, why }, 'what is watched can not be read'),
    }),
    handlers,
    alarm: alarmsOf({ database: databases.requests, logger, clock }, (code) =>
      metrics.alarms.inc({ alarm: code }),
    ),
    recognition: recognitionOf((type) => handlers.has(type), clients.livemode),
    addresses,
    operators: new OperatorParts({ ...people, count }),
    side,
  };
}
