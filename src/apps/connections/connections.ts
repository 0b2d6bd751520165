import type { Clock } from '../../clock.ts';
import type { Logger } from '../../log.ts';
import type { Outbound } from '../../outbound/outbound.ts';
import type { AppConnections, ConnectionTokens } from '../context.ts';
import type { ConnectionSettings } from '../settings.ts';
import type { Calls } from './calls.ts';
import { CROWDED, hostRefused, unavailable, unknownConnection } from './errors.ts';
import type { FreshTokens } from './fresh.ts';
import type { ConnectionPlace, Keeper } from './keeper.ts';
import type { OAuthService } from './service.ts';
import { signTicket } from './ticket.ts';
import { checkTokens, hasEnded, type Connected } from './tokens.ts';
import type { Turns } from './turns.ts';

const UNAUTHORIZED = 401;

/** A connection of the options, and the means to reach the service. */
export interface KnownConnection {
  name: string;
  settings: ConnectionSettings;
  service: OAuthService;
  outbound: Outbound;
}

export interface ConnectionsOptions {
  known: ReadonlyMap<string, KnownConnection>;
  publicUrl: string;
  secret: string;
  keeper: Keeper;
  fresh: FreshTokens;
  calls: Calls;
  turns: Turns;
  clock: Clock;
  logger: Logger;
}

/** The connections of one install. */
export class InstallConnections implements AppConnections {
  readonly #options: ConnectionsOptions;
  readonly #install: string;

  constructor(options: ConnectionsOptions, install: string) {
    this.#options = options;
    this.#install = install;
  }

  async start(name: string): Promise<{ url: string; expiresAt: string }> {
    this.#need(name);
    const { url, expiresAt } = beginLink(this.#options, { install: this.#install, connection: name });
    return { url, expiresAt: expiresAt.toISOString() };
  }

  async status(name: string): Promise<'connected' | 'absent' | 'refused'> {
    this.#need(name);
    const held = await this.#options.keeper.read(this.#place(name));
    if (!held) return 'absent';
    if (held.status === 'refused') return 'refused';
    const { tokens } = held;
    const isOver = tokens.refreshToken === undefined && hasEnded(tokens, this.#options.clock);
    return isOver ? 'refused' : 'connected';
  }

  async put(name: string, tokens: ConnectionTokens): Promise<void> {
    this.#need(name);
    await this.#options.keeper.keep(this.#place(name), checkTokens(tokens));
  }

  async fetch(name: string, url: string, init: RequestInit = {}): Promise<Response> {
    const connection = this.#need(name);
    const target = targetOf(connection, url);
    const { fresh, calls } = this.#options;
    const place = this.#place(name);
    const request = await repeatable(init);
    const send = (held: Connected): Promise<Response> =>
      calls.send(connection.outbound, target, withToken(request, held));
    const held = await fresh.get(place, connection.service);
    const answer = await send(held);
    if (answer.status !== UNAUTHORIZED) return answer;
    const other = await fresh.instead(place, connection.service, held);
    return other ? send(other) : answer;
  }

  async disconnect(name: string): Promise<boolean> {
    const { service } = this.#need(name);
    const { keeper, turns, logger } = this.#options;
    const forget = (): Promise<boolean> =>
      keeper.forget(this.#place(name), async (held) => {
        if (held.status === 'refused') return;
        const undone = await service.revoke(held.tokens);
        if (!undone) return;
        const context = { install: this.#install, connection: name, why: undone.failure.words };
        logger.warn(context, 'a connection was forgotten here, but could not be revoked at the service');
      });
    return turns.take(name, forget, () => Promise.reject(unavailable(name, CROWDED)));
  }

  #need(name: string): KnownConnection {
    const known = this.#options.known.get(name);
    if (!known) throw unknownConnection(name);
    return known;
  }

  #place(name: string): ConnectionPlace {
    return { owner: this.#install, kind: 'connection', name };
  }
}

/** Where a user's browser begins to connect. */
export function beginLink(
  { publicUrl, secret, clock }: Pick<ConnectionsOptions, 'publicUrl' | 'secret' | 'clock'>,
  what: { install: string; connection: string },
): { url: string; expiresAt: Date } {
  const { ticket, expiresAt } = signTicket(secret, what, clock);
  return { url: `${publicUrl}/apps/connections/${what.connection}/begin?ticket=${ticket}`, expiresAt };
}

function targetOf({ name, settings }: KnownConnection, text: string): string {
  const { apiHosts, allowPrivateNetwork } = settings;
  const url = URL.canParse(text) ? new URL(text) : null;
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && allowPrivateNetwork);
  if (!url || !isSafe || !apiHosts.includes(url.host)) throw hostRefused(name, apiHosts);
  return url.href;
}

// A stream can be sent once.
async function repeatable(init: RequestInit): Promise<RequestInit> {
  if (!(init.body instanceof ReadableStream)) return init;
  return { ...init, body: await new Response(init.body).arrayBuffer() };
}

function withToken(init: RequestInit, { tokens }: Connected): RequestInit {
  const headers = new Headers(init.headers);
  headers.set('authorization', `Bearer ${tokens.accessToken}`);
  return { ...init, headers };
}
