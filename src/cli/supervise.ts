import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { MetricsRelay } from './metrics-relay.ts';
import { ChildFailed } from './report.ts';
import type { Message } from './serve.ts';

const BIN = fileURLToPath(new URL('../../bin/quittance.js', import.meta.url));
const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 10_000;
const STEADY_MS = 60_000;
// A child whose event loop says nothing for this long is stuck in a handler that never yields.
const SILENT_MS_MAX = 30_000;
const CHECK_MS = 1_000;
const STOP_MS_MAX = 9_500;

type Role = 'web' | 'work';

export interface SuperviseOptions {
  env: NodeJS.ProcessEnv;
  /** Where `quittance.config.ts` is; this process's own folder unless said otherwise. */
  cwd?: string;
  /** Called when a child ended that should not have. */
  onDeath: (role: Role, reason: string) => void;
  silentMsMax?: number;
}

/** The processes of a server: started, restarted when they die, stopped together. */
export class Supervisor {
  readonly #children: Child[];

  constructor(options: SuperviseOptions) {
    const wake = (): void => this.#children.find((child) => child.role === 'work')?.send({ kind: 'wake' });
    const relay = new MetricsRelay((report) => {
      this.#children.find((child) => child.role === 'web')?.send({ kind: 'metrics', report });
    });
    this.#children = (['web', 'work'] as const).map((role) => new Child(role, options, wake, relay));
  }

  /** Resolves when both are ready. Rejects when one can't start: its message is on the screen already. */
  async start(): Promise<void> {
    await Promise.all(this.#children.map((child) => child.start()));
  }

  async stop(): Promise<void> {
    await Promise.all(this.#children.map((child) => child.stop()));
  }
}

class Child {
  readonly role: Role;
  readonly #options: SuperviseOptions;
  readonly #onStored: () => void;
  readonly #relay: MetricsRelay;
  #process: ChildProcess | undefined;
  #id: string | undefined;
  #lastHeard = 0;
  #startedAt = 0;
  #ready = false;
  #wait = FIRST_WAIT_MS;
  #stopping = false;
  #watch: NodeJS.Timeout | undefined;

  constructor(role: Role, options: SuperviseOptions, onStored: () => void, relay: MetricsRelay) {
    this.role = role;
    this.#options = options;
    this.#onStored = onStored;
    this.#relay = relay;
  }

  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#spawn(resolve, reject);
      this.#watch = setInterval(() => this.#checkPulse(), CHECK_MS).unref();
    });
  }

  send(message: Message): void {
    if (this.#process?.connected) this.#process.send(message, () => {}); // one that dies is told of by 'exit'
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    clearInterval(this.#watch);
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS_MAX);
    await gone;
    clearTimeout(late);
  }

  #spawn(onReady: () => void, onFirstDeath?: (error: Error) => void): void {
    const replaces = this.#id ? ['--replaces', this.#id] : [];
    const child = fork(BIN, ['serve', '--role', this.role, ...replaces], {
      env: this.#options.env,
      cwd: this.#options.cwd,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#process = child;
    this.#startedAt = Date.now();
    this.#lastHeard = Date.now();
    const metrics = this.#relay.open(this.role);
    child.once('disconnect', metrics.close); // after its last message, which 'exit' may overtake
    this.#ready = false;
    child.on('message', (message: Message) => {
      this.#lastHeard = Date.now();
      if (message.kind === 'stored') this.#onStored();
      if (message.kind === 'metrics') metrics.heard(message.report);
      if (message.kind !== 'ready') return;
      this.#ready = true;
      this.#id = message.id;
      onReady();
    });
    child.once('exit', (code, signal) => {
      if (this.#stopping) return;
      // A first start that fails is wrong in its options or its database: again would be the same.
      if (!this.#ready && onFirstDeath && signal === null)
        return onFirstDeath(new ChildFailed(`the ${this.role} process could not start`));
      this.#options.onDeath(this.role, signal ?? `exit status ${code}`);
      this.#restart();
    });
  }

  #restart(): void {
    if (Date.now() - this.#startedAt > STEADY_MS) this.#wait = FIRST_WAIT_MS;
    setTimeout(() => {
      if (!this.#stopping) this.#spawn(() => {});
    }, this.#wait);
    this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT_MS);
  }

  #checkPulse(): void {
    const { silentMsMax = SILENT_MS_MAX } = this.#options;
    // One that loads its code says nothing either, and on a busy machine for long: no handler runs yet.
    const silentMax = this.#ready ? silentMsMax : Math.max(silentMsMax, SILENT_MS_MAX);
    if (Date.now() - this.#lastHeard > silentMax) this.#process?.kill('SIGKILL');
  }
}
