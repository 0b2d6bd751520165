import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { sign } from './events.ts';

const WAIT_MS_MAX = 20_000;

/** A socket on which a test writes HTTP by hand, rightly or wrongly. */
export class RawConnection {
  readonly socket: Socket;
  /** Resolves when the other side ended or reset the connection. */
  readonly closed: Promise<void>;
  #received = '';
  #isClosed = false;
  #listeners = new Set<() => void>();

  constructor(url: string) {
    const { hostname, port } = new URL(url);
    this.socket = connect(Number(port), hostname);
    this.socket.setNoDelay(true);
    this.socket.on('error', () => {}); // 'close' follows
    this.socket.on('data', (chunk) => {
      this.#received += chunk.toString('latin1');
      this.#tell();
    });
    this.closed = new Promise((resolve) => {
      this.socket.on('close', () => {
        this.#isClosed = true;
        this.#tell();
        resolve();
      });
    });
    onTestFinished(() => void this.socket.destroy());
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Everything that came back so far. */
  get received(): string {
    return this.#received;
  }

  /** The statuses of the answers so far, in order. */
  get statuses(): number[] {
    return [...this.#received.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
  }

  send(...parts: (string | Buffer)[]): this {
    for (const part of parts) this.socket.write(part);
    return this;
  }

  /** Waits for that many answers. Rejects when the connection closes before. */
  async answers(count: number): Promise<number[]> {
    await this.until(() => this.statuses.length >= count, `${count} answers`);
    return this.statuses;
  }

  async until(isSo: () => boolean, what: string): Promise<void> {
    if (isSo()) return;
    await new Promise<void>((resolve, reject) => {
      const fail = (why: string): void => reject(new Error(`${what}: ${why}; so far: ${this.#received}`));
      const timer = setTimeout(() => fail(`waited ${WAIT_MS_MAX} ms`), WAIT_MS_MAX);
      const look = (): void => {
        if (!isSo() && !this.#isClosed) return;
        clearTimeout(timer);
        this.#listeners.delete(look);
        if (isSo()) resolve();
        else fail('the connection closed');
      };
      this.#listeners.add(look);
    });
  }

  /** Leaves without a goodbye. */
  reset(): void {
    this.socket.resetAndDestroy();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

/** The head of a webhook request, complete up to the empty line. */
export function webhookHead(headers: Record<string, string>, path = '/api/webhook'): string {
  const all = { host: 'localhost', 'content-type': 'application/json', ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n`;
}

/** A whole signed webhook request. */
export function webhookRequest(event: unknown, headers: Record<string, string> = {}): string {
  const body = JSON.stringify(event);
  const length = String(Buffer.byteLength(body));
  return webhookHead({ 'content-length': length, 'stripe-signature': sign(body), ...headers }) + body;
}

/** A body in chunks, ended unless `end` is false. */
export function chunked(parts: readonly (string | Buffer)[], { end = true } = {}): Buffer {
  const pieces = parts.flatMap((part) => {
    const bytes = Buffer.from(part);
    return [Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')];
  });
  return Buffer.concat([...pieces, ...(end ? [Buffer.from('0\r\n\r\n')] : [])]);
}
