import { setTimeout as wait } from 'node:timers/promises';
import type Stripe from 'stripe';
import type { Clock } from '../clock.ts';
import type { Database } from '../db/database.ts';
import type { ReachFailpoint } from '../failpoints.ts';
import { readEnvelope, withoutNames, type Recognition, type Source } from '../inbox/envelope.ts';
import { isDataError, storeInTime } from '../inbox/store-in-time.ts';
import type { Arrival } from '../inbox/store.ts';
import { stripeFailure } from '../stripe/failures.ts';
import { finishRun, missingEvents, readProgress, withReconcileLock, writeCursor } from './reconcile-rows.ts';

const PAGE_EVENTS = 100;
// Events may appear in the list some seconds late and out of order; ten minutes are read twice.
const OVERLAP_SECONDS = 600;
// Stripe forgets events after 30 days (docs.stripe.com/api/events).
const RETENTION_SECONDS = 30 * 24 * 60 * 60;
// A person waits at the command line, and can say when to try again.
const TRIES_MAX: Partial<Record<Source, number>> = { cli: 3 };
const TRIES_MAX_UNATTENDED = 6;
const FIRST_WAIT_MS = 1_000;
const STORE_MS_MAX = 10_000;

export interface ReconcileOptions {
  database: Database;
  stripe: Stripe;
  livemode: boolean;
  recognition: Recognition;
  slowTypes: readonly string[];
  clock: Clock;
  random: () => number;
  reach: ReachFailpoint;
  /** Waits between tries after a 429 or a failure. Tests pass their own. */
  pause?: (ms: number) => Promise<unknown>;
  /** Ends the run between two calls; the next one goes on from there. */
  signal?: AbortSignal;
  alarm: (code: string, subject: string, detail: string) => void;
  source?: Source;
}

export interface ReconcileReport {
  /** Events Stripe listed, those of the overlap again. */
  listed: number;
  /** Those the log did not hold; they are stored now. */
  stored: number;
  pages: number;
  /** From when on was read, ISO 8601. */
  since: string;
  /** True when another process is at it: nothing was done. */
  busy: boolean;
}

/**
 * Reads Stripe's own list of events since the last success, with an overlap, oldest first, and stores what
 * never arrived. A run that was killed goes on where it was. A 429 or an outage is waited for; a failure in
 * the end is thrown, and the next run begins at the same place.
 * Raises `reconcile_gap` when the last success is longer ago than Stripe keeps events.
 */
export async function reconcile(options: ReconcileOptions): Promise<ReconcileReport> {
  const report = await withReconcileLock(options.database, () => new Run(options).go());
  return report ?? { listed: 0, stored: 0, pages: 0, since: '', busy: true };
}

class Run {
  readonly #options: ReconcileOptions;
  readonly #side: { account: string; livemode: boolean };
  readonly #report: ReconcileReport = { listed: 0, stored: 0, pages: 0, since: '', busy: false };

  constructor(options: ReconcileOptions) {
    this.#options = options;
    this.#side = { account: '', livemode: options.livemode };
  }

