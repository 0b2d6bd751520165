import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { QuittanceError } from '../../errors.ts';

interface Owner {
  pid: number;
  /** When that process started, in the kernel's own count: a pid alone may have been given to another. */
  started: string | null;
}

/**
 * Takes the data directory for this process, or throws `data_dir_in_use` when a living process has it.
 * Returns what gives it back. A dead owner's claim is taken over.
 */
export function ownDirectory(directory: string): () => void {
  const file = path.join(directory, 'owner.json');
  const mine = JSON.stringify({ pid: process.pid, started: startOf(process.pid) } satisfies Owner);
  for (let tries = 0; tries < 10; tries += 1) {
    try {
      writeFileSync(file, mine, { flag: 'wx', mode: 0o600 });
      return () => release(file, mine);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const owner = readOwner(file);
    if (owner && isAlive(owner)) throw inUse(directory, owner.pid);
    rmSync(file, { force: true });
  }
  throw inUse(directory, readOwner(file)?.pid ?? 0);
}

/** True when a process with this pid runs (and, where the kernel tells, is still the same one). */
function isAlive({ pid, started }: Owner): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  const now = startOf(pid);
  if (now === ZOMBIE) return false;
  return started === null || now === null || now === started;
}

// Killed, and nobody has waited for it yet.
const ZOMBIE = 'Z';

// Fields 3 and 22 of /proc/PID/stat (proc_pid_stat(5)); the second field may hold spaces and parentheses.
function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === ZOMBIE ? ZOMBIE : (fields[19] ?? null);
  } catch {
    return null;
  }
}

function readOwner(file: string): Owner | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Owner;
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
