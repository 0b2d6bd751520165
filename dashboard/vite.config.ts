import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** The server puts a fresh nonce here in every page it sends (src/console/page.ts). */
const NONCE = '__NONCE__';

export default defineConfig({
  root: import.meta.dirname,
  base: '/admin/',
  plugins: [react()],
  html: { cspNonce: NONCE },
  build: {
    outDir: '../dist/dashboard',
    emptyOutDir: true,
    manifest: 'manifest.json',
    // Nothing as a data: address, which the policy would have to allow.
    assetsInlineLimit: 0,
    // What counts is the first load, packed: test/console/serving.test.ts holds it.
    chunkSizeWarningLimit: 2_000,
    rolldownOptions: {
      // Packages mark their files for React's server side, which is not in play here.
      onLog: (level, log, handle) => {
        if (log.code !== 'MODULE_LEVEL_DIRECTIVE') handle(level, log);
      },
    },
  },
});
