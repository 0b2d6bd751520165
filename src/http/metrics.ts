import { Counter, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

/** The counters of one Quittance, in a registry of its own. Names: prometheus.io/docs/practices/naming. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #counter = (name: string, help: string, labelNames: string[] = []): Counter =>
    new Counter({ name, help, labelNames, registers: [this.#registry] });

  readonly webhooks = this.#counter(
    'quittance_webhooks_total',
    'Webhook requests by what became of them: accepted, quarantined, or the code they were refused with',
    ['result'],
  );
  readonly stored = this.#counter('quittance_events_stored_total', 'Events stored for the first time');
  readonly duplicates = this.#counter(
    'quittance_events_duplicate_total',
    'Deliveries of events already stored',
  );
  readonly handled = this.#counter('quittance_events_handled_total', 'Events by outcome', ['outcome']);
  readonly alarms = this.#counter('quittance_alarms_total', 'Alarms raised', ['alarm']);
  readonly batchEvents = new Histogram({
    name: 'quittance_store_batch_events',
    help: 'Events stored by one statement',
    buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500],
    registers: [this.#registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.#registry });
  }

  async response(): Promise<Response> {
    const text = await this.#registry.metrics();
    return new Response(text, { headers: { 'content-type': this.#registry.contentType } });
  }
}
