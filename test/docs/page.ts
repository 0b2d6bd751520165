import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished } from 'vitest';
import { scratchFolder } from '../support/scratch.ts';
import { freePort } from '../support/server-process.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const INSTALL = 'npm init -y && npm install quittance';
const DEV = 'npx quittance dev\n';
// A command, and behind it what it says.
const PROMISE = /^(.*\S) +# (.*)$/gm;
const SAID = 'said.txt';
const READY_MS_MAX = 30_000;
const SHELL_MS_MAX = 25_000;

/** The text of a page of docs/. */
export function pageText(name: string): string {
  return readFileSync(path.join(ROOT, 'docs', name), 'utf8');
}

/**
 * Follows a page as a reader would: every command of it, in a new folder, with `quittance dev` beside it.
 * Each command has to say what the page says behind it.
 */
export async function followPage(name: string): Promise<void> {
  const place = scratchFolder('docs');
  const [setUp = '', ...rest] = [...pageText(name).matchAll(/```sh\n([\s\S]*?)```/g)].map(
    ([, text]) => text ?? '',
  );
  expect(setUp).toContain(INSTALL);
  const at = rest.findIndex((text) => text === DEV);
  const before = [setUp.replace(INSTALL, ':'), ...rest.slice(0, at)].join('');
  const after = rest.slice(at + 1).join('');
  expect(after.length).toBeGreaterThan(1_000);
  await runShell(place, before);
  const folder = path.join(place, /mkdir (\w+)/.exec(setUp)?.[1] ?? '');
  // What `npm install` would have put there: the package as it is built here.
  mkdirSync(path.join(folder, 'node_modules'));
  symlinkSync(ROOT, path.join(folder, 'node_modules/quittance'));
  const ports = { server: await freePort(), stripe: await freePort() };
  await startDev(folder, ports);
  const script = after
    .replace('localhost:4000', `localhost:${ports.server}`)
    .replace('127.0.0.1:12111', `127.0.0.1:${ports.stripe}`);
  await runShell(folder, saying(script));
  const said = readFileSync(path.join(folder, SAID), 'utf8').trim().split(/\r?\n/);
  expect(said).toEqual([...after.matchAll(PROMISE)].map(([, , words]) => words));
}

/** The script, with what the page promises written down instead of shown. */
function saying(script: string): string {
  return script.replaceAll(PROMISE, (_, command: string) => `{ ${command}; } >> ${SAID}`);
}

/** Runs commands as a shell would, and ends at the first one that fails. */
async function runShell(folder: string, script: string): Promise<void> {
  const shell = spawn('bash', ['-exuo', 'pipefail', '-c', script], {
    cwd: folder,
    timeout: SHELL_MS_MAX,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  shell.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => shell.once('close', resolve));
  if (code !== 0) throw new Error(`the commands ended with ${code}: ${errors.slice(-2_000)}`);
}

/** `npx quittance dev`, at other ports than the page's; ended with the test. */
async function startDev(folder: string, ports: { server: number; stripe: number }): Promise<void> {
  const env = { ...process.env, PORT: `${ports.server}`, QUITTANCE_SIMULATOR_PORT: `${ports.stripe}` };
  const dev = spawn(process.execPath, ['node_modules/quittance/bin/quittance.js', 'dev'], {
    cwd: folder,
    env,
  });
  // From the beginning: it may have ended by itself.
  const gone = new Promise((resolve) => dev.once('close', resolve));
  onTestFinished(async () => {
    dev.kill('SIGTERM');
    await gone;
    rmSync(path.dirname(folder), { recursive: true, force: true });
  });
  let output = '';
  await new Promise<void>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`it did not get ready: ${output}`)), READY_MS_MAX);
    const read = (chunk: Buffer): void => {
      output += chunk.toString();
      if (!output.includes('Quittance is ready.')) return;
      clearTimeout(late);
      resolve();
    };
    dev.stdout.on('data', read);
    dev.stderr.on('data', read);
    dev.once('close', () => reject(new Error(`it ended: ${output}`)));
  });
}
