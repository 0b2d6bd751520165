import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { FirebaseDatabase } from '../../src/sinks/firebase.ts';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const ROOT = path.join(HERE, '../..');
const WAIT_MS_MAX = 60_000;
// The token that firebase-admin shows to an emulator.
const EMULATOR_TOKEN = 'owner';

/** What of firebase-server is used. */
interface FirebaseServer {
  getValue(): Promise<unknown>;
  setAuthSecret(secret: string): void;
  close(): Promise<void>;
}

/** What of firebase-admin's database is used here, besides what the sink uses. */
export interface Database extends FirebaseDatabase {
  ref(path: string): ReturnType<FirebaseDatabase['ref']> & {
    push(value: unknown): PromiseLike<{ key: string }>;
    remove(): Promise<void>;
  };
}

/** firebase-admin, the server it speaks to, and the example's functions, each as they are in the registry. */
export class FirebaseBench {
  readonly #folder: string;
  readonly #port: number;
  readonly #functions: ChildProcess[] = [];
  readonly #examples: string[] = [];
  #server: FirebaseServer;

  private constructor(folder: string, port: number) {
    this.#folder = folder;
    this.#port = port;
    this.#server = this.#listen();
  }

  static async start(): Promise<FirebaseBench> {
    return new FirebaseBench(await installed(), await freePort());
  }

  /** The real client, in this process. */
  client(): Database {
    process.env['FIREBASE_DATABASE_EMULATOR_HOST'] = this.#host;
    const require = createRequire(path.join(this.#folder, 'package.json'));
    const { initializeApp } = require('firebase-admin/app') as { initializeApp: (options: object) => object };
    const { getDatabase } = require('firebase-admin/database') as { getDatabase: (app: object) => Database };
    return getDatabase(initializeApp({ databaseURL: this.#databaseUrl }));
  }

  /** What the server holds at a place. */
  async valueAt(...names: string[]): Promise<Record<string, unknown>> {
    const whole = (await this.#server.getValue()) as Record<string, unknown> | null;
    return names.reduce((at, name) => (at[name] ?? {}) as Record<string, unknown>, whole ?? {});
  }

  /** The server goes away, and with it what it held. */
  async cut(): Promise<void> {
    await this.#server.close();
  }

  back(): void {
    this.#server = this.#listen();
  }

  /** Runs a function of the example by Google's framework; resolves with its address. */
  async run(target: 'webhook' | 'revenue', env: NodeJS.ProcessEnv): Promise<string> {
    const port = await freePort();
    const source = this.#example();
    const args = [
      path.join(ROOT, 'node_modules/@google-cloud/functions-framework/build/src/main.js'),
      `--target=${target}`,
      `--source=${source}`,
      `--port=${port}`,
      `--signature-type=${target === 'webhook' ? 'http' : 'cloudevent'}`,
    ];
    const child = spawn(process.execPath, args, {
      env: {
        PATH: process.env['PATH'],
        FIREBASE_CONFIG: JSON.stringify({ databaseURL: this.#databaseUrl }),
        FIREBASE_DATABASE_EMULATOR_HOST: this.#host,
        ...env,
      },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    this.#functions.push(child);
    await until(() => listens(port), `the function ${target}`);
    return `http://127.0.0.1:${port}`;
  }

  async close(): Promise<void> {
    for (const child of this.#functions) child.kill();
    for (const folder of this.#examples) rmSync(folder, { recursive: true });
    await this.#server.close();
  }

  get #host(): string {
    return `127.0.0.1:${this.#port}`;
  }

  get #databaseUrl(): string {
    return `http://${this.#host}?ns=quittance`;
  }

  #listen(): FirebaseServer {
    const require = createRequire(path.join(this.#folder, 'package.json'));
    const Server = require('firebase-server') as new (
      port: number,
      host: string,
      value: object,
    ) => FirebaseServer;
    const server = new Server(this.#port, this.#host, {});
    server.setAuthSecret(EMULATOR_TOKEN);
    return server;
  }

  // The example with the packages it names: ours as it stands here, the others as they are installed.
  #example(): string {
    const source = mkdtempSync(path.join(this.#folder, 'example-'));
    this.#examples.push(source);
    cpSync(path.join(ROOT, 'examples/firebase-functions'), source, { recursive: true });
    const modules = path.join(source, 'node_modules');
    mkdirSync(path.join(modules, '@google-cloud'), { recursive: true });
    symlinkSync(ROOT, path.join(modules, 'quittance'));
    for (const name of ['stripe', '@google-cloud/functions-framework']) {
      symlinkSync(path.join(ROOT, 'node_modules', name), path.join(modules, name));
    }
    return source;
  }
}

/** Waits until `ask` gives true. */
export async function until(ask: () => Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + WAIT_MS_MAX;
  while (!(await ask())) {
    if (Date.now() > deadline) throw new Error(`waited ${WAIT_MS_MAX / 1000} s in vain: ${what}`);
    await wait(50);
  }
}

/** Installs exactly what the lock beside this file says, into the tests' cache, unless it is there. */
async function installed(): Promise<string> {
  const lock = readFileSync(path.join(HERE, 'package-lock.json'));
  const digest = createHash('sha256').update(lock).digest('hex').slice(0, 12);
  const folder = path.join(tmpdir(), 'quittance-test-cache', `firebase@${digest}`);
  if (existsSync(folder)) return folder;
  const fresh = `${folder}.${process.pid}`;
  mkdirSync(fresh, { recursive: true });
  for (const name of ['package.json', 'package-lock.json', '.npmrc']) {
    cpSync(path.join(HERE, name), path.join(fresh, name));
  }
  process.stdout.write('installing firebase-admin and firebase-server (180 MB)\n');
  const child = spawn('npm', ['ci', '--ignore-scripts'], {
    cwd: fresh,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve));
  if (status !== 0) {
    rmSync(fresh, { recursive: true, force: true });
    throw new Error('firebase-admin could not be installed from the npm registry, and this test needs it.');
  }
  renameSync(fresh, folder);
  return folder;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  const answer = await new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
  });
  socket.destroy();
  return answer;
}
