import type { Hono } from 'hono';
import type Stripe from 'stripe';
import type { Sql } from '../db/sql.ts';
import type { JobContext } from '../jobs/context.ts';
import type { Install } from './install.ts';

/** What a signed request of the app's extension proves. */
export interface VerifiedAppRequest {
  /** The Dashboard user who sent it: `usr_…`. */
  userId: string;
  /** The account they work on: `acct_…`. */
  accountId: string;
  /** The roles that Stripe vouched for (`stripe_roles`), by id or, where there is none, by name. */
  roles: readonly string[];
  livemode: boolean;
  /** What was sent, all of it signed. */
  payload: Record<string, unknown>;
  /**
   * In compatible mode: fields of the body that the signature does not cover. Anybody on the way may have
   * written them. Always empty in strict mode.
   */
  unsigned: Record<string, unknown>;
}

/** Whose secret it is: of the whole account, or of one of its users (`usr_…`). */
export interface SecretScope {
  user?: string;
}

/** Secrets of an install: in Stripe's Secret Store, or sealed in our database. */
export interface AppSecrets {
  /** Null when there is none of that name, or it has expired. */
  get(name: string, scope?: SecretScope): Promise<string | null>;
  /** Keeps it, in place of one of the same name. `expiresAt` in Unix seconds. Ten per scope at most. */
  set(name: string, payload: string, options?: SecretScope & { expiresAt?: number }): Promise<void>;
  /** False when there was none. */
  delete(name: string, scope?: SecretScope): Promise<boolean>;
}

/** What another service gave us to call it with. */
export interface ConnectionTokens {
  accessToken: string;
  refreshToken?: string;
  /** Unix seconds; left out for credentials that do not end. */
  expiresAt?: number;
}

/** Other services that an install is connected to, by the names in the options. */
export interface AppConnections {
  /** Where the user's browser begins to connect; good for ten minutes. */
  start(name: string): Promise<{ url: string; expiresAt: string }>;
  /** `refused`: the service no longer takes what we have; the user has to connect anew. */
  status(name: string): Promise<'connected' | 'absent' | 'refused'>;
  /** Keeps credentials that came another way, an API key for example. */
  put(name: string, tokens: ConnectionTokens): Promise<void>;
  /** Calls the service with its token, fresh; only hosts of the connection's `apiHosts`. */
  fetch(name: string, url: string, init?: RequestInit): Promise<Response>;
  /** Revokes and forgets. False when there was nothing. */
  disconnect(name: string): Promise<boolean>;
}

/** What everything that runs for an install is given. */
export interface InstallContext {
  install: Install;
  /** Stripe's client for this account and mode, whichever way the app has access. */
  stripe: Stripe;
  secrets: AppSecrets;
  connections: AppConnections;
}

/** Queues a job of the app for this install. */
export type EnqueueForInstall = (
  name: string,
  payload?: unknown,
  options?: { key?: string; runAt?: Date },
) => Promise<void>;

/** What a route behind `signed()` finds in `context.var.app`. */
export interface AppContext extends InstallContext {
  verified: VerifiedAppRequest;
  /** Runs statements, each in its own transaction. */
  sql: Sql;
  enqueue: EnqueueForInstall;
}

/** The variables that `signed()` sets, for `new Hono<AppEnv>()`. */
export interface AppEnv {
  Variables: { app: AppContext };
}

/** What a job of the app is given. */
export interface AppJobContext
  extends InstallContext, Pick<JobContext, 'idempotencyKey' | 'attempt' | 'sql'> {
  enqueue: EnqueueForInstall;
}

/** A job that runs for one install. One that was uninstalled meanwhile is passed over. */
export type AppJobFunction = (payload: unknown, context: AppJobContext) => unknown;

/** What hooks of the install's life are given. They run in jobs, so a throw is tried again. */
export interface InstallHookContext
  extends InstallContext, Pick<JobContext, 'idempotencyKey' | 'attempt' | 'sql'> {
  enqueue: EnqueueForInstall;
}

/** Called once an account has installed the app; `restored` when it came back before its data had gone. */
export type OnInstall = (install: Install, context: InstallHookContext & { restored: boolean }) => unknown;

/** Called when other permissions were granted, or are waiting to be. */
export type OnPermissionsChanged = (
  install: Install,
  context: InstallHookContext & { added: string[]; removed: string[]; pending: string[] },
) => unknown;

/**
 * Called at once when an account has uninstalled the app. There is no Stripe access any more: `stripe` throws
 * `not_installed`.
 */
export type OnUninstall = (install: Install, context: InstallHookContext) => unknown;

/**
 * Removes the app's own data of an account, when the grace period is over, in the transaction that removes
 * ours. What it returns (`{ notes: 12 }`) stands in the record of the removal.
 */
export type RemoveData = (
  install: Install,
  context: { sql: Sql },
) => Record<string, number> | void | Promise<Record<string, number> | void>;

/** Adds the app's addresses, below `/apps`: each has to verify (`signed`). */
export type AppRoutes = (app: Hono<AppEnv>) => unknown;
