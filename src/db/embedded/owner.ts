import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { QuittanceError } from '../../errors.ts';
import { isRunning, thisProcess, type ProcessIdentity } from './process-identity.ts';

/**
 * Takes the data directory for this process, or throws `data_dir_in_use` when a living process has it.
 * Returns what gives it back. A dead owner's claim is taken over.
 */
export function ownDirectory(directory: string): () => void {
  const file = path.join(directory, 'owner.json');
  const mine = JSON.stringify(thisProcess());
  for (let tries = 0; tries < 10; tries += 1) {
    try {
      writeFileSync(file, mine, { flag: 'wx', mode: 0o600 });
      return () => release(file, mine);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const owner = readOwner(file);
    if (owner && isRunning(owner)) throw inUse(directory, owner.pid);
    rmSync(file, { force: true });
  }
  throw inUse(directory, readOwner(file)?.pid ?? 0);
}

function readOwner(file: string): ProcessIdentity | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as ProcessIdentity;
  } catch {
    return null; // gone, or cut off while it was written
  }
}

function release(file: string, mine: string): void {
  try {
    if (readFileSync(file, 'utf8') === mine) rmSync(file);
  } catch {
    // already gone: nothing to give back
  }
}

function inUse(directory: string, pid: number): QuittanceError {
  return new QuittanceError({
    code: 'data_dir_in_use',
    message:
      `${directory} is in use by a running quittance (process ${pid}). ` +
      'Stop that one first, or set QUITTANCE_DATA_DIR to another folder.',
  });
}
