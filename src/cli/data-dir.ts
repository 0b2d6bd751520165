import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isRunning, thisProcess, type ProcessIdentity } from '../db/embedded/process-identity.ts';
import type { KnownEndpoint } from '../stripe/endpoint.ts';

/** What a running `dev` or `start` tells other commands about itself. */
export interface Runtime {
  databaseUrl: string;
  /** The variables of the simulator that stands in for Stripe, if one does. */
  stripe?: NodeJS.ProcessEnv;
}

type Written = Runtime & ProcessIdentity;

/** Secrets made up for development and kept, so that tokens and links outlive a restart. */
export interface DevSecrets {
  secret: string;
  apiKey: string;
  /** The simulator's endpoints for us, and the secrets they were created with. */
  endpoint?: KnownEndpoint;
  connectEndpoint?: KnownEndpoint;
  thinDestination?: KnownEndpoint;
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
  writeJson(runtimeFile(dataDir), { ...runtime, ...thisProcess() } satisfies Written);
}

export function removeRuntime(dataDir: string): void {
  rmSync(runtimeFile(dataDir), { force: true });
}

/** What the `dev` or `start` that runs on this directory now says of itself, or null. */
export function readRuntime(dataDir: string): Runtime | null {
  const written = readJson<Written>(runtimeFile(dataDir));
  return written && isRunning(written) ? written : null;
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
