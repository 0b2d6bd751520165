import type { Database } from '../../db/database.ts';
import type { Sql } from '../../db/sql.ts';
import { enqueueOn } from '../../jobs/enqueue.ts';
import type { JobContext } from '../../jobs/context.ts';
import type { EnqueueForInstall, InstallContext, InstallHookContext } from '../context.ts';
import { INSTALL_JOB_PRIORITY, type Install } from '../install.ts';
import type { AppSettings } from '../settings.ts';
import { installById } from './rows.ts';

/** Calls one of the app's hooks. */
export const HOOK_JOB = 'quittance.install_hook';

/** Which hook is to be called, and with what. */
export type HookCall =
  | { hook: 'onInstall'; restored: boolean }
  | { hook: 'onPermissionsChanged'; added: string[]; removed: string[]; pending: string[] }
  | { hook: 'onUninstall' };

export type Hooks = Pick<AppSettings, HookCall['hook']>;

/** Queues a call in the transaction of what it tells of; nothing when the app has no such hook. */
export async function enqueueHook(sql: Sql, hooks: Hooks, install: Install, call: HookCall): Promise<void> {
  if (!hooks[call.hook]) return;
  // In the queue of the app's own jobs for it: one at a time.
  await enqueueOn(sql)(
    HOOK_JOB,
    { install: install.id, ...call },
    { queue: install.id, priority: INSTALL_JOB_PRIORITY },
  );
}

export interface HookOptions {
  database: Database;
  app: Hooks;
  /** What everything that runs for an install is given. */
  contextFor: (install: Install) => InstallContext | Promise<InstallContext>;
  /** Queues jobs of the app for an install, through this `sql`. */
  enqueueFor: (install: Install, sql: Sql) => EnqueueForInstall;
}

/**
 * Runs the job. A hook is told of what still is: `onInstall` of an account that has gone since is passed
 * over, and `onUninstall` of one that came back, since both would undo what was told after them.
 */
export async function runHook(options: HookOptions, payload: unknown, job: JobContext): Promise<void> {
  const call = payload as HookCall & { install: string };
  const install = await installById(options.database.sql, call.install);
  if (!install || (call.hook === 'onUninstall') === (install.status === 'installed')) return;
  const { app } = options;
  switch (call.hook) {
    case 'onInstall': {
      const { restored } = call;
      return void (await app.onInstall?.(install, await contextOf(options, install, job, { restored })));
    }
    case 'onPermissionsChanged': {
      const { added, removed, pending } = call;
      const context = await contextOf(options, install, job, { added, removed, pending });
      return void (await app.onPermissionsChanged?.(install, context));
    }
    case 'onUninstall':
      return void (await app.onUninstall?.(install, await contextOf(options, install, job, {})));
    default:
      call satisfies never;
  }
}

// `stripe` is made when it is asked for, and throws for an account that has gone: copying it would ask.
async function contextOf<T extends object>(
  { contextFor, enqueueFor }: HookOptions,
  install: Install,
  { idempotencyKey, attempt, sql }: JobContext,
  told: T,
): Promise<InstallHookContext & T> {
  const given = await contextFor(install);
  const enqueue = enqueueFor(install, sql);
  return Object.defineProperties(
    { idempotencyKey, attempt, sql, enqueue, ...told },
    Object.getOwnPropertyDescriptors(given),
  ) as InstallHookContext & T;
}
