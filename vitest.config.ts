import { defineConfig } from 'vitest/config';
import { built } from './test/support/built.ts';
import { FOR_A_BUNDLER, asInTheDashboard } from './test/support/extension.ts';
import { LongestFirst } from './test/support/longest-first.ts';

export default defineConfig({
  plugins: [asInTheDashboard(), built()],
  resolve: {
    alias: [
      { find: /^quittance$/, replacement: `${import.meta.dirname}/src/index.ts` },
      { find: 'quittance/app-client', replacement: `${import.meta.dirname}/src/app-client/index.ts` },
      {
        find: 'quittance/cloud-function',
        replacement: `${import.meta.dirname}/src/http/cloud-function.ts`,
      },
      { find: 'quittance/firebase', replacement: `${import.meta.dirname}/src/sinks/firebase.ts` },
      { find: 'quittance/express', replacement: `${import.meta.dirname}/src/http/express.ts` },
      { find: 'quittance/simulator', replacement: `${import.meta.dirname}/src/simulator/index.ts` },
    ],
  },
  test: {
    include: ['test/**/*.test.ts', 'test/**/*.test.tsx'],
    server: { deps: { external: [/\/dist\//], inline: FOR_A_BUNDLER } },
    globalSetup: ['test/support/global-setup.ts'],
    setupFiles: ['test/support/each-file.ts'],
    // Real PostgreSQL, child processes and a browser: slow start-up is normal, a hang is not.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Twice the cores of a small machine: nearly half of the time is waiting for processes and time-outs.
    maxWorkers: 4,
    // The files of a worker share its modules: loading them afresh for each took a third of all CPU time. No
    // module keeps state (and those of the server must not).
    isolate: false,
    sequence: { sequencer: LongestFirst },
  },
});
