import { readFileSync, writeFileSync } from 'node:fs';
import { QuittanceError } from '../../errors.ts';

/** Takes a folder for this process, by a file in it. Throws `simulator_data_in_use` while another lives. */
export function claim(lock: string, folder: string): void {
  const [pid = 0, started] = holderOf(lock);
  if (pid > 0 && pid !== process.pid && isAlive(pid, started)) {
    const message = `Another simulator (process ${pid}) uses ${folder}: stop it or choose another folder.`;
    throw new QuittanceError({ code: 'simulator_data_in_use', message });
  }
  writeFileSync(lock, `${process.pid} ${statusOf(process.pid)?.started ?? ''}`);
}

function holderOf(lock: string): [number?, string?] {
  try {
    const [pid, started] = readFileSync(lock, 'utf8').split(' ');
    return [Number(pid), started];
  } catch {
    return [];
  }
}

// A killed process that nobody has waited for still has its number, and a number may be given to another.
function isAlive(pid: number, started: string | undefined): boolean {
  try {
    process.kill(pid, 0);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const status = statusOf(pid);
  if (!status) return true; // no Linux: the number has to do
  return status.state !== 'Z' && (!started || status.started === started);
}

// Fields 3 and 22 of /proc/PID/stat (proc_pid_stat(5)); the second may hold spaces and parentheses.
function statusOf(pid: number): { state: string; started: string } | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', started: fields[19] ?? '' };
  } catch {
    return null;
  }
}
