import { describeError, QuittanceError } from '../errors.ts';
import { Availability } from './availability.ts';
import { withoutNames } from './envelope.ts';
import { isDataError, LATE, probeInTime, storeInTime, type StoreOptions } from './store-in-time.ts';
import type { Arrival, Stored } from './store.ts';

// Stripe's Checkout waits 10 s for our answer before it sends the buyer on; 8 s leaves the network its share.
const ANSWER_MS_MAX = 7_500;
const BATCH_EVENTS_MAX = 500;
const BATCH_BYTES_MAX = 4 * 1024 * 1024;
// Beyond this we say 503 at once: Stripe repeats, and a longer queue would only make every answer late.
const QUEUE_EVENTS_MAX = 10_000;
const QUEUE_BYTES_MAX = 64 * 1024 * 1024;
// While one statement waits for its fsync the next batch fills up. Two at once halve the batches and lost a
// tenth to a third of the rate on two cores (12,300 to 14,900 events/s with one, 7,000 to 13,000 with two).
const STATEMENTS_AT_ONCE = 1;
const EXPIRY_CHECK_MS = 250;

export interface ReceiverOptions extends StoreOptions {
  /** Called after each commit, to wake the drain. */
  onStored: (stored: Stored) => void;
  /** Called with the reason when storing begins to fail, and with null when it works again. */
  onAvailability: (failure: string | null) => void;
}

interface Waiting {
  arrival: Arrival;
  /** On the clock that only goes forward: a wall clock set back would make the sender wait as long. */
  expiresAt: number;
  resolve: () => void;
  reject: (error: QuittanceError) => void;
}

/** The micro-batching front of the event log: events that arrive together share one statement. */
export class Receiver {
  readonly #options: ReceiverOptions;
  readonly #queue: Waiting[] = [];
  readonly #flights = new Set<Promise<void>>();
  readonly #expiry: NodeJS.Timeout;
  readonly #availability: Availability;
  #queuedBytes = 0;
  #stopped = false;

  constructor(options: ReceiverOptions) {
    this.#options = options;
    this.#availability = new Availability({
      probe: () => probeInTime(options.database, ANSWER_MS_MAX),
      onChange: options.onAvailability,
    });
    this.#expiry = setInterval(() => this.#expireQueued(), EXPIRY_CHECK_MS).unref();
  }

  /**
   * Stores one event and resolves after its commit. Rejects with `storage_unavailable` when that can't be
   * said within 8 s: the event may be stored or not, and whoever sent it has to send it again.
   */
  receive(arrival: Arrival): Promise<void> {
    const bytes = arrival.envelope.body.length;
    if (this.#stopped) return Promise.reject(unavailable('the server is stopping'));
    if (this.#queue.length >= QUEUE_EVENTS_MAX || this.#queuedBytes + bytes > QUEUE_BYTES_MAX) {
      return Promise.reject(unavailable('too many events are waiting for the database'));
    }
    this.#queuedBytes += bytes;
    return new Promise((resolve, reject) => {
      const expiresAt = performance.now() + ANSWER_MS_MAX;
      this.#queue.push({ arrival, expiresAt, resolve, reject });
      // Not at once: requests read in the same turn of the event loop go into the same statement.
      if (this.#flights.size < STATEMENTS_AT_ONCE) setImmediate(() => this.#pump());
    });
  }

  /** How many events wait for the database. */
  get queued(): number {
    return this.#queue.length;
  }

  /** Why storing fails; null while it works. */
  get failure(): string | null {
    return this.#availability.failure;
  }

  /** Takes nothing new and waits until everything in the queue is answered. */
  async stop(): Promise<void> {
    this.#stopped = true;
    while (this.#queue.length > 0 || this.#flights.size > 0) {
      this.#pump();
      await Promise.all(this.#flights);
    }
    clearInterval(this.#expiry);
    this.#availability.stop();
  }

  #pump(): void {
    while (this.#flights.size < STATEMENTS_AT_ONCE && this.#queue.length > 0) {
      const flight = this.#fly(this.#takeBatch()).finally(() => {
        this.#flights.delete(flight);
        this.#pump();
      });
      this.#flights.add(flight);
    }
  }

  #takeBatch(): Waiting[] {
    let count = 0;
    let bytes = 0;
    while (count < this.#queue.length && count < BATCH_EVENTS_MAX && bytes < BATCH_BYTES_MAX) {
      bytes += (this.#queue[count] as Waiting).arrival.envelope.body.length;
      count += 1;
    }
    this.#queuedBytes -= bytes;
    return this.#queue.splice(0, count);
  }

  async #fly(batch: Waiting[]): Promise<void> {
    const msLeft = (batch[0] as Waiting).expiresAt - performance.now();
    try {
      const stored = await storeInTime(
        this.#options,
        batch.map((waiting) => waiting.arrival),
        msLeft,
      );
      this.#options.onStored(stored);
      for (const waiting of batch) waiting.resolve();
    } catch (error) {
      await this.#recover(batch, error);
    }
  }

  // One event that PostgreSQL refuses must not fail its neighbours: each goes alone, and the bytes of the
  // refused one are stored without the names that were read from them.
  async #recover(batch: Waiting[], error: unknown): Promise<void> {
    if (!isDataError(error)) return this.#refuse(batch, error);
    if (batch.length > 1) {
      for (const waiting of batch) await this.#fly([waiting]);
      return;
    }
    const { arrival } = batch[0] as Waiting;
    if (arrival.envelope.problem === 'unstorable') return this.#refuse(batch, error);
    arrival.envelope = withoutNames(arrival.envelope);
    await this.#fly(batch);
  }

  #refuse(batch: Waiting[], error: unknown): void {
    this.#availability.failed(describeError(error));
    for (const waiting of batch) waiting.reject(unavailable(describeError(error), error));
  }

  #expireQueued(): void {
    const now = performance.now();
    while (this.#queue[0] && this.#queue[0].expiresAt <= now) {
      const waiting = this.#queue.shift() as Waiting;
      this.#queuedBytes -= waiting.arrival.envelope.body.length;
      this.#availability.failed(LATE);
      waiting.reject(unavailable(LATE));
    }
  }
}

function unavailable(reason: string, cause?: unknown): QuittanceError {
  return new QuittanceError({
    code: 'storage_unavailable',
    message: `The event could not be stored: ${reason}. Send it again later.`,
    cause,
  });
}
