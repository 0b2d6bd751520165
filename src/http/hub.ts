import { setTimeout as wait } from 'node:timers/promises';
import { describeError } from '../errors.ts';
import type { Problem } from './problem.ts';
import { openStream, type EventStream } from './sse.ts';

// A payment has to be seen within a second of its commit.
const POLL_MS = 400;
// A slow question is asked less often, so that nobody's watching takes more than a quarter of a connection.
const REST_PER_MS_OF_WORK = 3;
// Each is a socket and, of different topics, a poll.
const STREAMS_MAX = 500;
// Whoever lost the right to look finds the door closed after so long.
const STREAM_SECONDS_MAX = 300;
const RETRY_AFTER_SECONDS = 10;

/** Something that can be watched. */
export interface Topic<News> {
  /** Those who name the same share one poll, and the `read` of who came first. */
  name: string;
  /** The event's name in the stream. */
  event: string;
  /** What is to be told, or null for nothing. Never asked twice at once. */
  read: () => Promise<News | null>;
  /**
   * `state`: it is told when it differs from what was told before, and to each newcomer at once.
   * `tail`: everything that is read is told, to those who are there.
   */
  kind: 'state' | 'tail';
}

export interface HubOptions {
  onTrouble: (topic: string, failure: string) => void;
  /** How often a topic is read. */
  pollMs?: number;
}

/** What several people watch: one poll for each topic and process, and only while somebody watches. */
export class Hub {
  readonly #polls = new Map<string, Poll>();
  readonly #stopping = new AbortController();
  readonly #options: HubOptions;
  #streams = 0;

  constructor(options: HubOptions) {
    this.#options = options;
  }

  /** Answers with a stream of server-sent events. When reading fails it says `trouble` and goes on. */
  watch<News>(topic: Topic<News>): Response | { problem: Problem } {
    if (this.#stopping.signal.aborted || this.#streams >= STREAMS_MAX) return { problem: TOO_MANY };
    const poll = this.#polls.get(topic.name) ?? this.#begin(topic);
    this.#streams += 1;
    const stream: EventStream = openStream(STREAM_SECONDS_MAX, () => {
      this.#streams -= 1;
      poll.leave(stream);
    });
    poll.join(stream);
    return stream.response;
  }

  /** Ends every stream, and what is being read for them. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    const polls = [...this.#polls.values()];
    for (const poll of polls) poll.end();
    await Promise.all(polls.map((poll) => poll.running));
  }

  #begin<News>(topic: Topic<News>): Poll {
    const { onTrouble, pollMs = POLL_MS } = this.#options;
    const poll = new Poll(topic, pollMs, (failure) => onTrouble(topic.name, failure));
    this.#polls.set(topic.name, poll);
    poll.running = poll.run(this.#stopping.signal, () => this.#polls.delete(topic.name));
    return poll;
  }
}

class Poll {
  running: Promise<void> = Promise.resolve();
  readonly #topic: Topic<unknown>;
  readonly #pollMs: number;
  readonly #onTrouble: (failure: string) => void;
  readonly #watchers = new Set<EventStream>();
  #last: string | null = null;
  #failed = false;
  #resting = new AbortController();

  constructor(topic: Topic<unknown>, pollMs: number, onTrouble: (failure: string) => void) {
    this.#topic = topic;
    this.#pollMs = pollMs;
    this.#onTrouble = onTrouble;
  }

  join(stream: EventStream): void {
    this.#watchers.add(stream);
    if (this.#last !== null) stream.send(this.#topic.event, this.#last);
    if (this.#failed) stream.send('trouble', TROUBLE);
  }

  leave(stream: EventStream): void {
    this.#watchers.delete(stream);
    if (this.#watchers.size === 0) this.#resting.abort();
  }

  end(): void {
    for (const stream of this.#watchers) stream.close();
  }

  /** Goes on while somebody watches; `onEnd` comes in the same turn as the look that finds nobody. */
  async run(stopping: AbortSignal, onEnd: () => void): Promise<void> {
    // Whoever began it joins in this turn.
    await Promise.resolve();
    while (this.#watchers.size > 0 && !stopping.aborted) {
      const began = performance.now();
      await this.#readOnce();
      const restMs = Math.max(this.#pollMs, (performance.now() - began) * REST_PER_MS_OF_WORK);
      this.#resting = new AbortController();
      if (this.#watchers.size > 0) await wait(restMs, undefined, this.#resting).catch(() => {});
    }
    onEnd();
  }

  async #readOnce(): Promise<void> {
    const { read, event, kind } = this.#topic;
    try {
      const news = await read();
      this.#failed = false;
      const json = JSON.stringify(news);
      if (news === null || json === this.#last) return;
      if (kind === 'state') this.#last = json;
      this.#tell(event, json);
    } catch (error) {
      if (!this.#failed) this.#onTrouble(describeError(error));
      // The next state is told in any case: it says that the trouble is over.
      this.#last = null;
      if (!this.#failed) this.#tell('trouble', TROUBLE);
      this.#failed = true;
    }
  }

  #tell(event: string, json: string): void {
    for (const stream of this.#watchers) stream.send(event, json);
  }
}

// What it was is in the log: an error's words may quote what not everybody may see.
const TROUBLE = JSON.stringify({ detail: 'It could not be read just now; this goes on by itself.' });

const TOO_MANY: Problem = {
  status: 503,
  code: 'too_many_streams',
  detail: 'Too many watch at present. Ask again later, or ask for the plain answer instead of the stream.',
  headers: { 'retry-after': String(RETRY_AFTER_SECONDS) },
};
