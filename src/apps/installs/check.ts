import type Stripe from 'stripe';
import type { Database } from '../../db/database.ts';
import { describeError } from '../../errors.ts';
import type { Logger } from '../../log.ts';
import { stripeFailure } from '../../stripe/failures.ts';
import type { AppSettings } from '../settings.ts';
import { factsOf } from './facts.ts';
import { TOLD_NOTHING, type Installs } from './installs.ts';
import type { OwnAccount } from './own-account.ts';
import { installOf, installsToCheck, noteInstallChecked } from './rows.ts';

/** Asks Stripe about all installs, since some changes never become events. */
export const CHECK_INSTALLS_JOB = 'quittance.check_installs';

const INSTALLS_PER_PAGE = 100;

export interface CheckOptions {
  database: Database;
  logger: Logger;
  livemode: boolean;
  installs: Installs;
  app: Pick<AppSettings, 'id' | 'access' | 'distribution'>;
  own: () => Stripe;
  ownAccount: OwnAccount;
}

/** Makes the installs that no event told of, and ends those whose end was not told. */
export async function checkInstalls(options: CheckOptions): Promise<void> {
  const { app, ownAccount } = options;
  if (app.distribution === 'private') return bring(options, await ownAccount.id());
  await findUntold(options);
  await checkKnown(options);
}

// Stripe lists the installs of an app; those by OAuth or by a key begin when that is handed in.
async function findUntold(options: CheckOptions): Promise<void> {
  const { app, own, database, livemode } = options;
  if (app.id === undefined || app.access !== 'platform') return;
  for await (const install of own().apps.installs.list({ app: app.id, limit: INSTALLS_PER_PAGE })) {
    if (factsOf(install) === null) continue;
    const known = await installOf(database.sql, install.account, livemode);
    if (known?.status !== 'installed') await tryToBring(options, install.account);
  }
}

async function checkKnown(options: CheckOptions): Promise<void> {
  const { database, livemode } = options;
  for (let after = ''; ;) {
    const page = await installsToCheck(database.sql, { livemode, after, limit: INSTALLS_PER_PAGE });
    for (const { id, account } of page) {
      const told = await tryToBring(options, account);
      if (!told) await noteInstallChecked(database.sql, id);
    }
    const last = page.at(-1);
    if (!last || page.length < INSTALLS_PER_PAGE) return;
    after = last.id;
  }
}

/** One that Stripe can't tell us about must not keep the others from being asked about. */
async function tryToBring(options: CheckOptions, account: string): Promise<boolean> {
  try {
    await bring(options, account);
    return true;
  } catch (error) {
    // Nobody can be told about now: to wait that out for each would take hours. The job comes again.
    if (stripeFailure(error) === 'unreachable') throw error;
    options.logger.warn({ account, error: describeError(error) }, 'an install could not be checked');
    return false;
  }
}

async function bring({ database, installs, livemode }: CheckOptions, account: string): Promise<void> {
  await database.transaction((sql) => installs.sync(sql, { account, livemode }, TOLD_NOTHING));
}
