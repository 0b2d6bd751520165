import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript-5';
import { describe, expect, it } from 'vitest';

// The house style, as far as a program can check it (see ARCHITECTURE.md).
const ROOT = fileURLToPath(new URL('..', import.meta.url));
const FILE_LINES_MAX = 250;
const FILE_LINES_MEDIAN_MAX = 100;
const FUNCTION_LINES_MAX = 60;
const LINE_CHARACTERS_MAX = 110;

const sources = filesIn('src').filter((file) => /\.tsx?$/.test(file));
const all = [...sources, ...['test', 'bench', 'examples', 'dashboard'].flatMap(filesIn)].filter((file) =>
  /\.tsx?$/.test(file),
);

function filesIn(folder: string): string[] {
  const start = path.join(ROOT, folder);
  if (!existsSync(start)) return [];
  return readdirSync(start, { recursive: true, encoding: 'utf8' })
    .map((name) => path.join(folder, name))
    .filter((file) => !file.includes('node_modules') && statSync(path.join(ROOT, file)).isFile());
}

function read(file: string): string {
  return readFileSync(path.join(ROOT, file), 'utf8');
}

function linesOf(file: string): number {
  return read(file).trimEnd().split('\n').length;
}

describe('budgets', () => {
  it('no file is longer than 250 lines', () => {
    expect(all.filter((file) => linesOf(file) > FILE_LINES_MAX)).toEqual([]);
  });

  it('the median source file is shorter than 100 lines', () => {
    const sizes = sources.map(linesOf).toSorted((a, b) => a - b);
    expect(sizes[Math.floor(sizes.length / 2)]).toBeLessThan(FILE_LINES_MEDIAN_MAX);
  });

  it('no line is wider than 110 characters', () => {
    const wide = all.flatMap((file) =>
      read(file)
        .split('\n')
        .flatMap((line, index) => (line.length > LINE_CHARACTERS_MAX ? [`${file}:${index + 1}`] : [])),
    );
    expect(wide).toEqual([]);
  });

  it('no function is longer than 60 lines', () => {
    const long = sources.filter((file) => linesOf(file) > FUNCTION_LINES_MAX);
    expect(long.flatMap(longFunctions)).toEqual([]);
  });
});

function longFunctions(file: string): string[] {
  const tree = ts.createSourceFile(file, read(file), ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && 'body' in node && node.body) {
      const start = tree.getLineAndCharacterOfPosition(node.getStart()).line;
      const end = tree.getLineAndCharacterOfPosition(node.end).line;
      if (end - start + 1 > FUNCTION_LINES_MAX)
        found.push(`${file}:${start + 1} has ${end - start + 1} lines`);
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}

describe('walls', () => {
  it('only options.ts and cli/ read process.env', () => {
    const readers = sources.filter((file) => /process\.env\b|\benv\s*[:=].*\bprocess\b/.test(read(file)));
    expect(readers.filter((file) => file !== 'src/options.ts' && !file.startsWith('src/cli/'))).toEqual([]);
  });

  it('SQL stands only in rows files, inbox, db, jobs and migrations', () => {
    const sql = /sql(?:<[^`]*>)?`|(?<!req)\.query(?:<[^(]*>)?\(/;
    const allowed = /^src\/(inbox|db|jobs)\/|rows\.ts$|^src\/simulator\/|^src\/derive\//;
    const elsewhere = sources.filter((file) => sql.test(stripComments(read(file))) && !allowed.test(file));
    expect(elsewhere).toEqual([]);
  });

  it('only db/ imports pg, only stripe/ imports stripe at run time', () => {
    const importsOf = (file: string, name: string): boolean =>
      new RegExp(`^import (?!type)[^;]*from '${name}';`, 'm').test(read(file));
    expect(sources.filter((file) => importsOf(file, 'pg') && !file.startsWith('src/db/'))).toEqual([]);
    expect(sources.filter((file) => importsOf(file, 'stripe') && !file.startsWith('src/stripe/'))).toEqual(
      [],
    );
  });

  it('imports go in one direction: cli, composition, nouns, inbox, db, leaves', () => {
    const wrong = sources.flatMap((file) =>
      importedFiles(file)
        .filter((target) => !mayImport(file, target))
        .map((target) => `${file} imports ${target}`),
    );
    expect(wrong).toEqual([]);
  });

  it('the simulator shares nothing with the server but errors, money and clock', () => {
    const shared = sources
      .filter((file) => file.startsWith('src/simulator/'))
      .flatMap(importedFiles)
      .filter((target) => !target.startsWith('src/simulator/'));
    expect([...new Set(shared)].filter((target) => !/^src\/(errors|money|clock)\.ts$/.test(target))).toEqual(
      [],
    );
  });
});

const LEAVES = /^src\/(errors|money|clock|log|failpoints|ids|under-way)\.ts$/;
const NOUNS = (
  'events orders checkout movements refunds disputes connect payouts apps sinks ' +
  'audit operators today job-list doctor console'
).split(' ');
// From the bottom up: a folder may import what stands before it, and itself.
const LAYERS: readonly RegExp[] = [
  LEAVES,
  /^src\/db\//,
  /^src\/(inbox|stripe|http|jobs|vault|outbound)\//,
  new RegExp(`^src/(${NOUNS.join('|')})/`),
  /^src\/[a-z-]+\.ts$/,
  /^src\/cli\//,
];

function mayImport(file: string, target: string): boolean {
  if (/^src\/(simulator|derive)\//.test(file)) return true;
  // What runs in Stripe's Dashboard takes nothing from the server, and the server nothing from it.
  if (file.startsWith('src/app-client/')) return target.startsWith('src/app-client/');
  // The types of a public option come from the noun they belong to, and every layer reads the options' types.
  if (target.startsWith('src/simulator/')) return file.startsWith('src/cli/') || file === 'src/simulator.ts';
  return layerOf(target) <= layerOf(file);
}

function layerOf(file: string): number {
  return LAYERS.findIndex((layer) => layer.test(file));
}

function importedFiles(file: string): string[] {
  return [...read(file).matchAll(/^(?:import|export) [^;]*? from '(\.[^']+)';/gm)].map((match) =>
    path.normalize(path.join(path.dirname(file), match[1] as string)),
  );
}

function stripComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
}

describe('documents', () => {
  const documents = [...filesIn('docs'), 'README.md', 'ARCHITECTURE.md', 'CHANGELOG.md'].filter((file) =>
    file.endsWith('.md'),
  );

  it('every link to a file leads to one', () => {
    const broken = documents.flatMap((file) =>
      [...read(file).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)]
        .map((match) => match[1] as string)
        .filter((link) => !/^(https?|mailto):/.test(link))
        .filter((link) => !existsSync(path.join(ROOT, path.dirname(file), link)))
        .map((link) => `${file}: ${link}`),
    );
    expect(broken).toEqual([]);
  });
});

describe('the lock', () => {
  const lock = JSON.parse(read('package-lock.json')) as {
    packages: Record<string, { resolved?: string; optionalDependencies?: Record<string, string> }>;
  };
  const names = Object.keys(lock.packages);

  it('names no registry', () => {
    expect(names.filter((name) => lock.packages[name]?.resolved)).toEqual([]);
  });

  it('holds an entry for every optional dependency, so that npm ci takes it everywhere', () => {
    const wanted = Object.values(lock.packages).flatMap((entry) =>
      Object.keys(entry.optionalDependencies ?? {}),
    );
    const missing = wanted.filter((name) => !names.some((place) => place.endsWith(`node_modules/${name}`)));
    expect(missing).toEqual([]);
  });
});
