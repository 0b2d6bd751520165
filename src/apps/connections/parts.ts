import type { Hono } from 'hono';
import type { Clock } from '../../clock.ts';
import type { Database } from '../../db/database.ts';
import type { Page } from '../../http/page.tsx';
import type { RaiseAlarm } from '../../inbox/alarms.ts';
import type { Logger } from '../../log.ts';
import { Outbound } from '../../outbound/outbound.ts';
import type { Vault } from '../../vault/vault.ts';
import type { AppConnections } from '../context.ts';
import type { Install } from '../install.ts';
import type { ConnectionSettings } from '../settings.ts';
import { Calls } from './calls.ts';
import { InstallConnections, type ConnectionsOptions, type KnownConnection } from './connections.ts';
import { FreshTokens } from './fresh.ts';
import { Keeper } from './keeper.ts';
import { connectionRoutes } from './routes.tsx';
import { OAuthService } from './service.ts';
import { Turns } from './turns.ts';

const CALL_MS_MAX = 10_000;

export interface ConnectionPartsOptions {
  database: Database;
  vault: Vault;
  settings: {
    publicUrl: string;
    secret: string;
    connections: Record<string, ConnectionSettings>;
  };
  clock: Clock;
  logger: Logger;
  alarm: RaiseAlarm;
  /** 0 to 1. */
  random: () => number;
  /** The install of an id of ours, as it is now. */
  install: (id: string) => Promise<Install | null>;
  page: Pick<Page, 'shopName' | 'sources'>;
  /** What one call to a service may take; ten seconds when left out. */
  timeoutMs?: number;
}

/** Other services that installs are connected to: how to connect, and calls with their tokens. */
export class ConnectionParts {
  readonly #options: ConnectionPartsOptions;
  readonly #shared: ConnectionsOptions;
  readonly #guarded: Outbound;
  readonly #own: Outbound;

  constructor(options: ConnectionPartsOptions) {
    this.#options = options;
    const { settings, timeoutMs = CALL_MS_MAX } = options;
    this.#guarded = new Outbound({ timeoutMs });
    this.#own = new Outbound({ timeoutMs, allowPrivateNetwork: true });
    const keeper = new Keeper(options);
    const turns = new Turns();
    this.#shared = {
      ...options,
      publicUrl: settings.publicUrl,
      secret: settings.secret,
      known: new Map(Object.entries(settings.connections).map((each) => [each[0], this.#known(...each)])),
      keeper,
      turns,
      fresh: new FreshTokens({ ...options, keeper, turns }),
      calls: new Calls({ ...options, timeoutMs }),
    };
  }

  for({ id }: Pick<Install, 'id'>): AppConnections {
    return new InstallConnections(this.#shared, id);
  }

  addRoutes(app: Hono): void {
    connectionRoutes(app, { ...this.#options, ...this.#shared });
  }

  /** Closes the connections to services. */
  async close(): Promise<void> {
    await Promise.all([this.#guarded.close(), this.#own.close()]);
  }

  #known(name: string, settings: ConnectionSettings): KnownConnection {
    const outbound = settings.allowPrivateNetwork ? this.#own : this.#guarded;
    const redirectUri = `${this.#options.settings.publicUrl}/apps/connections/callback`;
    const { clock } = this.#options;
    const service = new OAuthService({ name, settings, outbound, clock, redirectUri });
    return { name, settings, service, outbound };
  }
}
