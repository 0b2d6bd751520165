import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const STRIPE = path.dirname(path.dirname(fileURLToPath(import.meta.resolve('stripe'))));
const TSC = path.join(ROOT, 'node_modules/typescript/bin/tsc');
const RUN_MS_MAX = 20_000;

/**
 * Runs a file in an empty project of its own that has this package, as built, and `stripe` installed, to its
 * own end: what it leaves running would keep it from ending. Returns what it printed.
 */
export function runAsStranger(code: string, name = 'mine.mjs'): Promise<string> {
  return inProject(code, name, (file) => [file]);
}

/** Checks the types of a file in such a project, strictly and with those of the package itself. */
export function checkAsStranger(code: string): Promise<string> {
  const flags = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022'];
  return inProject(code, 'mine.mts', (file) => [TSC, ...flags, file]);
}

async function inProject(code: string, name: string, run: (file: string) => string[]): Promise<string> {
  const project = mkdtempSync(path.join(tmpdir(), 'quittance-stranger-'));
  const modules = path.join(project, 'node_modules');
  const file = path.join(project, name);
  mkdirSync(modules);
  symlinkSync(ROOT, path.join(modules, 'quittance'));
  symlinkSync(STRIPE, path.join(modules, 'stripe'));
  writeFileSync(path.join(project, 'package.json'), '{ "name": "mine" }');
  writeFileSync(file, code);
  try {
    return await new Promise((resolve, reject) => {
      const options = { timeout: RUN_MS_MAX, cwd: project };
      execFile(process.execPath, run(file), options, (error, stdout, stderr) =>
        error ? reject(new Error(`${error.message}\n${stdout}\n${stderr}`)) : resolve(stdout),
      );
    });
  } finally {
    rmSync(project, { recursive: true, force: true });
  }
}
