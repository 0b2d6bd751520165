import type { Server } from 'node:http';
import { Command, Option } from 'commander';
import { describeError, QuittanceError } from '../errors.ts';
import { createHttpServer } from '../http/server.ts';
import { createLogger } from '../log.ts';
import { optionsFromEnvironment, parseOptions, variableOf, type QuittanceOptions } from '../options.ts';
import { createQuittance, type Quittance } from '../quittance.ts';
import { configFile, loadConfig, readEnvironment, type Environment } from './environment.ts';
import { reachFromEnvironment } from './failpoint.ts';

const CLOSE_MS_MAX = 8_000;
const PING_MS = 1_000;

/** What a child tells its parent, and the other way round. */
export type Message =
  | { kind: 'ready'; id: string; port?: number }
  | { kind: 'ping' }
  | { kind: 'stored' }
  | { kind: 'wake' };

/** One process of a server: `web` answers requests, `work` runs handlers and jobs. For `dev` and `start`. */
export function serveCommand(): Command {
  return new Command('serve')
    .addOption(new Option('--role <role>').choices(['web', 'work']).makeOptionMandatory())
    .option('--replaces <id>')
    .action(async ({ role, replaces }: { role: 'web' | 'work'; replaces?: string }) => {
      const environment = readEnvironment();
      const quittance = createQuittance(await readOptions(environment));
      const server = role === 'web' ? await listen(quittance, environment.port) : null;
      stopWhenTold(quittance, server);
      // Its server listens already: an error that is only reported would leave it standing for ever.
      const started = quittance.start({ work: role === 'work', ...(replaces ? { replaces } : {}) });
      await started.catch((error: unknown) => fatal(error));
      quittance.whenReady().catch((error: unknown) => fatal(error));
      talkToParent(quittance, environment.port);
    });
}

/** All options of a server: environment, then configuration file. Messages name the variables. */
export async function readOptions(environment: Environment): Promise<QuittanceOptions> {
  const config = await loadConfig(configFile());
  const options = {
    ...config,
    ...optionsFromEnvironment(environment.env),
    logger: createLogger(environment.env.LOG_LEVEL || 'info'),
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

function stopWhenTold(quittance: Quittance, server: Server | null): void {
  let stopping = false;
  const stop = async (): Promise<void> => {
    if (stopping) return;
    stopping = true;
    await Promise.all([server && close(server), quittance.stop()]);
    process.exit(0);
  };
  const begin = (): void => void stop().catch((error: unknown) => fatal(error));
  process.on('SIGTERM', begin);
  // A Ctrl-C reaches the whole group; the parent decides who ends when.
  process.on('SIGINT', () => (process.connected ? undefined : begin()));
  process.on('disconnect', begin);
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

function fatal(error: unknown): never {
  process.stderr.write(
    `quittance: ${error instanceof QuittanceError ? error.message : describeError(error)}\n`,
  );
  process.exit(1);
}
