import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

interface Chunk {
  file: string;
  isEntry?: boolean;
  imports?: string[];
  dynamicImports?: string[];
  css?: string[];
}

/** Bytes that a browser loads, packed, until a page stands. */
export interface FirstLoad {
  page: string;
  script: number;
  style: number;
}

/** The first load of each page of the console that Vite built into `folder`, the heaviest first. */
export function firstLoads(folder: string): FirstLoad[] {
  const chunks = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as Record<string, Chunk>;
  const entry = Object.keys(chunks).find((name) => chunks[name]?.isEntry);
  if (entry === undefined) throw new Error(`no entry in ${folder}`);
  const sizeOf = (files: readonly string[]): number =>
    [...new Set(files)].reduce((sum, file) => sum + statSync(join(folder, `${file}.gz`)).size, 0);
  return (chunks[entry]?.dynamicImports ?? [])
    .map((page) => {
      const needed = reached(chunks, [entry, page]);
      const script = sizeOf(needed.map(({ file }) => file));
      return { page, script, style: sizeOf(needed.flatMap(({ css = [] }) => css)) };
    })
    .toSorted((a, b) => b.script - a.script);
}

function reached(chunks: Record<string, Chunk>, names: readonly string[]): Chunk[] {
  const all = new Set(names);
  // A set that grows while it is walked is walked to its new end.
  for (const name of all) for (const next of chunks[name]?.imports ?? []) all.add(next);
  return [...all].flatMap((name) => chunks[name] ?? []);
}
