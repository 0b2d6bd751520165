import type { Server } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { Command, Option } from 'commander';
import { QuittanceError } from '../errors.ts';
import type { MetricsReport } from '../http/metrics.ts';
import { createHttpServer } from '../http/server.ts';
import { createLogger } from '../log.ts';
import { optionsFromEnvironment, parseOptions, variableOf, type QuittanceOptions } from '../options.ts';
import { createQuittance, type Quittance } from '../quittance.ts';
import { configFile, loadConfig, logLevel, readEnvironment, type Environment } from './environment.ts';
import { reachFromEnvironment } from './failpoint.ts';
import { shareMetrics } from './metrics-relay.ts';
import { report } from './report.ts';
import { isOrphan, untilParentGone } from './until-signal.ts';

const CLOSE_MS_MAX = 8_000;
const PING_MS = 1_000;
// How long a start that is not wanted any more may take to get where it can be stopped in order.
const START_MS_MAX = 5_000;

/** What a child tells its parent, and the other way round. */
export type Message =
  | { kind: 'ready'; id: string; port?: number }
  | { kind: 'ping' }
  | { kind: 'stored' }
  | { kind: 'wake' }
  | { kind: 'metrics'; report: MetricsReport };

interface Flags {
  role: 'web' | 'work';
  replaces?: string;
}

interface Running {
  quittance: Quittance;
  server: Server | null;
}

/** One process of a server: `web` answers requests, `work` runs handlers and jobs. For `dev` and `start`. */
export function serveCommand(): Command {
  return new Command('serve')
    .addOption(new Option('--role <role>').choices(['web', 'work']).makeOptionMandatory())
    .option('--replaces <id>')
    .action((flags: Flags) => {
      // A parent that is killed while we start sends no signal, and nobody else would ever end us.
      const told = untilTold();
      if (isOrphan()) process.exit(1);
      const starting = begin(flags);
      starting.catch(fatal);
      told.then(async () => end(starting)).catch(fatal);
    });
}

async function begin({ role, replaces }: Flags): Promise<Running> {
  const environment = readEnvironment();
  const quittance = createQuittance(await readOptions(environment));
  shareMetrics(quittance.metrics, role);
  const server = role === 'web' ? await listen(quittance, environment.port) : null;
  await quittance.start({ work: role === 'work', ...(replaces ? { replaces } : {}) });
  quittance.whenReady().catch(fatal);
  talkToParent(quittance, environment.port);
  return { quittance, server };
}

/** All options of a server: environment, then configuration file. Messages name the variables. */
export async function readOptions(environment: Environment): Promise<QuittanceOptions> {
  const config = await loadConfig(configFile());
  const options = {
    ...config,
    ...optionsFromEnvironment(environment.env),
    logger: createLogger(logLevel(environment.env)),
    reach: reachFromEnvironment(environment.env),
  } as QuittanceOptions;
  parseOptions(options, variableOf);
  return options;
}

async function listen(quittance: Quittance, port: number): Promise<Server> {
  const server = createHttpServer(quittance.listener);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(portError(error, port)));
    server.listen(port, resolve);
  });
  return server;
}

function portError(error: NodeJS.ErrnoException, port: number): Error {
  if (error.code !== 'EADDRINUSE') return error;
  const message = `Port ${port} is in use. Set PORT to another one, or stop what listens there.`;
  return new QuittanceError({ code: 'port_taken', message, cause: error });
}

function untilTold(): Promise<void> {
  return new Promise((resolve) => {
    process.on('SIGTERM', () => resolve());
    // A Ctrl-C reaches the whole group; the parent decides who ends when.
    process.on('SIGINT', () => (process.connected ? undefined : resolve()));
    void untilParentGone().then(resolve);
  });
}

async function end(starting: Promise<Running>): Promise<void> {
  // A start is let to its end: closing the database under it would only make errors of nothing.
  const running = await Promise.race([starting, wait(START_MS_MAX, null)]);
  if (running) await Promise.all([running.server && close(running.server), running.quittance.stop()]);
  process.exit(0);
}

/** No new connections; requests that run may finish, streams are cut in the end. */
function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
    setTimeout(() => server.closeAllConnections(), CLOSE_MS_MAX).unref();
  });
}

function talkToParent(quittance: Quittance, port: number): void {
  const tell = (message: Message): void => void (process.connected && process.send?.(message));
  tell({ kind: 'ready', id: quittance.id, port });
  setInterval(() => tell({ kind: 'ping' }), PING_MS).unref();
  let told = false;
  quittance.onStored(() => {
    if (told) return; // one message for all that is stored in this turn
    told = true;
    setImmediate(() => {
      told = false;
      tell({ kind: 'stored' });
    });
  });
  process.on('message', (message: Message) => message.kind === 'wake' && quittance.wake());
}

// Our server may listen already: an error that is only reported would leave it standing for ever.
function fatal(error: unknown): never {
  process.exit(report(error));
}
