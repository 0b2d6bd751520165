import { fork, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { openDatabase, type Database } from '../../db/database.ts';
import { freePort, startEmbedded, type Embedded } from '../../db/embedded/start.ts';
import type { ProductInput } from '../../orders/products.ts';
import { startLocalStripe, type LocalStripe } from '../local-stripe.ts';
import { createFulfilments } from './rows.ts';

const BIN = fileURLToPath(new URL('../../../bin/quittance.js', import.meta.url));
const READY_MS_MAX = 30_000;
const API_KEY = 'qk_demo_api_key_of_this_run';
const SECRET = 'secret-of-the-demo-for-tokens';

/** The configuration file of a shop that sells these products. */
const configOf = ({ shopName, products }: Shop): string => `export default {
  shopName: ${JSON.stringify(shopName)},
  products: ${JSON.stringify(products)},
  fulfil: async (order, { sql }) => {
    await sql\`insert into demo_fulfilment (order_id) values (\${order.id})\`;
  },
};
`;

/** What is sold on a stage. */
export interface Shop {
  shopName: string;
  products: ProductInput[];
}

/** An answer of the server, read. */
export interface Answer<T> {
  status: number;
  body: T;
}

/** Everything the demo needs, in a folder that is removed afterwards. */
export class Stage {
  readonly #shop: Shop;
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'quittance-demo-'));
  #embedded: Embedded | undefined;
  #database: Database | undefined;
  #stripe: LocalStripe | undefined;
  #server: ChildProcess | undefined;
  #port = 0;
  #complaints = '';

  constructor(shop: Shop) {
    this.#shop = shop;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get database(): Database {
    if (!this.#database) throw new Error('the database is not open');
    return this.#database;
  }

  /** The local Stripe. */
  get stripe(): LocalStripe {
    if (!this.#stripe) throw new Error('the local Stripe does not run');
    return this.#stripe;
  }

  get webhookSecret(): string {
    return this.#stripe?.env.STRIPE_WEBHOOK_SECRET ?? '';
  }

  async openDatabase(): Promise<string> {
    this.#embedded = await startEmbedded({ dataDir: path.join(this.#folder, 'data') });
    this.#database = openDatabase({
      url: this.#embedded.url,
      connectionsMax: 2,
      applicationName: 'quittance demo',
    });
    await createFulfilments(this.#database.sql);
    return `PostgreSQL on port ${this.#embedded.port}, created a moment ago`;
  }

  async startStripe(): Promise<string> {
    this.#port = await freePort();
    this.#stripe = await startLocalStripe({
      dataDir: path.join(this.#folder, 'data'),
      port: 0,
      serverUrl: this.url,
    });
    return `simulator at ${this.#stripe.url}, posting to ${this.url}/api/webhook`;
  }

  async startServer(): Promise<string> {
    writeFileSync(path.join(this.#folder, 'quittance.config.mjs'), configOf(this.#shop));
    // A process group of its own, so that it can be killed with all its processes at once.
    this.#server = fork(BIN, ['start'], {
      cwd: this.#folder,
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: {
        PATH: process.env.PATH,
        ...this.#stripe?.env,
        DATABASE_URL: this.#embedded?.url,
        PORT: String(this.#port),
        PUBLIC_URL: this.url,
        QUITTANCE_API_KEY: API_KEY,
        QUITTANCE_SECRET: SECRET,
        LOG_LEVEL: 'silent',
      },
    });
    this.#complaints = '';
    this.#server.stderr?.on('data', (chunk: Buffer) => (this.#complaints += chunk.toString()));
    await this.#untilReady(this.#server);
    return `listening on ${this.url}`;
  }

  /** SIGKILL to the server and its children: nothing of it can clean up. */
  async killServer(): Promise<void> {
    const server = this.#server;
    if (!server?.pid) throw new Error('there is no server to kill');
    const gone = new Promise((resolve) => server.once('exit', resolve));
    process.kill(-server.pid, 'SIGKILL');
    await gone;
  }

  /** The operator's API: what `GET` answers. */
  async api<T>(address: string): Promise<T> {
    const { status, body } = await this.ask<T>('GET', address);
    if (status !== 200) throw new Error(`${address} answered ${status}: ${JSON.stringify(body)}`);
    return body;
  }

  /** The operator's API, whatever it answers. */
  async ask<T>(method: string, address: string, body?: unknown): Promise<Answer<T>> {
    const answer = await fetch(`${this.url}${address}`, {
      method,
      headers: { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    const isJson = answer.headers.get('content-type')?.includes('json') === true;
    return { status: answer.status, body: (isJson ? JSON.parse(text) : text) as T };
  }

  async close(): Promise<void> {
    const server = this.#server;
    if (server?.pid && server.exitCode === null && server.signalCode === null) {
      const gone = new Promise((resolve) => server.once('exit', resolve));
      server.kill('SIGTERM');
      await gone;
    }
    await this.#stripe?.stop();
    await this.#database?.close();
    await this.#embedded?.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #untilReady(server: ChildProcess): Promise<void> {
    const deadline = Date.now() + READY_MS_MAX;
    while (
      !(await fetch(`${this.url}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      ))
    ) {
      if (server.exitCode !== null) throw new Error(`the server ended: ${this.#complaints}`);
      if (Date.now() > deadline) throw new Error(`the server was not ready: ${this.#complaints}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
