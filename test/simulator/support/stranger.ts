import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const STRIPE = path.dirname(path.dirname(fileURLToPath(import.meta.resolve('stripe'))));
const RUN_MS_MAX = 20_000;

/**
 * Runs a module in an empty project of its own that has this package, as built, and `stripe` installed, to
 * its own end: what it leaves running would keep it from ending. Returns what it printed.
 */
export async function runAsStranger(code: string): Promise<string> {
  const project = mkdtempSync(path.join(tmpdir(), 'quittance-stranger-'));
  const modules = path.join(project, 'node_modules');
  const file = path.join(project, 'mine.mjs');
  mkdirSync(modules);
  symlinkSync(ROOT, path.join(modules, 'quittance'));
  symlinkSync(STRIPE, path.join(modules, 'stripe'));
  writeFileSync(path.join(project, 'package.json'), '{ "name": "mine" }');
  writeFileSync(file, code);
  try {
    return await new Promise((resolve, reject) => {
      execFile(process.execPath, [file], { timeout: RUN_MS_MAX }, (error, stdout, stderr) =>
        error ? reject(new Error(`${error.message}\n${stderr}`)) : resolve(stdout),
      );
    });
  } finally {
    rmSync(project, { recursive: true, force: true });
  }
}
