import { setTimeout as wait } from 'node:timers/promises';
import { Gauge, Registry } from 'prom-client';
import { UnderWay } from '../under-way.ts';
import type { GaugeValue, Readings } from './metrics.ts';

const READ_MS_MIN = 10_000;
// A scrape gives up after 10 s by default, and what we can say without the database is worth more than that.
const WAIT_MS_MAX = 2_000;

/** What gauges show: by name, all their values. */
export type SharedValues = ReadonlyMap<string, readonly GaugeValue[]>;

export interface SharedGauge {
  name: string;
  help: string;
  labelNames?: string[];
}

/**
 * Gauges whose values lie in the database. Read at most every ten seconds, however many ask; while they can't
 * be read they are absent, and `quittance_database_up` is 0.
 */
export class SharedGauges {
  readonly #registry = new Registry();
  readonly #gauges = new Map<string, Gauge>();
  readonly #underWay = new UnderWay<void>();
  readonly #up = new Gauge({
    name: 'quittance_database_up',
    help: '1 when the database answered what /metrics asked it',
    registers: [this.#registry],
  });
  #read: () => Promise<SharedValues> = async () => new Map();
  #readAt = Number.NEGATIVE_INFINITY;

  /** Declares the gauges and where their values come from. Without it there are none. */
  declare(gauges: readonly SharedGauge[], read: () => Promise<SharedValues>): void {
    const registers = [this.#registry];
    for (const gauge of gauges) this.#gauges.set(gauge.name, new Gauge({ ...gauge, registers }));
    this.#read = read;
  }

  async readings(): Promise<Readings> {
    if (performance.now() - this.#readAt >= READ_MS_MIN) {
      const reading = this.#underWay.join('', () => this.#refresh());
      const late = new AbortController();
      const inTime = await Promise.race([
        reading.then(() => true),
        wait(WAIT_MS_MAX, false, { signal: late.signal, ref: false }).catch(() => false),
      ]);
      late.abort();
      if (!inTime) this.#show(null);
    }
    return this.#registry.getMetricsAsJSON();
  }

  async #refresh(): Promise<void> {
    const values = await this.#read().catch(() => null);
    this.#show(values);
    if (values) this.#readAt = performance.now();
  }

  #show(values: SharedValues | null): void {
    this.#up.set(values ? 1 : 0);
    for (const [name, gauge] of this.#gauges) {
      gauge.reset();
      // Unknown is not 0, which a gauge without labels is after a reset; what is not a number is not shown.
      if (!values?.has(name)) gauge.set(Number.NaN);
      for (const { labels = {}, value } of values?.get(name) ?? []) gauge.set(labels, value);
    }
  }
}
