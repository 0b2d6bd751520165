import type { Server } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { secretsOf } from '../configured-secrets.ts';
import { QuittanceError } from '../errors.ts';
import { createHttpServer } from '../http/server.ts';
import { createLogger, type Logger } from '../log.ts';
import { optionsFromEnvironment, parseOptions, variableOf, type QuittanceOptions } from '../options.ts';
import { createQuittance, type Quittance } from '../quittance.ts';
import { configFile, loadConfig, logLevel, readEnvironment, type Environment } from './environment.ts';
import { reachFromEnvironment } from './failpoint.ts';
import { shareMetrics } from './metrics-relay.ts';
import { report } from './report.ts';
import { startTracing, type Tracing } from './tracing.ts';
import { tellParent, type Message, type ServeFlags } from './serve.ts';

const CLOSE_MS_MAX = 8_000;
// How long a start that is not wanted any more may take to get where it can be stopped in order.
const START_MS_MAX = 5_000;

interface Running {
  quittance: Quittance;
  server: Server | null;
  tracing: Tracing | null;
}

/** Starts a server of this role; ends it, and this process, when `told` resolves. */
export function serve(flags: ServeFlags, told: Promise<void>): void {
  const starting = begin(flags);
  starting.catch(fatal);
  told.then(async () => end(starting)).catch(fatal);
}

async function begin({ role, replaces }: ServeFlags): Promise<Running> {
  const environment = readEnvironment();
  const options = await readOptions(environment);
  const tracing = await startTracing(environment.env, { role, logger: options.logger });
  const quittance = createQuittance(options);
  shareMetrics(quittance.metrics, role);
  const server = role === 'web' ? await listen(quittance, environment.port) : null;
  await quittance.start({ work: role === 'work', ...(replaces ? { replaces } : {}) });
  quittance.whenReady().catch(fatal);
  talkToParent(quittance, environment.port);
  return { quittance, server, tracing };
}

/** All options of a server: environment, then configuration file. Messages name the variables. */
export async function readOptions(environment: Environment): Promise<QuittanceOptions & { logger: Logger }> {
  const config = await loadConfig(configFile());
  const given = { ...config, ...optionsFromEnvironment(environment.env) };
  const options = {
    ...given,
    logger: createLogger(logLevel(environment.env), undefined, secretsOf(given)),
    reach: reachFromEnvironment(environment.env),
  } as QuittanceOptions & { logger: Logger };
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

async function end(starting: Promise<Running>): Promise<void> {
  // A start is let to its end: closing the database under it would only make errors of nothing.
  const running = await Promise.race([starting, wait(START_MS_MAX, null)]);
  if (running) {
    await Promise.all([running.server && close(running.server), running.quittance.stop()]);
    await running.tracing?.stop();
  }
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
  tellParent({ kind: 'ready', id: quittance.id, port });
  let told = false;
  quittance.onStored(() => {
    if (told) return; // one message for all that is stored in this turn
    told = true;
    setImmediate(() => {
      told = false;
      tellParent({ kind: 'stored' });
    });
  });
  process.on('message', (message: Message) => message.kind === 'wake' && quittance.wake());
}

// Our server may listen already: an error that is only reported would leave it standing for ever.
function fatal(error: unknown): never {
  process.exit(report(error));
}
