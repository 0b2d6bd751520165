import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { Failpoint } from '../../src/failpoints.ts';
import { WEBHOOK_SECRET } from './events.ts';
import { API_KEY, SECRET } from './quittance.ts';

const BIN = fileURLToPath(new URL('../../bin/quittance.js', import.meta.url));

export interface ServerProcessOptions {
  databaseUrl: string;
  port?: number;
  role?: 'web' | 'work';
  /** Another command than `serve`. */
  command?: readonly string[];
  /** Dies by SIGKILL the `count`th time it gets there. */
  failpoint?: { name: Failpoint; count: number };
  /** `quittance.config.mjs`; the process runs in a folder of its own. */
  config?: string;
  env?: Record<string, string>;
}

/** The built server, as a process of its own. */
export interface ServerProcess {
  url: string;
  port: number;
  child: ChildProcess;
  /** Resolves when it says that it is ready; rejects with what it wrote when it ends before. */
  ready: Promise<void>;
  exit: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** What it has written to stderr: its log. */
  log: () => string;
  /** The failpoints it reached before it died. */
  reached: () => string[];
}

/** Starts `node bin/quittance.js serve`, or another command, killed at the end of the test at the latest. */
export async function startServer(options: ServerProcessOptions): Promise<ServerProcess> {
  const { databaseUrl, role = 'web', failpoint, config, env = {} } = options;
  const command = options.command ?? ['serve', '--role', role];
  const port = options.port ?? (await freePort());
  const folder = mkdtempSync(path.join(tmpdir(), 'quittance-serve-'));
  const failpointLog = path.join(folder, 'failpoints');
  writeFileSync(failpointLog, '');
  if (config) writeFileSync(path.join(folder, 'quittance.config.mjs'), config);
  const child = spawn(process.execPath, [BIN, ...command], {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      DATABASE_URL: databaseUrl,
      STRIPE_WEBHOOK_SECRET: WEBHOOK_SECRET,
      QUITTANCE_SECRET: SECRET,
      QUITTANCE_API_KEY: API_KEY,
      PORT: String(port),
      QUITTANCE_FAILPOINT_LOG: failpointLog,
      ...(failpoint ? { QUITTANCE_FAILPOINT: `${failpoint.name}:${failpoint.count}` } : {}),
      ...env,
    },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let log = '';
  child.stderr?.on('data', (chunk: Buffer) => (log += chunk.toString()));
  const exit = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  const ready = new Promise<void>((resolve, reject) => {
    child.on('message', (message: { kind: string }) => message.kind === 'ready' && resolve());
    void exit.then(() => reject(new Error(`${command.join(' ')} ended before it was ready: ${log}`)));
  });
  ready.catch(() => {}); // whoever waits for it is told
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await exit;
    rmSync(folder, { recursive: true, force: true });
  });
  const reached = (): string[] => readFileSync(failpointLog, 'utf8').split('\n').filter(Boolean);
  return { url: `http://127.0.0.1:${port}`, port, child, ready, exit, log: () => log, reached };
}

/** Runs a command of the built `quittance` to its end and returns what it wrote to stdout. */
async function runCommand(args: readonly string[], databaseUrl: string): Promise<string> {
  const child = spawn(process.execPath, [BIN, ...args], {
    cwd: tmpdir(),
    env: { PATH: process.env.PATH, DATABASE_URL: databaseUrl },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`quittance ${args.join(' ')} ended with ${code}: ${errors}`);
  return out;
}

/** What `quittance events export` writes, read back. */
export async function exportedEvents(
  databaseUrl: string,
): Promise<{ id: string; deliveries: number; status: string }[]> {
  const text = await runCommand(['events', 'export'], databaseUrl);
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as { id: string; deliveries: number; status: string });
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
