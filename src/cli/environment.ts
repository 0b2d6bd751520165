import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import dotenv from 'dotenv';
import type { QuittanceConfig } from '../config.ts';
import { describeError, QuittanceError } from '../errors.ts';
import { optionsFromEnvironment, parseOptions, variableOf } from '../options.ts';

const CONFIG_FILES = ['quittance.config.ts', 'quittance.config.js', 'quittance.config.mjs'];
const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];
const PORT_DEFAULT = 4000;
const SIMULATOR_PORT_DEFAULT = 12_111;

/** What the commands themselves read of the environment; the rest is `optionsFromEnvironment`'s. */
export interface Environment {
  env: NodeJS.ProcessEnv;
  port: number;
  dataDir: string;
  production: boolean;
  databasePort: number;
  simulatorPort: number;
}

/** Reads `.env` (it never overrides what is set already) and the variables of the command line. */
export function readEnvironment(): Environment {
  dotenv.config({ quiet: true });
  const { env } = process;
  return {
    env,
    port: portOf(env.PORT, 'PORT', PORT_DEFAULT),
    dataDir: path.resolve(env.QUITTANCE_DATA_DIR || '.quittance'),
    production: env.NODE_ENV === 'production',
    databasePort: portOf(env.QUITTANCE_DATABASE_PORT, 'QUITTANCE_DATABASE_PORT', 0),
    simulatorPort: portOf(env.QUITTANCE_SIMULATOR_PORT, 'QUITTANCE_SIMULATOR_PORT', SIMULATOR_PORT_DEFAULT),
  };
}

/** Refuses a wrong variable before anything is started for it. What only the file says is checked later. */
export function checkVariables({ env, production }: Environment): void {
  const given = optionsFromEnvironment(env);
  const madeUp = { databaseUrl: 'postgres://embedded', secret: 'made up, or in the file' };
  // In production nothing is made up: without a file, all there is stands in the environment.
  parseOptions(
    { ...(production && configFile() === null ? ({} as typeof madeUp) : madeUp), ...given },
    variableOf,
  );
  logLevel(env);
}

/** `LOG_LEVEL`, or `info`. Throws `invalid_options` when there is no such level. */
export function logLevel(env: NodeJS.ProcessEnv): string {
  const level = env.LOG_LEVEL || 'info';
  if (LOG_LEVELS.includes(level)) return level;
  const message = `LOG_LEVEL must be one of ${LOG_LEVELS.join(', ')}, not "${level}".`;
  throw new QuittanceError({ code: 'invalid_options', message });
}

/** The path of the configuration file in this folder, or null. */
export function configFile(): string | null {
  return CONFIG_FILES.map((name) => path.resolve(name)).find((file) => existsSync(file)) ?? null;
}

/** Loads `quittance.config.ts`, whose types are stripped on the way. Throws `invalid_config`. */
export async function loadConfig(file: string | null): Promise<QuittanceConfig> {
  if (file === null) return {};
  const self = fileURLToPath(new URL('../index.js', import.meta.url));
  const { createJiti } = await import('jiti'); // a server without a file does without
  const jiti = createJiti(import.meta.url, {
    alias: { quittance: self },
    moduleCache: false,
    interopDefault: false,
  });
  let loaded: unknown;
  try {
    loaded = (await jiti.import<{ default?: unknown }>(file)).default;
  } catch (cause) {
    throw new QuittanceError({
      code: 'invalid_config',
      message: `${file} could not be loaded: ${describeError(cause)}`,
      cause,
    });
  }
  if (typeof loaded === 'object' && loaded !== null) return loaded;
  throw new QuittanceError({
    code: 'invalid_config',
    message: `${file} has no default export: write "export default defineConfig({ … })".`,
  });
}

function portOf(text: string | undefined, name: string, fallback: number): number {
  if (!text) return fallback;
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new QuittanceError({
    code: 'invalid_options',
    message: `${name} must be a port, 0 to 65535, not "${text}".`,
  });
}
