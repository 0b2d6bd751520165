import { connect, createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

/** `pass` on, `hold` back until told otherwise, or `swallow` for ever, as a lost route does. */
export type Flow = 'pass' | 'hold' | 'swallow';

interface Pair {
  near: Socket;
  far: Socket;
  held: { toServer: Buffer[]; toClient: Buffer[] };
}

/** A TCP proxy in front of PostgreSQL that can be slow, deaf, dumb, cut or gone. */
export class FaultProxy {
  readonly #target: URL;
  readonly #pairs = new Set<Pair>();
  readonly #flow: { toServer: Flow; toClient: Flow } = { toServer: 'pass', toClient: 'pass' };
  #server: Server | undefined;
  #port = 0;

  constructor(targetUrl: string) {
    this.#target = new URL(targetUrl);
  }

  /** The database's URL by way of this proxy. */
  get url(): string {
    const url = new URL(this.#target.href);
    url.host = `127.0.0.1:${this.#port}`;
    return url.href;
  }

  /** Connections open now. */
  get connections(): number {
    return this.#pairs.size;
  }

  /** Takes connections; after `refuse` again on the same port. */
  async listen(): Promise<this> {
    const server = createServer({ pauseOnConnect: true }, (near) => this.#join(near));
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.#port, '127.0.0.1', resolve);
    });
    this.#port = (server.address() as AddressInfo).port;
    return this;
  }

  /** Resets every connection and refuses new ones, as a host does whose PostgreSQL is down. */
  async refuse(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    const closed = new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve()));
    this.cut();
    await closed;
  }

  /** Resets every connection; new ones are taken. */
  cut(): void {
    for (const { near, far } of this.#pairs) {
      near.resetAndDestroy();
      far.resetAndDestroy();
    }
  }

  /** Sets what happens to bytes from now on. What was held is let go by `pass`. */
  set(flow: { toServer?: Flow; toClient?: Flow }): void {
    Object.assign(this.#flow, flow);
    for (const { near, far, held } of this.#pairs) {
      if (this.#flow.toServer === 'pass') for (const chunk of held.toServer.splice(0)) far.write(chunk);
      if (this.#flow.toClient === 'pass') for (const chunk of held.toClient.splice(0)) near.write(chunk);
    }
  }

  async close(): Promise<void> {
    await this.refuse();
  }

  #join(near: Socket): void {
    const far = connect(Number(this.#target.port), this.#target.hostname);
    const pair: Pair = { near, far, held: { toServer: [], toClient: [] } };
    this.#pairs.add(pair);
    near.on('data', (chunk) => this.#move(chunk, 'toServer', pair.held.toServer, far));
    far.on('data', (chunk) => this.#move(chunk, 'toClient', pair.held.toClient, near));
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.on('error', () => {}); // 'close' follows
      one.on('close', () => {
        this.#pairs.delete(pair);
        other.destroy();
      });
    }
    near.resume();
  }

  #move(chunk: Buffer, way: 'toServer' | 'toClient', held: Buffer[], to: Socket): void {
    const flow = this.#flow[way];
    if (flow === 'pass') to.write(chunk);
    else if (flow === 'hold') held.push(chunk);
  }
}
