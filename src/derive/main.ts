import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle } from './browser.ts';
import { bundleCommands } from './commands.ts';
import { OPERATIONS } from '../operations.ts';
import { PUBLIC_OPERATIONS } from '../public-operations.ts';
import { consoleTypes, operationAddresses } from './console-types.ts';
import { readDeclarations } from './declarations.ts';
import { readEventTypes } from './events.ts';
import { openApiOf } from './openapi.ts';
import { readOperations } from './operations.ts';
import { Shapes } from './shapes.ts';

// The last step of `npm run build`: reads the installed `stripe` package and writes what the simulator and
// the server know of Stripe's API. It is derived rather than kept, so that it can't disagree with the
// client in use. Our own API is described from its schemas, for readers and for the console.

const GENERATED = new URL('../../generated/', import.meta.url);

/** The client's operations in 23.1.0 are 650; far fewer means that the package's layout has changed. */
const OPERATIONS_MIN = 600;
const EVENT_TYPES_MIN = 250;

/** The scripts that the simulator serves to browsers, and what each starts with. */
const SIMULATOR_SOURCE = new URL('../../src/', import.meta.url);
const BROWSER_SCRIPTS = {
  'stripe.js': 'simulator/stripejs/main.ts',
  'element-frame.js': 'simulator/stripejs/element-frame.ts',
  'authenticated.js': 'simulator/stripejs/authenticated.ts',
  'embedded.js': 'simulator/stripejs/embedded.ts',
  'checkout.js': 'simulator/stripejs/checkout.ts',
};

const DIST = fileURLToPath(new URL('../', import.meta.url));

bundleScripts();
await bundleCommands(DIST);
deriveContract(dirname(fileURLToPath(import.meta.resolve('stripe'))));
await describeApi();

function deriveContract(folder: string): void {
  const scopes = readDeclarations(folder);
  const shapes = new Shapes(scopes);
  const operations = readOperations(folder, scopes, shapes);
  const apiVersion = /ApiVersion = '([^']+)'/.exec(readFileSync(join(folder, 'apiVersion.js'), 'utf8'))?.[1];
  const snapshot = readEventTypes(scopes, 'resources/Events');
  const thin = readEventTypes(scopes, 'resources/V2/Core/Events');
  if (!apiVersion) throw new Error(`no API version in ${folder}/apiVersion.js`);
  if (operations.length < OPERATIONS_MIN)
    throw new Error(`only ${operations.length} operations in ${folder}`);
  if (snapshot.length < EVENT_TYPES_MIN || thin.length < EVENT_TYPES_MIN)
    throw new Error(`only ${snapshot.length} snapshot and ${thin.length} thin event types in ${folder}`);
  if (shapes.unknown.size > 0) throw new Error(`types not understood: ${[...shapes.unknown].join('; ')}`);
  write('contract.json', { apiVersion, operations, types: shapes.types });
  write('event-types.json', { api_version: apiVersion, snapshot, thin });
}

function bundleScripts(): void {
  mkdirSync(new URL('browser/', GENERATED), { recursive: true });
  for (const [name, entry] of Object.entries(BROWSER_SCRIPTS))
    writeFileSync(new URL(`browser/${name}`, GENERATED), bundle(fileURLToPath(SIMULATOR_SOURCE), entry));
}

async function describeApi(): Promise<void> {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', GENERATED), 'utf8')) as {
    version: string;
  };
  write('openapi.json', openApiOf([...OPERATIONS, ...PUBLIC_OPERATIONS], version));
  const forConsole = openApiOf(OPERATIONS, version);
  write('operations.json', operationAddresses(forConsole));
  writeFileSync(new URL('contract.d.ts', GENERATED), await consoleTypes(forConsole));
}

function write(name: string, content: unknown): void {
  mkdirSync(GENERATED, { recursive: true });
  writeFileSync(new URL(name, GENERATED), JSON.stringify(content));
}
