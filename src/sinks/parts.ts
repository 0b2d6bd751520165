import type { Clock } from '../clock.ts';
import type { Database } from '../db/database.ts';
import type { Api } from '../http/api.ts';
import type { RaiseAlarm } from '../inbox/alarms.ts';
import type { HandlerContext, Handlers } from '../inbox/handlers.ts';
import type { Timetable } from '../jobs/jobs.ts';
import { typesOf } from './patterns.ts';
import { pump, WAITING_HOURS_MAX, type PumpOptions, type SinkResult } from './pump.ts';
import { sinkRoutes } from './routes.ts';
import { expireForgotten, insertDelivery, queueNext, taskOf } from './rows.ts';
import { senderOf, type Send } from './send.ts';
import type { Sink } from './settings.ts';

const SWEEP_JOB = 'quittance.sweep_sinks';
const EVERY_FIVE_MINUTES = '*/5 * * * *';
// Of the five jobs a process runs at once: slow sinks leave the others their share.
const PUMPS_AT_ONCE = 3;
const LATER_SECONDS = 1;

export interface SinkPartsOptions {
  database: Database;
  handlers: Pick<Handlers, 'on'>;
  clock: Clock;
  random: () => number;
  alarm: RaiseAlarm;
  sinks: readonly Sink[];
  count: (sink: string, result: SinkResult) => void;
}

/** Systems of ours that are told of events: each event once for each sink that wants it. */
export class SinkParts {
  readonly #options: SinkPartsOptions;
  readonly #senders: Map<string, { send: Send; close: () => Promise<void> }>;
  readonly #stopping = new AbortController();
  #pumps = 0;

  constructor(options: SinkPartsOptions) {
    this.#options = options;
    this.#senders = new Map(options.sinks.map((sink) => [sink.name, senderOf(sink, options.clock)]));
  }

  /** Throws `invalid_options` for a pattern that means no event type. */
  addHandlers(): void {
    const { handlers, sinks } = this.#options;
    for (const sink of sinks) {
      for (const type of typesOf(sink)) handlers.on(type, (context) => take(sink, context));
    }
  }

  /** A job for each sink, so that only a process that has the sink takes it. */
  addJobs({ job, cron }: Timetable): void {
    for (const [sink, { send }] of this.#senders) job(taskOf(sink), () => this.#pump(sink, send));
    job(SWEEP_JOB, () => this.#sweep());
    cron(EVERY_FIVE_MINUTES, SWEEP_JOB);
  }

  addRoutes(api: Api): void {
    sinkRoutes(api, this.#options);
  }

  /** Cuts off what is being sent, to be sent again by whoever works next. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error('the process is stopping'));
    await Promise.all([...this.#senders.values()].map(({ close }) => close()));
  }

  async #pump(sink: string, send: Send): Promise<void> {
    if (this.#pumps >= PUMPS_AT_ONCE) return queueNext(this.#options.database.sql, sink, LATER_SECONDS);
    this.#pumps += 1;
    try {
      await pump(this.#pumpOptions(), { sink, send }, this.#stopping.signal);
    } finally {
      this.#pumps -= 1;
    }
  }

  // Whatever became of a job: what waits is looked after every five minutes.
  async #sweep(): Promise<void> {
    const { database } = this.#options;
    const names = [...this.#senders.keys()];
    await expireForgotten(database.sql, names, WAITING_HOURS_MAX);
    for (const name of names) await queueNext(database.sql, name);
  }

  #pumpOptions(): PumpOptions {
    const { database, random, count, alarm } = this.#options;
    return { database, random, count, onDead: (sink, reason) => alarm('sink_dead', sink, reason) };
  }
}

async function take(
  { name, accounts }: Sink,
  { event, account, livemode, sql }: HandlerContext,
): Promise<void> {
  if (accounts === 'own' && account !== null) return;
  if (accounts === 'connected' && account === null) return;
  await insertDelivery(sql, name, { id: event.id, account: account ?? '', livemode });
}
