import {
  AggregatorRegistry,
  Counter,
  Histogram,
  Registry,
  collectDefaultMetrics,
  type MetricObjectWithValues,
  type MetricValue,
} from 'prom-client';

type Readings = MetricObjectWithValues<MetricValue<string>>[];

/** What one process, or several together, have to show; plain enough for a message between processes. */
export interface MetricsReport {
  /** Our own counters, which are summed over the processes of a server. */
  counted: Readings;
  /** Memory, processor, event loop: of one process each, told apart by the label `role`. */
  process: Readings;
}

/** The counters of one Quittance, in a registry of its own. Names: prometheus.io/docs/practices/naming. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #processRegistry = new Registry();
  readonly #counter = (name: string, help: string, labelNames: string[] = []): Counter =>
    new Counter({ name, help, labelNames, registers: [this.#registry] });

  readonly webhooks = this.#counter(
    'quittance_webhooks_total',
    'Webhook requests by what became of them: accepted, quarantined, or the code they were refused with',
    ['result'],
  );
  readonly appRequests = this.#counter(
    'quittance_app_requests_total',
    'Requests of the app’s extension: accepted, or the code they were refused with',
    ['result'],
  );
  readonly stored = this.#counter('quittance_events_stored_total', 'Events stored for the first time');
  readonly duplicates = this.#counter(
    'quittance_events_duplicate_total',
    'Deliveries of events already stored',
  );
  readonly handled = this.#counter('quittance_events_handled_total', 'Events by outcome', ['outcome']);
  readonly unhandled = this.#counter('quittance_events_unhandled_total', 'Events of types without a handler');
  readonly alarms = this.#counter('quittance_alarms_total', 'Alarms raised', ['alarm']);
  readonly batchEvents = new Histogram({
    name: 'quittance_store_batch_events',
    help: 'Events stored by one statement',
    buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500],
    registers: [this.#registry],
  });

  /** What the other processes of this server have to show: their parent says it. */
  others: MetricsReport = { counted: [], process: [] };
  /** Called with what this process has counted before it is shown to anybody. */
  onShow: (counted: Readings) => Promise<void> = async () => {};
  #role: string | undefined;

  constructor() {
    collectDefaultMetrics({ register: this.#processRegistry });
  }

  /** Says which process of a server this is, so that its memory is not taken for another's. */
  set role(role: string) {
    this.#role = role;
  }

  async counted(): Promise<Readings> {
    return usable(await this.#registry.getMetricsAsJSON(), {});
  }

  async report(): Promise<MetricsReport> {
    const labels: Record<string, string> = this.#role === undefined ? {} : { role: this.#role };
    const process = usable(await this.#processRegistry.getMetricsAsJSON(), labels);
    return { counted: await this.counted(), process };
  }

  async response(): Promise<Response> {
    const own = await this.report();
    await this.onShow(own.counted);
    const { counted, process } = this.others;
    const all = aggregate([own.counted, counted, own.process, process]);
    return new Response(await all.metrics(), { headers: { 'content-type': all.contentType } });
  }
}

/** Sums readings of the same name and labels. */
export function sumReadings(all: readonly Readings[]): Promise<Readings> {
  return aggregate(all).getMetricsAsJSON();
}

// Typed as taking descriptions only; it reads the values too.
function aggregate(all: readonly Readings[]): Registry {
  return AggregatorRegistry.aggregate([...all]);
}

// The lag of an event loop that has not been measured yet is NaN, which JSON would make an invalid null.
// `aggregator` says what prom-client does with values of the same labels: it would leave start times out.
function usable(readings: Readings, labels: Record<string, string>): Readings {
  return readings.map((reading) => ({
    ...reading,
    aggregator: 'sum',
    values: reading.values
      .filter(({ value }) => Number.isFinite(value))
      .map((value) => ({ ...value, labels: { ...value.labels, ...labels } })),
  }));
}
