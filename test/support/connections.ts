import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { ConnectionParts } from '../../src/apps/connections/parts.ts';
import type { AppConnections } from '../../src/apps/context.ts';
import type { Install } from '../../src/apps/install.ts';
import { appSchema, type AppOptions } from '../../src/apps/settings.ts';
import type { Sql } from '../../src/db/sql.ts';
import { Vault } from '../../src/vault/vault.ts';
import { freshDatabase } from './database.ts';
import { knownInstall } from './install.ts';
import { recordedLog } from './log.ts';
import { CLIENT, OAuthServiceOfTest } from './oauth-service.ts';
import { SECRET } from './quittance.ts';

export const TIMEOUT_MS = 1_500;

type Connections = NonNullable<AppOptions['connections']>;

/** A service, two processes of ours that are connected to it, and their pages. */
export interface Stage {
  service: OAuthServiceOfTest;
  /** The service as our options name it. */
  options: Connections[string];
  /** A process of ours. */
  parts: ConnectionParts;
  /** Another one with the same database. */
  other: ConnectionParts;
  url: string;
  sql: Sql;
  log: ReturnType<typeof recordedLog>;
  /** Alarms so far: code and subject. */
  alarms: string[];
  /** Moves our clock; the service's stands where it is. */
  clock: { now: () => number; advance: (seconds: number) => void };
  /** A process with other connections. */
  withConnections: (connections: Connections) => ConnectionParts;
  install: () => Promise<Install>;
  /** An install that was connected by its user. */
  connected: () => Promise<{ install: Install; connections: AppConnections }>;
}

/** Starts all of it before the file's tests; the service is in a good mood before each. */
export function useStage(): Stage {
  const stage = {} as Stage;
  const atEnd: (() => unknown)[] = [];
  beforeAll(async () => {
    Object.assign(stage, await startStage(atEnd));
  });
  beforeEach(() => {
    stage.service.mood = {};
    stage.service.seen = [];
    stage.alarms.length = 0;
  });
  afterAll(async () => {
    for (const end of atEnd.toReversed()) await end();
  });
  return stage;
}

async function startStage(atEnd: (() => unknown)[]): Promise<Stage> {
  const { database } = await freshDatabase();
  const service = await new OAuthServiceOfTest().listen();
  atEnd.push(() => service.close());
  const log = recordedLog();
  const alarms: string[] = [];
  const installs = new Map<string, Install>();
  let aheadMs = 0;
  const clock = {
    now: () => Date.now() + aheadMs,
    advance: (seconds: number) => void (aheadMs += seconds * 1000),
  };
  const app = new Hono();
  const server = await new Promise<Server>((resolve) => {
    const made = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, () => resolve(made as Server));
  });
  atEnd.push(() => server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const withConnections = (connections: Connections): ConnectionParts => {
    const parts = new ConnectionParts({
      database,
      vault: new Vault({ secret: SECRET, previousSecrets: [] }),
      settings: { publicUrl: url, secret: SECRET, connections: appSchema.parse({ connections }).connections },
      clock,
      logger: log.logger,
      alarm: (code, subject) => void alarms.push(`${code} ${subject}`),
      random: () => 0,
      install: async (id) => installs.get(id) ?? null,
      page: { shopName: 'Notes', sources: { stripeJs: null, formTargets: [], strictTransport: false } },
      timeoutMs: TIMEOUT_MS,
    });
    atEnd.push(() => parts.close());
    return parts;
  };
  const install = async (): Promise<Install> => {
    const made = await knownInstall(database.sql);
    installs.set(made.id, made);
    return made;
  };
  const options: Connections[string] = {
    issuer: service.url,
    clientId: CLIENT.id,
    clientSecret: CLIENT.secret,
    scopes: ['files.read', 'files.write'],
    authorizationParams: { access_type: 'offline' },
    apiHosts: [service.host],
    allowPrivateNetwork: true,
  };
  const parts = withConnections({ files: options });
  parts.addRoutes(app);
  const other = withConnections({ files: options });
  const connected = async () => {
    const made = await install();
    const connections = parts.for(made);
    const { access_token: accessToken, refresh_token: refreshToken, expires_in = 0 } = service.grant();
    const expiresAt = Math.floor(clock.now() / 1000) + expires_in;
    await connections.put('files', { accessToken, refreshToken, expiresAt });
    return { install: made, connections };
  };
  const { sql } = database;
  return {
    service,
    options,
    parts,
    other,
    url,
    sql,
    log,
    alarms,
    clock,
    withConnections,
    install,
    connected,
  };
}

/** A browser as far as it is needed here: keeps cookies of one host, and follows no redirect by itself. */
export class Visitor {
  #cookies = new Map<string, string>();

  async visit(url: string, method = 'GET'): Promise<{ status: number; text: string; location: string }> {
    const cookie = [...this.#cookies].map((pair) => pair.join('=')).join('; ');
    const headers = { accept: 'text/html', cookie };
    const answer = await fetch(url, { method, headers, redirect: 'manual' });
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      this.#cookies.set(name, value);
    }
    const text = await answer.text();
    return { status: answer.status, text, location: answer.headers.get('location') ?? '' };
  }

  /** Opens a link and comes back with the service's answer: the address of ours that it was sent to. */
  async throughService(begin: string): Promise<string> {
    const away = await this.visit(begin);
    if (away.location === '') throw new Error(`not sent on: ${away.status} ${away.text}`);
    const back = await fetch(away.location, { redirect: 'manual' });
    return back.headers.get('location') ?? '';
  }
}

/** The heading of a page. */
export function headingOf({ text }: { text: string }): string {
  return /<h1>(.*?)<\/h1>/.exec(text)?.[1] ?? '';
}
