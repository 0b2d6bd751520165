#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const main = new URL('../dist/run/cli/main.js', import.meta.url);
if (!existsSync(fileURLToPath(main))) {
  process.stderr.write('quittance is not built yet: run "npm run build" in its folder first.\n');
  process.exit(1);
}
const { run } = await import(main.href);
await run(process.argv);
