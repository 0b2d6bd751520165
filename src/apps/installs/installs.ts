import type { Sql } from '../../db/sql.ts';
import { newId } from '../../ids.ts';
import { admitAccount, dismissAccount } from '../../inbox/known-accounts.ts';
import { enqueueOn } from '../../jobs/enqueue.ts';
import type { Install, InstallAccess } from '../install.ts';
import type { AppSettings } from '../settings.ts';
import { NO_FACTS, type InstallFacts } from './facts.ts';
import { enqueueHook } from './hooks.ts';
import { removalKey, REMOVE_JOB } from './removal.ts';
import * as rows from './rows.ts';
import { readTruth, type TruthOptions } from './truth.ts';

/** Why an install ended that our own API ended. Stripe may still have it, so only news of it begin it again. */
export const ENDED_HERE = 'ended_by_api';

/** An account in one mode. */
export interface InstallSide {
  account: string;
  livemode: boolean;
}

/** What an event tells. It is a hint: Stripe is asked. */
export interface Told {
  /** Stripe's id of the install it is about, or null. */
  stripeInstall: string | null;
  /** When an install was made, of events that tell of that. */
  installedAt: Date | null;
}

/** Somebody asks, and no event tells anything. */
export const TOLD_NOTHING: Told = { stripeInstall: null, installedAt: null };

export interface InstallsOptions extends TruthOptions {
  app: AppSettings;
}

/**
 * Which accounts have the app. The only way an install begins and ends: each in the transaction of who calls,
 * under the lock of the install, with the account let in or put aside and the hooks queued.
 */
export class Installs {
  readonly #options: InstallsOptions;

  constructor(options: InstallsOptions) {
    this.#options = options;
  }

  /**
   * Brings an install to what Stripe says of it, whatever was told and in whichever order. Null when the app
   * is not on the account and was not.
   */
  async sync(sql: Sql, side: InstallSide, told: Told): Promise<Install | null> {
    const { app } = this.#options;
    const known = await rows.lockInstallOf(sql, side.account, side.livemode);
    const isInstalled = known?.status === 'installed';
    // Without a token or a key we could do nothing for it: handing that in makes the install.
    if (app.access !== 'platform' && app.distribution === 'public' && !isInstalled) return known;
    const { account } = side;
    const truth = await readTruth(this.#options, {
      account,
      known,
      stripeInstall: told.stripeInstall,
    });
    if ('gone' in truth) return isInstalled ? this.#end(sql, known, truth.gone) : known;
    if (known && !isInstalled && !begins(known, truth.facts, told)) return known;
    const access = known && isInstalled ? known.access : app.access;
    return this.#save(sql, known, { ...side, access, facts: truth.facts ?? undefined });
  }

  /**
   * Notes that the app is on an account: a new install, or the old one if its data are still here. Calls
   * `onInstall` when it was not. `facts`: what Stripe tells of it, if anybody asked.
   */
  async installed(
    sql: Sql,
    made: InstallSide & { access: InstallAccess; facts?: InstallFacts },
  ): Promise<Install> {
    return this.#save(sql, await rows.lockInstallOf(sql, made.account, made.livemode), made);
  }

  /**
   * Notes that the app is no longer on an account: at once for everybody who asks, its data after the days of
   * grace. Twice is once. Null when it was not there.
   */
  async uninstalled(
    sql: Sql,
    { reason, ...side }: InstallSide & { reason: string },
  ): Promise<Install | null> {
    const known = await rows.lockInstallOf(sql, side.account, side.livemode);
    return known?.status === 'installed' ? this.#end(sql, known, reason) : known;
  }

  async #save(
    sql: Sql,
    known: Install | null,
    made: InstallSide & { access: InstallAccess; facts?: InstallFacts | undefined },
  ): Promise<Install> {
    const { account, livemode, access, facts = factsBefore(known) } = made;
    const { app } = this.#options;
    if (known?.status === 'installed') {
      if (access === known.access && isSame(known, facts)) {
        await rows.noteInstallChecked(sql, known.id);
        return known;
      }
      const changed = await rows.saveInstalled(sql, { id: known.id, access }, facts);
      await this.#tellOfPermissions(sql, known, changed);
      return changed;
    }
    const id = newId('ins');
    const install = known
      ? await rows.saveInstalled(sql, { id: known.id, access }, facts)
      : await rows.insertInstall(sql, { id, account, livemode, sandbox: app.sandbox, access }, facts);
    await admitAccount(sql, account, livemode, 'install');
    await enqueueHook(sql, app, install, { hook: 'onInstall', restored: known !== null });
    return install;
  }

  async #tellOfPermissions(sql: Sql, before: Install, now: Install): Promise<void> {
    if (before.stripe_install === null) return; // now we know what was granted all the time
    const added = without(now.permissions_granted, before.permissions_granted);
    const removed = without(before.permissions_granted, now.permissions_granted);
    const pending = now.permissions_pending;
    const isPendingNew = pending.join() !== before.permissions_pending.join();
    if (added.length === 0 && removed.length === 0 && !isPendingNew) return;
    const call = { hook: 'onPermissionsChanged', added, removed, pending } as const;
    await enqueueHook(sql, this.#options.app, now, call);
  }

  async #end(sql: Sql, known: Install, reason: string): Promise<Install> {
    const { app } = this.#options;
    const { graceDays } = app;
    const ended = await rows.saveUninstalled(sql, known.id, { reason, graceDays });
    await dismissAccount(sql, known.account, known.livemode, 'install');
    const runAt = new Date(String(ended.remove_at));
    await enqueueOn(sql)(REMOVE_JOB, { install: known.id }, { runAt, key: removalKey(known.id) });
    await enqueueHook(sql, app, ended, { hook: 'onUninstall' });
    return ended;
  }
}

// An install that we ended by hand may stand at Stripe for ever: only a later one is one.
function begins(
  { reason, stripe_install: known, uninstalled_at: endedAt }: Install,
  facts: InstallFacts | null,
  { installedAt }: Told,
): boolean {
  if (reason !== ENDED_HERE) return true;
  const told = facts?.stripe_install ?? null;
  if (known !== null && told !== null && told !== known) return true;
  return installedAt !== null && installedAt > new Date(String(endedAt));
}

// Whoever came back has another install at Stripe: to ask for the old one would be to hear that it has ended.
function factsBefore(known: Install | null): InstallFacts {
  return { ...(known?.status === 'installed' ? known : NO_FACTS), stripe_install: null };
}

function isSame(known: InstallFacts, facts: InstallFacts): boolean {
  return (
    known.stripe_install === facts.stripe_install &&
    known.approval_required === facts.approval_required &&
    known.permissions_granted.join() === facts.permissions_granted.join() &&
    known.permissions_pending.join() === facts.permissions_pending.join()
  );
}

function without(some: readonly string[], others: readonly string[]): string[] {
  return some.filter((each) => !others.includes(each));
}
