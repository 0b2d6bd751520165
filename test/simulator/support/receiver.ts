import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import Stripe from 'stripe';

/** One delivery as it arrived. */
export interface Received {
  event: Stripe.Event;
  body: string;
  headers: IncomingHttpHeaders;
}

/** A webhook endpoint that verifies with the real client; what it answers can be chosen. */
export class Receiver {
  readonly received: Received[] = [];
  secrets: string[] = [];
  /** What is answered to each delivery, by its number. */
  answer: (number: number) => { status: number; headers?: Record<string, string> } = () => ({ status: 200 });
  readonly #server: Server;
  #waiting: (() => void)[] = [];

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<Receiver> {
    const server = createServer();
    const receiver = new Receiver(server);
    server.on('request', (request, response) => {
      let body = '';
      request.setEncoding('utf8');
      request.on('data', (chunk: string) => (body += chunk));
      request.on('end', () => {
        const { status, headers } = receiver.answer(receiver.received.length + 1);
        receiver.#take(body, request.headers);
        // Status 0 stands for no answer at all.
        if (status > 0) response.writeHead(status, headers).end('{}');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/webhook`;
  }

  get types(): string[] {
    return this.received.map(({ event }) => event.type);
  }

  /** The first delivery of this type, as soon as it is there. */
  async waitFor(type: string): Promise<Received> {
    for (;;) {
      const found = this.received.find(({ event }) => event.type === type);
      if (found) return found;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #take(body: string, headers: IncomingHttpHeaders): void {
    this.received.push({ event: this.#verify(body, headers), body, headers });
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resume of waiting) resume();
  }

  /** The real client's check; thin events are verified the same way and only parsed here. */
  #verify(body: string, headers: IncomingHttpHeaders): Stripe.Event {
    const header = String(headers['stripe-signature']);
    const tolerance = Number.MAX_SAFE_INTEGER;
    const valid = this.secrets.some((secret) => {
      try {
        const { signature } = new Stripe('sk_test_x').webhooks;
        return signature?.verifyHeader(body, header, secret, tolerance) === true;
      } catch {
        return false;
      }
    });
    if (!valid && this.secrets.length > 0) throw new Error('a delivery with a wrong signature');
    return JSON.parse(body) as Stripe.Event;
  }
}
