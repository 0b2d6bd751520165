/**
 * The load generator, a process of its own: sends signed events over keep-alive connections and prints one
 * line of JSON. `count` without `rate`: as fast as the answers come, all requests signed beforehand.
 * With `rate`: that many a second, latency counted from the moment a request was due, so that a server that
 * stalls can't hide it.
 */
import { connect, type Socket } from 'node:net';
import { requestOf } from './event.ts';

export interface LoadOrder {
  port: number;
  path: string;
  run: string;
  count: number;
  connections: number;
  rate?: number;
}

export interface LoadReport {
  sent: number;
  refused: number;
  seconds: number;
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
  maxMs: number;
}

// Signing ahead costs memory; a rate that is far below the machine's leaves time to sign on the way.
const SIGN_AHEAD_MAX = 200_000;

class Load {
  readonly #order: LoadOrder;
  readonly #ready: Buffer[] = [];
  readonly #latencies: Float64Array;
  readonly #idle: Connection[] = [];
  readonly #due: { n: number; at: number }[] = [];
  #next = 0;
  #done = 0;
  #refused = 0;
  #finish: () => void = () => {};

  constructor(order: LoadOrder) {
    this.#order = order;
    this.#latencies = new Float64Array(order.count);
    const ahead = order.rate === undefined ? Math.min(order.count, SIGN_AHEAD_MAX) : 0;
    for (let n = 0; n < ahead; n += 1) this.#ready.push(requestOf(order.path, order.run, n));
  }

  async run(): Promise<LoadReport> {
    const { connections, port, rate, count } = this.#order;
    const all = await Promise.all(Array.from({ length: connections }, () => Connection.open(port)));
    const finished = new Promise<void>((resolve) => (this.#finish = resolve));
    const started = performance.now();
    if (rate === undefined) for (const connection of all) this.#sendNext(connection);
    else this.#pace(all, rate, started);
    await finished;
    const seconds = (performance.now() - started) / 1000;
    for (const connection of all) connection.close();
    const sorted = this.#latencies.slice(0, this.#done).toSorted();
    const at = (share: number): number =>
      Number((sorted[Math.floor((sorted.length - 1) * share)] ?? 0).toFixed(2));
    return {
      sent: count,
      refused: this.#refused,
      seconds,
      perSecond: Math.round(count / seconds),
      p50Ms: at(0.5),
      p99Ms: at(0.99),
      maxMs: at(1),
    };
  }

  #sendNext(connection: Connection): void {
    if (this.#next >= this.#order.count) return;
    const n = this.#next;
    this.#next += 1;
    this.#send(connection, n, performance.now(), () => this.#sendNext(connection));
  }

  #pace(all: Connection[], rate: number, started: number): void {
    this.#idle.push(...all);
    const timer = setInterval(() => {
      const shouldBeSent = Math.min(
        Math.floor(((performance.now() - started) / 1000) * rate),
        this.#order.count,
      );
      for (; this.#next < shouldBeSent; this.#next += 1) {
        this.#due.push({ n: this.#next, at: started + (this.#next / rate) * 1000 });
      }
      this.#sendDue();
      if (this.#next >= this.#order.count) clearInterval(timer);
    }, 1);
  }

  #sendDue(): void {
    // The one that has rested longest, so that none rests until the server closes it.
    while (this.#due.length > 0 && this.#idle.length > 0) {
      const connection = this.#idle.shift() as Connection;
      const { n, at } = this.#due.shift() as { n: number; at: number };
      this.#send(connection, n, at, () => {
        this.#idle.push(connection);
        this.#sendDue();
      });
    }
  }

  #send(connection: Connection, n: number, since: number, then: () => void): void {
    const { path, run, count } = this.#order;
    const request = this.#ready[n] ?? requestOf(path, run, n);
    if (this.#ready[n]) this.#ready[n] = undefined as unknown as Buffer;
    connection.exchange(request, (good) => {
      this.#latencies[this.#done] = performance.now() - since;
      this.#done += 1;
      if (!good) this.#refused += 1;
      if (this.#done === count) this.#finish();
      else then();
    });
  }
}

class Connection {
  readonly #socket: Socket;
  #text = '';
  #answered: (good: boolean) => void = () => {};

  static open(port: number): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => resolve(new Connection(socket)));
      socket.setNoDelay(true);
      socket.once('error', reject);
    });
  }

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => this.#read(chunk.toString('latin1')));
    socket.once('end', () => {
      throw new Error('the server under measurement has closed a connection');
    });
  }

  exchange(request: Buffer, answered: (good: boolean) => void): void {
    this.#answered = answered;
    this.#socket.write(request);
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(chunk: string): void {
    this.#text += chunk;
    const end = this.#text.indexOf('\r\n\r\n');
    if (end < 0) return;
    const length = /content-length: (\d+)/i.exec(this.#text);
    if (!length || this.#text.length < end + 4 + Number(length[1])) return;
    const good = this.#text.startsWith('HTTP/1.1 200');
    this.#text = '';
    this.#answered(good);
  }
}

const order = JSON.parse(process.argv[2] ?? '{}') as LoadOrder;
process.stdout.write(`${JSON.stringify(await new Load(order).run())}\n`);
