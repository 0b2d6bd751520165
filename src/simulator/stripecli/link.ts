import type { WebSocket } from 'ws';
import type { World } from '../store/store.ts';
import type { Rendering } from './frames.ts';
import type { CliSecrets, CliSession } from './session.ts';

/** Log entries kept for a listener that is away; events are kept without a limit, since they are stored. */
const LOGS_KEPT = 1_000;

/** A listener: its session and, while it is there, its socket. What it did not acknowledge is kept for it. */
export class Link {
  readonly world: World;
  readonly session: CliSession;
  readonly secrets: CliSecrets;
  socket: WebSocket | undefined;
  /** Runs while the listener is away; then it is forgotten. */
  timer: NodeJS.Timeout | undefined;
  /** By delivery, the forms that were not acknowledged yet, in the order in which they became due. */
  readonly unacked = new Map<string, Set<Rendering>>();
  /** By id, log entries that were not acknowledged yet. */
  readonly logs = new Map<string, string>();

  constructor(world: World, session: CliSession, secrets: CliSecrets) {
    this.world = { account: world.account, livemode: world.livemode };
    this.session = session;
    this.secrets = secrets;
  }

  send(text: string): void {
    if (this.socket?.readyState === this.socket?.OPEN) this.socket?.send(text);
  }

  keepLog(id: string, text: string): void {
    this.logs.set(id, text);
    const [oldest] = this.logs.keys();
    if (this.logs.size > LOGS_KEPT && oldest !== undefined) this.logs.delete(oldest);
  }
}
