import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { Client } from 'pg';
import { describeError, QuittanceError } from '../../errors.ts';
import type { Cluster } from './cluster.ts';

const READY_MS_MAX = 60_000;
const STOP_MS_MAX = 10_000;
const POLL_MS = 25;
const RESTARTS_MAX = 5;

/** The running PostgreSQL of one data directory. */
export class Server {
  readonly port: number;
  readonly #cluster: Cluster;
  readonly #onRestart: (reason: string) => void;
  #child: ChildProcess | undefined;
  #guard: ChildProcess | undefined;
  #ready = false;
  #stopping = false;
  #restarts = 0;

  constructor(cluster: Cluster, port: number, onRestart: (reason: string) => void) {
    this.#cluster = cluster;
    this.port = port;
    this.#onRestart = onRestart;
  }

  async start(): Promise<void> {
    const child = this.#cluster.spawn(this.port);
    this.#child = child;
    this.#guard = guard(child.pid);
    let exit: string | null = null;
    child.once('error', (error) => (exit = error.message));
    child.once('exit', (code, signal) => {
      exit = `exit ${code ?? signal}`;
      this.#guard?.kill();
      if (this.#ready) void this.#restart(exit);
    });
    const deadline = Date.now() + READY_MS_MAX;
    while (!(await accepts(this.#cluster.url(this.port)))) {
      if (exit !== null) throw failed(exit, this.#cluster.logFile);
      if (Date.now() > deadline)
        throw failed(`not ready after ${READY_MS_MAX / 1000} s`, this.#cluster.logFile);
      await wait(POLL_MS);
    }
    this.#ready = true;
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    const child = this.#child;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGINT'); // "fast" shutdown: cuts sessions, writes a checkpoint
    const late = setTimeout(() => child.kill('SIGQUIT'), STOP_MS_MAX);
    await gone;
    clearTimeout(late);
  }

  // Killed from outside: our pools reconnect to the same port once it is back.
  async #restart(reason: string): Promise<void> {
    this.#ready = false;
    while (!this.#stopping && this.#restarts < RESTARTS_MAX) {
      this.#restarts += 1;
      this.#onRestart(reason);
      // Its orphaned backends hold the shared memory until they notice.
      await wait(1_000 * this.#restarts);
      try {
        await this.start();
        this.#restarts = 0;
        return;
      } catch {
        continue;
      }
    }
  }
}

/**
 * Ends the server when we are gone, however we went: a shell that waits for its input to close. Windows has
 * no such shell; there a killed process leaves its server to the next start.
 */
function guard(pid: number | undefined): ChildProcess | undefined {
  if (pid === undefined || process.platform === 'win32') return undefined;
  const script = 'read -r line; kill -INT "$1"';
  const child = spawn('/bin/sh', ['-c', script, 'sh', String(pid)], {
    detached: true,
    cwd: '/',
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.on('error', () => {}); // no shell: the next start ends the leftover
  child.unref();
  (child.stdin as unknown as { unref?: () => void } | null)?.unref?.();
  return child;
}

async function accepts(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.end();
    return true;
  } catch {
    return false;
  }
}

function failed(reason: string, logFile: string): QuittanceError {
  let tail = '';
  try {
    tail = readFileSync(logFile, 'utf8').trim().split('\n').slice(-5).join('\n');
  } catch (error) {
    tail = describeError(error);
  }
  return new QuittanceError({
    code: 'postgres_failed',
    message: `PostgreSQL did not start (${reason}). The end of ${logFile}:\n${tail}`,
  });
}
