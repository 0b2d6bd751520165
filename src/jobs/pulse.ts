import type { WorkerEvents, WorkerPool } from 'graphile-worker';

// When it could not write a result it shuts itself down, and may then wait for ever for that write.
const LINGER_MS = 2_000;
// It may go on failing for ever at what failed once, when its database is long back.
const DEAF_MS_MAX = 10_000;

/** How graphile-worker is, as its events tell. */
export class Pulse {
  readonly pools = new Set<WorkerPool>();
  /** Ids of the jobs that run in this process. */
  readonly running = new Set<string>();
  /** Resolves when the runner that is watched has ended: no job runs, and results had their time. */
  ended: Promise<void> = Promise.resolve();
  #deafSince: number | null = null;

  /** Watches a new runner. */
  watch(events: WorkerEvents): void {
    this.#deafSince = null;
    events.on('pool:create', ({ workerPool }) => this.pools.add(workerPool));
    events.on('job:start', ({ job }) => {
      this.running.add(idOf(job));
      this.#deafSince = null;
    });
    events.on('job:complete', ({ job }) => this.running.delete(idOf(job)));
    events.on('worker:getJob:empty', () => {
      this.#deafSince = null;
    });
    events.on('worker:getJob:error', () => {
      this.#deafSince ??= performance.now();
    });
    this.ended = new Promise((resolve) => {
      const linger = (): void => void setTimeout(resolve, LINGER_MS).unref();
      events.once('pool:gracefulShutdown:complete', linger);
      events.once('pool:gracefulShutdown:error', linger);
    });
  }

  /** True when it has failed to read its queue for too long. */
  get deaf(): boolean {
    return this.#deafSince !== null && performance.now() - this.#deafSince > DEAF_MS_MAX;
  }
}

// Its type says text; our connections read int8 as numbers.
function idOf({ id }: { id: unknown }): string {
  return String(id);
}
