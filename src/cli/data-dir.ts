import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** What a running `dev` or `start` tells other commands about itself. */
export interface Runtime {
  databaseUrl: string;
  /** The variables of the simulator that stands in for Stripe, if one does. */
  stripe?: NodeJS.ProcessEnv;
}

interface Written extends Runtime {
  pid: number;
  /** When that process started, in the kernel's own count: a pid alone may have been given to another. */
  started: string | null;
}

/** Secrets made up for development and kept, so that tokens and links outlive a restart. */
export interface DevSecrets {
  secret: string;
  apiKey: string;
  /** The simulator's endpoint for us, and the secret it was created with. */
  endpoint?: { id: string; url: string; secret: string };
}

/** Reads the made-up secrets, making them up at first. */
export function devSecrets(dataDir: string): DevSecrets {
  const known = readJson<DevSecrets>(secretsFile(dataDir));
  if (known) return known;
  const fresh = {
    secret: randomBytes(32).toString('base64url'),
    apiKey: `qk_${randomBytes(24).toString('base64url')}`,
  };
  writeSecrets(dataDir, fresh);
  return fresh;
}

export function writeSecrets(dataDir: string, secrets: DevSecrets): void {
  writeJson(secretsFile(dataDir), secrets);
}

/** Says that this process runs on the directory. */
export function writeRuntime(dataDir: string, runtime: Runtime): void {
  const { pid } = process;
  writeJson(runtimeFile(dataDir), { ...runtime, pid, started: startOf(pid) } satisfies Written);
}

export function removeRuntime(dataDir: string): void {
  rmSync(runtimeFile(dataDir), { force: true });
}

/** What the `dev` or `start` that runs on this directory now says of itself, or null. */
export function readRuntime(dataDir: string): Runtime | null {
  const written = readJson<Written>(runtimeFile(dataDir));
  return written && isAlive(written) ? written : null;
}

function isAlive({ pid, started }: Written): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  return started === startOf(pid);
}

// Field 22 of /proc/PID/stat (proc_pid_stat(5)), null where there is none; as in db/embedded/owner.ts.
function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}

const secretsFile = (dataDir: string): string => path.join(dataDir, 'dev-secrets.json');
const runtimeFile = (dataDir: string): string => path.join(dataDir, 'runtime.json');

function readJson<T>(file: string): T | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T;
  } catch {
    return null;
  }
}

// Written beside and renamed: a reader never sees half a file. Only for our own eyes.
function writeJson(file: string, value: unknown): void {
  mkdirSync(path.dirname(file), { recursive: true });
  const partial = `${file}.${process.pid}`;
  writeFileSync(partial, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  renameSync(partial, file);
}
