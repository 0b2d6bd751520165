import { INSTALL_EVENTS } from './apps/installs/event-types.ts';
import { isAppOn } from './apps/settings.ts';
import { SecretUse } from './doctor/secret-use.ts';
import { EntranceLog } from './events/entrance-log.ts';
import { EntranceWatch } from './events/watch.ts';
import { WebhookEntrance } from './events/webhook.ts';
import type { Foundation } from './foundation.ts';
import { addReceiverGauge } from './gauges.ts';
import type { BatchReport } from './inbox/batch.ts';
import { Drain } from './inbox/drain.ts';
import { CONNECT_ENDPOINT, sweepSoon, sweepUnknownAccounts } from './inbox/known-accounts.ts';
import { Presence } from './inbox/presence.ts';
import { Receiver } from './inbox/receive.ts';
import { enqueueOn } from './jobs/enqueue.ts';
import { Jobs } from './jobs/jobs.ts';

/** The way of an event: entrance, log, drain. */
export interface Pipeline {
  entrances: readonly WebhookEntrance[];
  watch: EntranceWatch;
  entranceLog: EntranceLog;
  receiver: Receiver;
  drain: Drain;
  presence: Presence;
}

export function buildPipeline(base: Foundation, jobs: Jobs, process: string, onStored: () => void): Pipeline {
  const { clock, logger, alarm, metrics, databases } = base;
  const entranceLog = new EntranceLog({ database: databases.requests, clock, logger });
  const watch = new EntranceWatch({
    clock,
    logger,
    alarm,
    count: (seen) => {
      metrics.webhooks.inc({ result: seen.result });
      entranceLog.add(seen);
    },
    testEventsAt: isAppOn(base) ? CONNECT_ENDPOINT : null,
  });
  const drain = buildDrain(base, process);
  const receiver = buildReceiver(base, onStored);
  addReceiverGauge(metrics, receiver);
  jobs.onRun = ({ seconds, ...run }) => metrics.jobSeconds.observe({ ...run }, seconds);
  return {
    watch,
    entranceLog,
    drain,
    receiver,
    entrances: buildEntrances(base, receiver, watch),
    presence: new Presence({
      database: databases.requests,
      process,
      role: 'quittance',
      jobWorkers: () => jobs.workerIds(),
      releaseJobs: (sql, workers) => Jobs.release(sql, workers),
      onDeath: ({ process: died, suspects, buried }) => {
        logger.warn({ process: died, suspects }, 'a process died; what it had in hand is run again');
        for (const { id, type, reason } of buried) alarm('event_dead', type, `event ${id}: ${reason}`);
      },
      onTrouble: (error) => logger.warn({ error: String(error) }, 'heartbeat failed'),
    }),
  };
}

function buildReceiver(base: Foundation, onStored: () => void): Receiver {
  const { databases, reach, handlers, metrics, logger, alarm } = base;
  const onUnknown = sweepSoon(() => sweepUnknownAccounts(databases.requests, alarm));
  return new Receiver({
    database: databases.ingest,
    reach,
    slowTypes: () => handlers.slowTypes(),
    openTypes: isAppOn(base) ? INSTALL_EVENTS : [],
    onStored: ({ total, fresh, unknown }) => {
      metrics.batchEvents.observe(total);
      metrics.stored.inc(fresh);
      metrics.duplicates.inc(total - fresh);
      if (unknown > 0) {
        metrics.webhooks.inc({ result: 'quarantined' }, unknown);
        onUnknown();
      }
      onStored();
    },
    onAvailability: (failure) => {
      if (failure === null) logger.info('events can be stored again');
      else logger.error({ why: failure }, 'events can not be stored: answering 503 until they can');
    },
  });
}

/** One for our own account, one for the accounts connected to it. */
function buildEntrances(base: Foundation, receiver: Receiver, watch: EntranceWatch): WebhookEntrance[] {
  const { settings, clock, reach, recognition, databases } = base;
  const secretUse = new SecretUse(databases.requests.sql);
  const onVerified = (path: string, secret: string): void => secretUse.used(path, secret);
  const common = { clock, reach, receiver, recognition, watch, onVerified };
  const own = new WebhookEntrance({
    ...common,
    path: '/api/webhook',
    secrets: [...settings.stripeWebhookSecret, ...settings.stripeThinWebhookSecret],
    secretName: 'STRIPE_WEBHOOK_SECRET',
  });
  const connected = new WebhookEntrance({
    ...common,
    path: CONNECT_ENDPOINT,
    secrets: settings.stripeConnectWebhookSecret,
    secretName: 'STRIPE_CONNECT_WEBHOOK_SECRET',
  });
  return [own, connected];
}

function buildDrain(base: Foundation, process: string): Drain {
  const { databases, handlers, reach, random, options, clients, metrics, alarm, logger } = base;
  const onBatch = (report: BatchReport, seconds: number): void => {
    const { done, unhandled, dueSeconds, postponed, buried } = report;
    for (const due of dueSeconds) metrics.handledSeconds.observe(Math.max(due, 0) + seconds);
    metrics.handled.inc({ outcome: 'done' }, done - unhandled);
    metrics.unhandled.inc(unhandled);
    metrics.handled.inc({ outcome: 'retry' }, postponed);
    metrics.handled.inc({ outcome: 'dead' }, buried.length);
    for (const { row, error } of buried) {
      alarm('event_dead', row.type, `event ${row.id} is a dead letter after its last attempt: ${error}`);
    }
  };
  return new Drain({
    ...options.drain,
    database: databases.drain,
    handlers,
    reach,
    process,
    random,
    enqueueOn,
    openStripe: () => clients.open(),
    onBatch,
    onTrouble: (failure) => {
      if (failure === null) logger.info('the drain works again');
      else logger.error({ why: failure }, 'the drain can not work; it keeps trying');
    },
  });
}
