import { readFileSync } from 'node:fs';

/** A process, told apart from a later one that was given the same number. */
export interface ProcessIdentity {
  pid: number;
  /** When that process started, in the kernel's own count; null where it does not tell. */
  started: string | null;
}

/** This process, to be written down for others. */
export function thisProcess(): ProcessIdentity {
  return { pid: process.pid, started: startOf(process.pid) };
}

/** True when a process with this pid runs (and, where the kernel tells, is still the same one). */
export function isRunning({ pid, started }: ProcessIdentity): boolean {
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
