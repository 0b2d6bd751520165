import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { firstLoads } from './first-load.ts';

// The console, built by Vite into `dist/dashboard/`, with packed twins of its files. It takes seconds and the
// build runs often, so it is left alone while nothing it is made of has changed.

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const SOURCE = join(ROOT, 'dashboard');
const MADE = join(ROOT, 'dist/dashboard');
const FINGERPRINT = join(MADE, '.made-from');

/** What it is made of besides its own folder: the addresses of the API, and the packages. */
const OTHER_INPUTS = ['generated/operations.json', 'package-lock.json'];

const fingerprint = fingerprintOf([...filesIn(SOURCE), ...OTHER_INPUTS.map((name) => join(ROOT, name))]);
if (!existsSync(FINGERPRINT) || readFileSync(FINGERPRINT, 'utf8') !== fingerprint) {
  const { build } = await import('vite');
  await build({ configFile: join(SOURCE, 'vite.config.ts'), logLevel: 'warn' });
  for (const file of filesIn(join(MADE, 'assets'))) pack(file);
  writeFileSync(FINGERPRINT, fingerprint);
  report();
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
}

function fingerprintOf(files: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of files)
    hash
      .update(`${relative(ROOT, file)}\0`)
      .update(readFileSync(file))
      .update('\0');
  return hash.digest('hex');
}

function pack(file: string): void {
  const content = readFileSync(file);
  writeFileSync(`${file}.gz`, gzipSync(content, { level: 9 }));
  writeFileSync(`${file}.br`, brotliCompressSync(content));
}

function report(): void {
  const [heaviest] = firstLoads(MADE);
  if (!heaviest) return;
  const { page, script, style } = heaviest;
  const kilobytes = (bytes: number): string => `${(bytes / 1000).toFixed(0)} kB`;
  console.log(
    `Console: the heaviest first load is ${kilobytes(script)} of script and ${kilobytes(style)} of style ` +
      `(gzip), of ${page}`,
  );
}
