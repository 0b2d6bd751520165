import { Counter, Histogram, type Registry } from 'prom-client';

const HANDLED_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800];
const CALL_SECONDS = [0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 4, 8];
const REQUEST_SECONDS = [0.01, 0.03, 0.1, 0.3, 1, 3, 10];
const JOB_SECONDS = [0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300, 1_800];

// Shown as 0 from the beginning: a rate over a series that begins with its first failure misses that one.
const WEBHOOK_RESULTS = [
  'accepted',
  'quarantined',
  'missing_signature',
  'invalid_signature',
  'stale_timestamp',
  'not_configured',
  'body_too_large',
  'storage_unavailable',
  'internal_error',
];
const OUTCOMES = ['done', 'retry', 'dead'];

/**
 * Everything that a server counts. Summed over its processes, and over those that died. Values of labels come
 * from closed sets: routes, event types and job names, never ids. Names: prometheus.io/docs/practices/naming.
 */
export class Counters {
  readonly #registry: Registry;
  readonly webhooks: Counter;
  readonly appRequests: Counter;
  readonly stored: Counter;
  readonly duplicates: Counter;
  readonly batchEvents: Histogram;
  readonly handled: Counter;
  readonly handledSeconds: Histogram;
  readonly unhandled: Counter;
  readonly jobSeconds: Histogram;
  readonly stripeCallSeconds: Histogram;
  readonly requestSeconds: Histogram;
  readonly sinkDeliveries: Counter;
  readonly signIns: Counter;
  readonly alarms: Counter;

  constructor(registry: Registry) {
    this.#registry = registry;
    this.webhooks = this.#counter('webhooks_total', TEXTS.webhooks, ['result']);
    this.appRequests = this.#counter('app_requests_total', TEXTS.appRequests, ['result']);
    this.stored = this.#counter('events_stored_total', 'Events stored for the first time');
    this.duplicates = this.#counter('events_duplicate_total', 'Deliveries of events already stored');
    this.batchEvents = this.#histogram('store_batch_events', 'Events stored by one statement', BATCH_EVENTS);
    this.handled = this.#counter('events_handled_total', 'Events by outcome', ['outcome']);
    this.handledSeconds = this.#histogram('event_handled_seconds', TEXTS.handledSeconds, HANDLED_SECONDS);
    this.unhandled = this.#counter('events_unhandled_total', 'Events of types without a handler');
    this.jobSeconds = this.#histogram('job_seconds', TEXTS.jobSeconds, JOB_SECONDS, ['name', 'outcome']);
    const call = ['method', 'route', 'status'];
    this.stripeCallSeconds = this.#histogram('stripe_call_seconds', TEXTS.stripeCall, CALL_SECONDS, call);
    this.requestSeconds = this.#histogram('http_request_seconds', TEXTS.request, REQUEST_SECONDS, call);
    this.sinkDeliveries = this.#counter('sink_deliveries_total', TEXTS.sinks, ['sink', 'result']);
    this.signIns = this.#counter('sign_ins_total', TEXTS.signIns, ['result']);
    this.alarms = this.#counter('alarms_total', 'Alarms raised', ['alarm']);
    for (const result of WEBHOOK_RESULTS) this.webhooks.inc({ result }, 0);
    for (const outcome of OUTCOMES) this.handled.inc({ outcome }, 0);
  }

  #counter(name: string, help: string, labelNames: string[] = []): Counter {
    return new Counter({ name: `quittance_${name}`, help, labelNames, registers: [this.#registry] });
  }

  #histogram(name: string, help: string, buckets: number[], labelNames: string[] = []): Histogram {
    const registers = [this.#registry];
    return new Histogram({ name: `quittance_${name}`, help, buckets, labelNames, registers });
  }
}

const BATCH_EVENTS = [1, 2, 5, 10, 20, 50, 100, 200, 500];

const TEXTS = {
  webhooks:
    'Webhook requests by what became of them: accepted, quarantined, or the code they were refused with',
  appRequests: 'Requests of the app’s extension: accepted, or the code they were refused with',
  handledSeconds:
    'Seconds from when an event was due, which for the first attempt is when it was stored, to the commit ' +
    'of its handlers',
  jobSeconds: 'Runs of jobs and how long they took, by outcome: done or failed',
  stripeCall:
    'Calls to Stripe and how long they took, by route and status, which is unreachable without an answer',
  request: 'Requests other than webhooks and how long they took, by route and status',
  sinks: 'Attempts to tell a sink of an event: delivered, failed, or dead when it was the last',
  signIns: 'Attempts to sign in to the console: accepted, or the code they were refused with',
};
