import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, closeSync, existsSync, mkdirSync, mkdtempSync, openSync } from 'node:fs';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { QuittanceError } from '../../errors.ts';
import { copyBinaries, findBinaries, program } from './binaries.ts';
import { canUse, unprivilegedIdentity, type Identity } from './identity.ts';

const DIRECTORY_FD = 3;
// What a server on a developer's machine needs; durability stays as PostgreSQL ships it: all on.
const SETTINGS = [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  'max_connections=200',
  'shared_buffers=256MB',
  'max_wal_size=2GB',
  'jit=off',
  'log_min_messages=warning',
];

/** One PostgreSQL data directory with the programs and the user that work on it. */
export class Cluster {
  readonly #native: string;
  readonly #identity: Identity | null;
  readonly #directory: string;
  readonly #home: string;

  /** `home` is the folder that holds `postgres/` and its password. */
  constructor(home: string) {
    const binaries = findBinaries();
    this.#home = home;
    this.#directory = path.join(home, 'postgres');
    this.#identity = unprivilegedIdentity(this.#directory);
    const reachable =
      !this.#identity || canUse(this.#identity, { run: program(binaries.native, 'postgres') });
    this.#native = reachable ? binaries.native : copyBinaries(binaries);
  }

  get logFile(): string {
    return path.join(this.#home, 'postgres.log');
  }

  /** Creates the data directory if there is none. Half a directory of a start that was cut off is redone. */
  create(): void {
    if (existsSync(path.join(this.#directory, 'PG_VERSION'))) return;
    const password = randomBytes(24).toString('hex');
    const fresh = `${this.#directory}.new`;
    rmSync(fresh, { recursive: true, force: true });
    mkdirSync(fresh, { mode: 0o700 });
    this.#give(fresh);
    this.#initdb(fresh, password);
    writeFileSync(this.#passwordFile, password, { mode: 0o600 });
    renameSync(fresh, this.#directory);
  }

  url(port: number): string {
    return `postgres://quittance:${readFileSync(this.#passwordFile, 'utf8')}@127.0.0.1:${port}/postgres`;
  }

  /** The pid in `postmaster.pid`; null when no server has this directory open. */
  runningPid(): number | null {
    try {
      const [pid] = readFileSync(path.join(this.#directory, 'postmaster.pid'), 'utf8').split('\n');
      return Number(pid) || null;
    } catch {
      return null;
    }
  }

  /** Starts the server in its own process group: a Ctrl-C in the terminal is ours to handle first. */
  spawn(port: number): ChildProcess {
    const log = openSync(this.logFile, 'a', 0o600);
    const place = this.#place(this.#directory);
    const settings = SETTINGS.flatMap((setting) => ['-c', setting]);
    const child = spawn(
      program(this.#native, 'postgres'),
      ['-D', place.path, '-p', String(port), ...settings],
      { ...this.#user(), detached: true, cwd: '/', stdio: ['ignore', log, log, ...place.fds] },
    );
    for (const fd of [log, ...place.fds]) closeSync(fd);
    return child;
  }

  get #passwordFile(): string {
    return path.join(this.#home, 'postgres.password');
  }

  #initdb(directory: string, password: string): void {
    const secret = mkdtempSync(path.join(tmpdir(), 'quittance-initdb-'));
    const passwordFile = path.join(secret, 'password');
    writeFileSync(passwordFile, password, { mode: 0o600 });
    for (const item of [secret, passwordFile]) this.#give(item);
    const place = this.#place(directory);
    const locale = ['--encoding=UTF8', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C'];
    const made = spawnSync(
      program(this.#native, 'initdb'),
      ['-D', place.path, '-U', 'quittance', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`, ...locale],
      { ...this.#user(), cwd: '/', stdio: ['ignore', 'pipe', 'pipe', ...place.fds], encoding: 'utf8' },
    );
    for (const fd of place.fds) closeSync(fd);
    rmSync(secret, { recursive: true, force: true });
    if (made.status === 0) return;
    throw new QuittanceError({
      code: 'initdb_failed',
      message: `PostgreSQL could not create ${directory}: ${made.error?.message ?? made.stderr.trim()}`,
    });
  }

  /**
   * How the server's user reaches a directory. When a folder above it is closed to that user (a home of mode
   * 0700), we open it for him: a path through an open descriptor does not pass the folders above.
   */
  #place(directory: string): { path: string; fds: number[] } {
    const identity = this.#identity;
    if (!identity || canUse(identity, { enter: directory })) return { path: directory, fds: [] };
    return { path: `/proc/self/fd/${DIRECTORY_FD}`, fds: [openSync(directory, 'r')] };
  }

  #user(): { uid?: number; gid?: number } {
    return this.#identity ? { uid: this.#identity.uid, gid: this.#identity.gid } : {};
  }

  #give(item: string): void {
    if (this.#identity) chownSync(item, this.#identity.uid, this.#identity.gid);
  }
}
