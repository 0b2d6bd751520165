import { createRequire } from 'node:module';
import path from 'node:path';
import type { Plugin } from 'vitest/config';

const ROOT = path.resolve(import.meta.dirname, '../..');
const SDK = path.join(ROOT, 'node_modules/@stripe/ui-extension-sdk/package.json');
const CLIENT = path.join(ROOT, 'src/app-client/index.ts');
const EXTENSIONS = [
  path.join(ROOT, 'examples/stripe-app/ui') + path.sep,
  path.join(ROOT, 'test/examples/stripe-app') + path.sep,
];

/** The SDK is written for a bundler: Node can't load its files as they are. */
export const FOR_A_BUNDLER = [/@stripe\/ui-extension-sdk/, /@remote-ui\//, /\/src\/app-client\//];

/**
 * Views of a UI extension get the React that the SDK brings: two copies would not see each other's hooks.
 * Our client comes to them from its source: what the build made of it would be loaded by Node, and the SDK
 * with it.
 */
export function asInTheDashboard(): Plugin {
  const { resolve } = createRequire(SDK);
  return {
    name: 'quittance:as-in-the-dashboard',
    enforce: 'pre',
    resolveId(source, importer = '') {
      if (!EXTENSIONS.some((folder) => importer.startsWith(folder))) return null;
      if (source === CLIENT) return CLIENT; // the alias was there before
      return /^react(\/|$)/.test(source) ? { id: resolve(source), external: true } : null;
    },
  };
}
