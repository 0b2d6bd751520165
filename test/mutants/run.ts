/**
 * Shows that the suite can fail: makes each mistake of mutants.ts in a copy of the source and runs the tests
 * that must catch it. First the same tests without a mistake, in the same copy: they must pass.
 * `npm run test:mutants`; exit status 0 only if every mutant was caught.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { MUTANTS, type Mutant } from './mutants.ts';

const COPIED = [
  'src',
  'test',
  'migrations',
  'generated',
  'dist',
  'bin',
  'package.json',
  'tsconfig.json',
  'vitest.config.ts',
];

interface Outcome {
  passed: boolean;
  failed: string[];
}

const folder = mkdtempSync(path.join(tmpdir(), 'quittance-mutants-'));
let missed = 0;
try {
  for (const item of COPIED) cpSync(item, path.join(folder, item), { recursive: true });
  symlinkSync(path.resolve('node_modules'), path.join(folder, 'node_modules'));
  const tests = [...new Set(MUTANTS.flatMap((mutant) => mutant.tests))];
  process.stdout.write('without a mistake … ');
  const control = runTests(tests);
  process.stdout.write(control.passed ? 'passes\n' : `FAILS: ${control.failed.join('; ')}\n`);
  if (!control.passed) missed += 1;
  for (const mutant of control.passed ? MUTANTS : []) if (!isCaught(mutant)) missed += 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.stdout.write(`\n${MUTANTS.length + 1 - missed} passed, ${missed} failed\n`);
process.exitCode = missed === 0 ? 0 : 1;

function isCaught(mutant: Mutant): boolean {
  process.stdout.write(`${mutant.name} … `);
  const file = path.join(folder, mutant.file);
  const original = readFileSync(file, 'utf8');
  writeFileSync(file, mutated(original, mutant));
  const { failed } = runTests(mutant.tests);
  writeFileSync(file, original);
  const by = failed.filter((name) => mutant.caughtBy.test(name));
  process.stdout.write(
    by.length > 0 ? `caught by "${by[0]}"\n` : `NOT CAUGHT (failed: ${failed.join('; ')})\n`,
  );
  return by.length > 0;
}

function mutated(text: string, { name, changes }: Mutant): string {
  return changes.reduce((now, { from, to }) => {
    if (now.split(from).length !== 2)
      throw new Error(`"${name}" is stale: its text stands in the source not exactly once`);
    return now.replace(from, () => to);
  }, text);
}

function runTests(tests: readonly string[]): Outcome {
  const report = path.join(folder, 'report.json');
  rmSync(report, { force: true });
  const vitest = path.resolve('node_modules/vitest/vitest.mjs');
  spawnSync(process.execPath, [vitest, 'run', '--reporter=json', `--outputFile=${report}`, ...tests], {
    cwd: folder,
    stdio: 'ignore',
  });
  const { success, testResults } = JSON.parse(readFileSync(report, 'utf8')) as {
    success: boolean;
    testResults: { assertionResults: { fullName: string; status: string }[] }[];
  };
  const all = testResults.flatMap((file) => file.assertionResults);
  return {
    passed: success,
    failed: all.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName),
  };
}
