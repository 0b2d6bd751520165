import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LoadOrder, LoadReport } from './load.ts';

// Run by npm, so in the package's folder; this file has been compiled to another.
const BIN = path.resolve('bin/quittance.js');

/** A process under measurement. */
export interface Running {
  pid: number;
  port: number;
  stop: () => Promise<void>;
}

/** Runs a program of this folder on a free port and waits until it listens. */
export async function runProgram(file: string, env: NodeJS.ProcessEnv = {}): Promise<Running> {
  const port = await freePort();
  const program = fileURLToPath(new URL(file, import.meta.url));
  return ready(
    fork(program, [String(port)], {
      env: { ...process.env, ...env },
    }),
    port,
  );
}

/** Runs one process of the built server, as `start` does. */
export async function runServer(role: 'web' | 'work', env: NodeJS.ProcessEnv, cwd: string): Promise<Running> {
  const port = await freePort();
  return ready(fork(BIN, ['serve', '--role', role], { cwd, env: { ...env, PORT: String(port) } }), port);
}

/** Runs a command of the built `quittance` to its end, on this screen. Throws when it fails. */
export async function runCommand(args: string[], env: NodeJS.ProcessEnv, cwd: string): Promise<void> {
  const [status] = await once(
    spawn(process.execPath, [BIN, ...args], { cwd, env, stdio: 'inherit' }),
    'close',
  );
  if (status !== 0) throw new Error(`quittance ${args.join(' ')} ended with status ${status}`);
}

/** Sends events from a process of its own. */
export function runLoad(order: LoadOrder): Promise<LoadReport> {
  const program = fileURLToPath(new URL('load.js', import.meta.url));
  const child = fork(program, [JSON.stringify(order)], {
    execArgv: ['--max-old-space-size=4096'],
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  let text = '';
  child.stdout?.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.once('exit', (code) =>
      code === 0 ? resolve(JSON.parse(text) as LoadReport) : reject(new Error(`load: ${code}`)),
    );
  });
}

/** Resident memory of a process in MiB, as the kernel counts it. */
export function residentMiB(pid: number): number {
  const [, kib] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Math.round(Number(kib) / 1024);
}

function ready(child: ChildProcess, port: number): Promise<Running> {
  const stop = async (): Promise<void> => {
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await gone;
  };
  return new Promise((resolve, reject) => {
    child.on('message', (message: { kind?: string } | string) => {
      // A server shows that it lives before it listens.
      if (typeof message === 'object' && message.kind === 'ping') return;
      resolve({ pid: child.pid as number, port, stop });
    });
    child.once('exit', (code) => reject(new Error(`a process under measurement ended: ${code}`)));
  });
}

/** A TCP port that nobody listens on at the moment. */
export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
