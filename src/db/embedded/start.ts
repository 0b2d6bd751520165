import { mkdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { QuittanceError } from '../../errors.ts';
import { Cluster } from './cluster.ts';
import { ownDirectory } from './owner.ts';
import { Server } from './server.ts';

const STOP_MS_MAX = 10_000;
const POLL_MS = 25;

export interface EmbeddedOptions {
  /** `QUITTANCE_DATA_DIR`. The data lies in `postgres/` below it. */
  dataDir: string;
  /** 0 or absent: a free one. */
  port?: number;
  onRestart?: (reason: string) => void;
}

/** A PostgreSQL of our own. */
export interface Embedded {
  url: string;
  port: number;
  stop(): Promise<void>;
}

/**
 * Starts PostgreSQL on `dataDir`, creating it at first. It ends with this process, also when this process
 * is killed, and is started again when it is killed itself. A server that a dead process left behind is
 * ended first. Throws `data_dir_in_use` when a living process has the directory.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const home = path.resolve(options.dataDir);
  // The server may run as another user, who has to pass through; what is secret in here is 0600.
  mkdirSync(home, { recursive: true, mode: 0o711 });
  const disown = ownDirectory(home);
  try {
    const cluster = new Cluster(home);
    await endLeftover(cluster);
    cluster.create();
    const server = new Server(cluster, options.port || (await freePort()), options.onRestart ?? (() => {}));
    await server.start();
    return {
      url: cluster.url(server.port),
      port: server.port,
      stop: async () => {
        await server.stop();
        disown();
      },
    };
  } catch (error) {
    disown();
    throw error;
  }
}

async function endLeftover(cluster: Cluster): Promise<void> {
  const pid = cluster.runningPid();
  if (pid === null) return;
  const deadline = Date.now() + STOP_MS_MAX;
  let asked = false;
  while (isRunning(pid) && cluster.runningPid() === pid) {
    if (!asked) process.kill(pid, 'SIGINT');
    asked = true;
    if (Date.now() > deadline) {
      throw new QuittanceError({
        code: 'postgres_left_behind',
        message: `PostgreSQL (process ${pid}) holds the data directory and does not end. Stop it first.`,
      });
    }
    await wait(POLL_MS);
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // After a reboot the number may be another program's.
    return process.platform !== 'linux' || readFileSync(`/proc/${pid}/comm`, 'utf8').startsWith('postgres');
  } catch {
    return false;
  }
}

/** A port of 127.0.0.1 on which nobody listens at this moment. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
