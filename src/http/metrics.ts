import {
  AggregatorRegistry,
  Gauge,
  Registry,
  collectDefaultMetrics,
  type MetricObjectWithValues,
  type MetricValue,
} from 'prom-client';
import { Counters } from './counters.ts';
import { SharedGauges } from './shared-gauges.ts';

export type Readings = MetricObjectWithValues<MetricValue<string>>[];

/** What one process, or several together, have to show; plain enough for a message between processes. */
export interface MetricsReport {
  /** Our own counters, which are summed over the processes of a server. */
  counted: Readings;
  /** Memory, processor, event loop, connections: of one process each, told apart by the label `role`. */
  process: Readings;
}

/** One value of a gauge. */
export interface GaugeValue {
  labels?: Record<string, string>;
  value: number;
}

/** What one Quittance counts and measures. */
export class Metrics extends Counters {
  readonly #registry: Registry;
  readonly #processRegistry = new Registry();
  /** What the database says, which is the same for every process: only the one that is asked reads it. */
  readonly shared = new SharedGauges();

  /** What the other processes of this server have to show: their parent says it. */
  others: MetricsReport = { counted: [], process: [] };
  /** Called with what this process has counted before it is shown to anybody. */
  onShow: (counted: Readings) => Promise<void> = async () => {};
  #role: string | undefined;

  constructor() {
    const registry = new Registry();
    super(registry);
    this.#registry = registry;
    collectDefaultMetrics({ register: this.#processRegistry });
  }

  /** Says which process of a server this is, so that its memory is not taken for another's. */
  set role(role: string) {
    this.#role = role;
  }

  /** Adds a value of the moment of this process; `read` is asked whenever somebody looks. */
  gauge(name: string, help: string, labelNames: string[], read: () => GaugeValue[]): void {
    const registers = [this.#processRegistry];
    const gauge: Gauge = new Gauge({
      name,
      help,
      labelNames,
      registers,
      collect: () => {
        gauge.reset();
        for (const { labels = {}, value } of read()) gauge.set(labels, value);
      },
    });
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
    const shared = usable(await this.shared.readings(), {});
    const own = await this.report();
    await this.onShow(own.counted);
    const { counted, process } = this.others;
    const all = aggregate([own.counted, counted, own.process, process, shared]);
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
