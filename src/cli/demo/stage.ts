import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openDatabase, type Database } from '../../db/database.ts';
import { freePort, startEmbedded, type Embedded } from '../../db/embedded/start.ts';
import type { ProductInput } from '../../orders/products.ts';
import { startLocalStripe, type LocalStripe } from '../local-stripe.ts';
import { createDatabase, createFulfilments } from './rows.ts';
import { ServerProcess, type Answer } from './server.ts';

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

/** Everything the demo needs, in a folder that is removed afterwards. */
export class Stage {
  readonly #shop: Shop;
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'quittance-demo-'));
  readonly #others: ServerProcess[] = [];
  #embedded: Embedded | undefined;
  #database: Database | undefined;
  #stripe: LocalStripe | undefined;
  #server: ServerProcess | undefined;
  #port = 0;

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
    this.#server ??= new ServerProcess({
      folder: this.#folder,
      config: { name: 'quittance.config.mjs', text: configOf(this.#shop) },
      port: this.#port,
      env: { ...this.#stripe?.env, DATABASE_URL: this.#embedded?.url },
    });
    await this.#server.start();
    return `listening on ${this.url}`;
  }

  /** Another server with a database of its own. It is started by whoever asked for it. */
  async addServer(name: string, config: string, env: NodeJS.ProcessEnv): Promise<ServerProcess> {
    await createDatabase(this.database, name);
    const server = new ServerProcess({
      folder: path.join(this.#folder, name),
      config: { name: 'quittance.config.ts', text: config },
      port: await freePort(),
      env: { ...env, DATABASE_URL: this.databaseUrl(name) },
    });
    this.#others.push(server);
    return server;
  }

  /** The `postgres://` URL of a database beside the demo's own. */
  databaseUrl(name: string): string {
    const url = new URL(this.#embedded?.url ?? '');
    url.pathname = `/${name}`;
    return url.href;
  }

  /** SIGKILL to the server and its children: nothing of it can clean up. */
  async killServer(): Promise<void> {
    await this.#server?.kill();
  }

  /** The operator's API: what `GET` answers. */
  api<T>(address: string): Promise<T> {
    return this.#running().api<T>(address);
  }

  /** The operator's API, whatever it answers. */
  ask<T>(method: string, address: string, body?: unknown): Promise<Answer<T>> {
    return this.#running().ask<T>(method, address, body);
  }

  /** The control API of the local Stripe. */
  async control<T>(method: string, address: string, body?: unknown): Promise<T> {
    const answer = await fetch(`${this.stripe.url}/_sim/api/${address}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${address} answered ${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as T;
  }

  async close(): Promise<void> {
    for (const server of this.#others) await server.stop();
    await this.#server?.stop();
    await this.#stripe?.stop();
    await this.#database?.close();
    await this.#embedded?.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #running(): ServerProcess {
    if (!this.#server) throw new Error('the server does not run');
    return this.#server;
  }
}
