import { fork, type ChildProcess } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const BIN = fileURLToPath(new URL('../../../bin/quittance.js', import.meta.url));
const READY_MS_MAX = 30_000;
const API_KEY = 'qk_demo_api_key_of_this_run';
const SECRET = 'secret-of-the-demo-for-tokens';

/** An answer of the server, read. */
export interface Answer<T> {
  status: number;
  body: T;
}

/** How a server is run. */
export interface ServerSettings {
  /** Where it finds its configuration. */
  folder: string;
  /** Name and text of the configuration file. */
  config: { name: string; text: string };
  port: number;
  /** Database and Stripe. */
  env: NodeJS.ProcessEnv;
}

/** `quittance start` as a process group of its own, so that it can be killed with all its processes. */
export class ServerProcess {
  readonly #settings: ServerSettings;
  readonly url: string;
  #env: NodeJS.ProcessEnv = {};
  #process: ChildProcess | undefined;
  #complaints = '';

  constructor(settings: ServerSettings) {
    this.#settings = settings;
    this.url = `http://127.0.0.1:${settings.port}`;
  }

  /** Starts it, with these variables besides; resolves when it is ready. */
  async start(more: NodeJS.ProcessEnv = {}): Promise<void> {
    const { folder, config, port, env } = this.#settings;
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, config.name), config.text);
    this.#env = { ...this.#env, ...more };
    this.#process = fork(BIN, ['start'], {
      cwd: folder,
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: {
        PATH: process.env.PATH,
        PORT: String(port),
        PUBLIC_URL: this.url,
        QUITTANCE_API_KEY: API_KEY,
        QUITTANCE_SECRET: SECRET,
        LOG_LEVEL: 'silent',
        ...env,
        ...this.#env,
      },
    });
    this.#complaints = '';
    this.#process.stderr?.on('data', (chunk: Buffer) => (this.#complaints += chunk.toString()));
    await this.#untilReady(this.#process);
  }

  /** SIGKILL to the server and its children: nothing of it can clean up. */
  async kill(): Promise<void> {
    const server = this.#process;
    if (!server?.pid) throw new Error('there is no server to kill');
    const gone = new Promise((resolve) => server.once('exit', resolve));
    process.kill(-server.pid, 'SIGKILL');
    await gone;
  }

  /** Ends it in order, if it runs. */
  async stop(): Promise<void> {
    const server = this.#process;
    if (!server?.pid || server.exitCode !== null || server.signalCode !== null) return;
    const gone = new Promise((resolve) => server.once('exit', resolve));
    server.kill('SIGTERM');
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
