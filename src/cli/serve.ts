import { Command, Option } from 'commander';
import type { MetricsReport } from '../http/metrics.ts';
import { isOrphan, untilParentGone } from './until-signal.ts';

const PING_MS = 1_000;

/** What a child tells its parent, and the other way round. */
export type Message =
  | { kind: 'ready'; id: string; port?: number }
  | { kind: 'ping' }
  | { kind: 'stored' }
  | { kind: 'wake' }
  | { kind: 'metrics'; report: MetricsReport };

export interface ServeFlags {
  role: 'web' | 'work';
  replaces?: string;
}

/** One process of a server: `web` answers requests, `work` runs handlers and jobs. For `dev` and `start`. */
export function serveCommand(): Command {
  return new Command('serve')
    .addOption(new Option('--role <role>').choices(['web', 'work']).makeOptionMandatory())
    .option('--replaces <id>')
    .action(async (flags: ServeFlags) => {
      // A parent that is killed while we start sends no signal, and nobody else would ever end us.
      const told = untilTold();
      if (isOrphan()) process.exit(1);
      showLife();
      const { serve } = await import('./serving.ts'); // the whole server, which no other command needs
      serve(flags, told);
    });
}

// From the beginning: a start takes long on a busy machine, and one that is silent would be killed each time.
function showLife(): void {
  const ping = (): void => tellParent({ kind: 'ping' });
  ping();
  setInterval(ping, PING_MS).unref();
}

/** Tells the process that forked us, if there is one. */
export function tellParent(message: Message): void {
  if (process.connected) process.send?.(message);
}

function untilTold(): Promise<void> {
  return new Promise((resolve) => {
    process.on('SIGTERM', () => resolve());
    // A Ctrl-C reaches the whole group; the parent decides who ends when.
    process.on('SIGINT', () => (process.connected ? undefined : resolve()));
    void untilParentGone().then(resolve);
  });
}