  async go(): Promise<ReconcileReport> {
    const { database, clock, alarm } = this.#options;
    const now = Math.floor(clock.now() / 1000);
    const start = new Date((now - OVERLAP_SECONDS) * 1000);
    const progress = await readProgress(database.sql, this.#side, start);
    const since = Math.floor(progress.complete_until.getTime() / 1000) - OVERLAP_SECONDS;
    this.#report.since = new Date(since * 1000).toISOString();
    if (now - since > RETENTION_SECONDS) {
      const until = progress.complete_until.toISOString();
      const detail = `Stripe no longer lists events from ${until} to 30 days ago; check objects by hand`;
      alarm('reconcile_gap', this.#side.livemode ? 'live' : 'test', detail);
    }
    const anchor = progress.cursor_event ?? (await this.#eventBefore(since));
    const known = anchor !== null && (await this.#readBehind(anchor));
    // Nothing older than the period is known, or Stripe has forgotten it since: begin by time.
    if (!known) {
      const oldest = await this.#oldestSince(since);
      if (oldest) await this.#store([oldest]);
      if (oldest && !(await this.#readBehind(oldest.id))) throw new Error(`Stripe lost ${oldest.id} again`);
    }
    await finishRun(database.sql, this.#side, new Date(now * 1000));
    return this.#report;
  }

  /** The newest event before the period: `ending_before` it gives the oldest page of the period. */
  async #eventBefore(since: number): Promise<string | null> {
    const page = await this.#list({ created: { lt: since }, limit: 1 });
    return page.data[0]?.id ?? null;
  }

  /** Reads and stores what is newer than an event. False when Stripe does not know that event. */
  async #readBehind(anchor: string): Promise<boolean> {
    let last = anchor;
    for (;;) {
      const page = await this.#list({ ending_before: last, limit: PAGE_EVENTS }).catch((error: unknown) => {
        if (last === anchor && stripeFailure(error) === 'rejected') return null;
        throw error;
      });
      if (!page) return false;
      const newest = page.data[0];
      if (!newest) return true;
      await this.#store(page.data.toReversed());
      last = newest.id;
      await this.#keepPlace(newest);
      this.#options.reach('reconcile.after_page');
      if (!page.has_more) return true;
    }
  }

  // Behind a place that is younger than the overlap something may still appear: a run that is killed there
  // must not go on behind it much later, when the overlap no longer reaches back.
  async #keepPlace(event: Stripe.Event): Promise<void> {
    const age = this.#options.clock.now() / 1000 - event.created;
    if (age > OVERLAP_SECONDS) await writeCursor(this.#options.database.sql, this.#side, event.id);
  }

  async #oldestSince(since: number): Promise<Stripe.Event | undefined> {
    let oldest: Stripe.Event | undefined;
    let page: Stripe.ApiList<Stripe.Event>;
    do {
      page = await this.#list({
        created: { gte: since },
        limit: PAGE_EVENTS,
        ...(oldest ? { starting_after: oldest.id } : {}),
      });
      oldest = page.data.at(-1) ?? oldest;
    } while (page.has_more);
    return oldest;
  }

  async #store(events: readonly Stripe.Event[]): Promise<void> {
    const { database, recognition, source = 'reconcile' } = this.#options;
    this.#report.listed += events.length;
    const ids = events.map((event) => event.id);
    const missing = await missingEvents(database.sql, this.#side, ids);
    const arrivals: Arrival[] = events
      .filter((event) => missing.has(event.id))
      .map((event) => {
        const body = Buffer.from(JSON.stringify(event));
        return { envelope: readEnvelope(body, recognition), source, endpoint: null };
      });
    if (arrivals.length > 0) await this.#storeAll(arrivals);
  }

  // One event that PostgreSQL refuses must not stop the page, nor every later run at the same place.
  async #storeAll(arrivals: Arrival[]): Promise<void> {
    const slowTypes = (): readonly string[] => this.#options.slowTypes;
    try {
      // A webhook may bring the same event at this moment: the log's unique key makes one row of both.
      const stored = await storeInTime({ ...this.#options, slowTypes }, arrivals, STORE_MS_MAX);
      this.#report.stored += stored.fresh;
    } catch (error) {
      const [arrival] = arrivals as [Arrival];
      if (!isDataError(error) || arrival.envelope.problem === 'unstorable') throw error;
      if (arrivals.length > 1) for (const one of arrivals) await this.#storeAll([one]);
      else await this.#storeAll([{ ...arrival, envelope: withoutNames(arrival.envelope) }]);
    }
  }

  async #list(params: Stripe.EventListParams): Promise<Stripe.ApiList<Stripe.Event>> {
    const {
      stripe,
      random,
      signal,
      source = 'reconcile',
      pause = (ms) => wait(ms, undefined, { signal }),
    } = this.#options;
    const triesMax = TRIES_MAX[source] ?? TRIES_MAX_UNATTENDED;
    for (let tries = 1; ; tries += 1) {
      signal?.throwIfAborted();
      try {
        const page = await stripe.events.list(params);
        this.#report.pages += 1;
        return page;
      } catch (error) {
        const failure = stripeFailure(error);
        if (failure === null || failure === 'rejected' || tries >= triesMax) throw error;
        await pause(FIRST_WAIT_MS * 2 ** (tries - 1) * (0.5 + random()));
      }
    }
  }
}
