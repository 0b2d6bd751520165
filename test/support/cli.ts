import { spawn, type ChildProcess } from 'node:child_process';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { atEnd } from './at-end.ts';
import { scratchFolder } from './scratch.ts';

const BIN = fileURLToPath(new URL('../../bin/quittance.js', import.meta.url));

export interface Ended {
  status: number | null;
  stdout: string;
  stderr: string;
}

export interface Command {
  child: ChildProcess;
  ended: Promise<Ended>;
  /** Resolves with the screen so far as soon as it holds this text. */
  says: (text: string) => Promise<string>;
}

/** A temporary folder to run in, removed at the end of the test, or of the file. */
export function emptyFolder(): string {
  const folder = scratchFolder('cli');
  atEnd(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Runs the built command line as a user does: in a folder, with only the given environment. */
export function quittance(args: string[], cwd: string, env: NodeJS.ProcessEnv = {}): Command {
  const child = spawn(process.execPath, [BIN, ...args], {
    cwd,
    env: { PATH: process.env.PATH, HOME: cwd, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  const waiting: { text: string; resolve: (screen: string) => void }[] = [];
  const check = (): void => {
    for (const { text, resolve } of waiting) if ((stdout + stderr).includes(text)) resolve(stdout + stderr);
  };
  child.stdout.on('data', (chunk: Buffer) => ((stdout += chunk.toString()), check()));
  child.stderr.on('data', (chunk: Buffer) => ((stderr += chunk.toString()), check()));
  const ended = new Promise<Ended>((resolve) =>
    child.once('close', (status) => resolve({ status, stdout, stderr })),
  );
  atEnd(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    await ended;
  });
  const says = (text: string): Promise<string> =>
    new Promise((resolve, reject) => {
      waiting.push({ text, resolve });
      check();
      void ended.then(() => reject(new Error(`it ended without saying "${text}":\n${stdout}${stderr}`)));
    });
  return { child, ended, says };
}
