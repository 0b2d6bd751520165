import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';

// The real Stripe CLI, twice: the one that the lock holds, and the newest, whose `listen` differs. The newest
// lacks other platforms' binaries in the registry, so a lock that held it would be refused elsewhere.
const LOCKED = path.join(import.meta.dirname, '../../../node_modules');
export const CLI_VERSIONS = ['1.52.0', '1.42.14'] as const;
export type CliVersion = (typeof CLI_VERSIONS)[number];

const CACHE = path.join(tmpdir(), 'quittance-test-cache');
const INSTALL_MS_MAX = 120_000;
const RUN_MS_MAX = 30_000;

/** Installs an npm package into the tests' own folder, unless it is there; returns its node_modules. */
async function installed(name: string, version: string): Promise<string> {
  const folder = path.join(CACHE, `${name.replace('/', '+')}@${version}`);
  const modules = path.join(folder, 'node_modules');
  if (existsSync(path.join(folder, 'complete'))) return modules;
  const fresh = `${folder}.${process.pid}`;
  const args = [
    'install',
    '--prefix',
    fresh,
    '--no-audit',
    '--no-fund',
    '--ignore-scripts',
    `${name}@${version}`,
  ];
  const { code, stderr } = await run('npm', args, process.env, INSTALL_MS_MAX);
  if (code !== 0) {
    rmSync(fresh, { recursive: true, force: true });
    throw new Error(
      `${name} ${version} could not be installed from the npm registry, and these tests need it.\n${stderr}`,
    );
  }
  writeFileSync(path.join(fresh, 'complete'), '');
  // Another worker may have been faster; then its copy is as good.
  try {
    renameSync(fresh, folder);
  } catch {
    rmSync(fresh, { recursive: true, force: true });
  }
  return modules;
}

/** What a process that ended left behind. */
export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** One version of the CLI, pointed at a simulator, with a home of its own. */
export class Cli {
  readonly #binary: string;
  readonly #base: string;
  readonly #home: string;
  readonly #env: NodeJS.ProcessEnv;
  readonly #running = new Set<Listener>();

  private constructor(binary: string, base: string, extra: NodeJS.ProcessEnv) {
    this.#binary = binary;
    this.#base = base;
    this.#home = mkdtempSync(path.join(tmpdir(), 'quittance-cli-'));
    this.#env = {
      PATH: process.env['PATH'],
      HOME: this.#home,
      XDG_CONFIG_HOME: this.#home,
      STRIPE_API_KEY: 'sk_test_simulator',
      STRIPE_CLI_TELEMETRY_OPTOUT: '1',
      STRIPE_DEVICE_NAME: 'quittance-test',
      // What it asks GitHub fails at once; plain HTTP to this machine is never proxied.
      HTTPS_PROXY: 'http://127.0.0.1:9',
      ...extra,
    };
  }

  static async of(version: CliVersion, base: string, env: NodeJS.ProcessEnv = {}): Promise<Cli> {
    const modules = version === '1.42.14' ? LOCKED : await installed('@stripe/cli', version);
    const platform = `cli-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
    const binary = path.join(modules, '@stripe', platform, 'bin', 'stripe');
    if (!existsSync(binary))
      throw new Error(`@stripe/cli ${version} has no binary for this machine: ${binary}`);
    return new Cli(binary, base, env);
  }

  /** Runs a command to its end, against the simulator's address unless a socket was given. */
  run(...args: string[]): Promise<Ended> {
    return run(this.#binary, this.#withBase(args), this.#env, RUN_MS_MAX);
  }

  /** Starts a command that goes on until stopped; resolves when it says that it is ready. */
  async start(...args: string[]): Promise<Listener> {
    const child = spawn(this.#binary, this.#withBase(args), { env: this.#env });
    const listener = new Listener(child);
    this.#running.add(listener);
    await listener.ready;
    return listener;
  }

  /** Stops what still runs and removes the CLI's home. */
  async close(): Promise<void> {
    await Promise.all([...this.#running].map((listener) => listener.stop()));
    rmSync(this.#home, { recursive: true, force: true });
  }

  #withBase(args: string[]): string[] {
    return this.#base === '' ? args : [...args, '--api-base', this.#base];
  }
}

/** What it prints with `--format JSON`: an event, or an entry of the request log. */
interface Line {
  id: string;
  type: string;
  api_version: string;
  method: string;
  url: string;
  status: number;
  error?: { code?: string; param?: string };
}

/** A `stripe listen` or `stripe logs tail` that runs, and the JSON lines that it has printed. */
export class Listener {
  readonly ready: Promise<void>;
  readonly lines: Line[] = [];
  /** Everything else it printed: the Ready line, and what came of each request that it forwarded. */
  readonly notes: string[] = [];
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  #waiting: (() => void)[] = [];

  constructor(child: ChildProcess) {
    this.#child = child;
    this.#ended = new Promise((resolve) => child.once('exit', () => resolve()));
    this.ready = new Promise((resolve, reject) => {
      const hear = (line: string): void => {
        if (line.startsWith('{')) this.lines.push(JSON.parse(line) as Line);
        else this.notes.push(line);
        if (line.includes('Ready!')) resolve();
        const waiting = this.#waiting;
        this.#waiting = [];
        for (const look of waiting) look();
      };
      for (const stream of [child.stdout, child.stderr])
        if (stream) createInterface({ input: stream }).on('line', hear);
      child.once('exit', (code) => reject(new Error(`the CLI ended with ${code}: ${this.notes.join('\n')}`)));
    });
  }

  /** The types of the events that it printed. */
  get types(): string[] {
    return this.lines.map(({ type }) => type);
  }

  /** The first line that fits, as soon as it is there. */
  async line(fits: (line: Line) => boolean): Promise<Line> {
    return this.#until(() => this.lines.find(fits));
  }

  event(type: string): Promise<Line> {
    return this.line((line) => line.type === type);
  }

  /** The first note with this text in it, as soon as it is there. */
  note(text: string): Promise<string> {
    return this.#until(() => this.notes.find((note) => note.includes(text)));
  }

  /** Ends it as Ctrl-C does. */
  async stop(): Promise<void> {
    this.#child.kill('SIGINT');
    await this.#ended;
  }

  async #until<T>(find: () => T | undefined): Promise<T> {
    for (;;) {
      const found = find();
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }
}

function run(file: string, args: string[], env: NodeJS.ProcessEnv, timeout: number): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(file, args, { env, timeout }, (error, stdout, stderr) => {
      const said = error && stderr === '' ? error.message : stderr;
      resolve({ code: child.exitCode, stdout, stderr: said });
    });
  });
}
