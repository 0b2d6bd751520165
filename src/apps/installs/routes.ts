import type { z } from 'zod';
import type { Api } from '../../http/api.ts';
import { pageOf } from '../../http/operation.ts';
import type { Problem } from '../../http/problem.ts';
import type { Logger } from '../../log.ts';
import { describeStripeError, stripeFailure } from '../../stripe/failures.ts';
import type { Install } from '../install.ts';
import type { AppSettings } from '../settings.ts';
import { jobsOf, namesKept } from './detail-rows.ts';
import { endInstall, type EndOptions } from './end.ts';
import { exportInstalls } from './export.ts';
import * as operations from './operations.ts';
import { removalOf } from './removal-rows.ts';
import { removeInstall, type RemovalOptions } from './removal.ts';
import { installById, listInstalls } from './rows.ts';

const RETRY_AFTER_SECONDS = 5;
// Stripe's Secret Store has ten for an account and ten for each user, and ours as many.
const NAMES_MAX = 1_000;
const JOBS_MAX = 100;

export interface InstallRoutesOptions extends EndOptions {
  app: EndOptions['app'] & Pick<AppSettings, 'connections' | 'secretStore'>;
  logger: Logger;
  livemode: boolean;
  removal: RemovalOptions;
}

type WholeInstall = z.input<typeof operations.GET_INSTALL.answer>;

/** Installs of the app, for the app's own server and staff. */
export function installRoutes(api: Api, options: InstallRoutesOptions): void {
  const { database, removal } = options;

  api.on(operations.LIST_INSTALLS, async ({ query }) => {
    const { limit, livemode = options.livemode, ...filter } = query;
    const found = await listInstalls(database.sql, { ...filter, livemode, limit: limit + 1 });
    return { value: pageOf(found, limit, ({ id }) => id) };
  });

  api.on(operations.EXPORT_INSTALLS, async ({ query }) => {
    const { livemode = options.livemode, ...filter } = query;
    return exportInstalls(database.sql, { ...filter, livemode });
  });

  api.on(operations.GET_INSTALL, async ({ params, query }) => {
    const install = await known(options, params.id ?? '', query.livemode);
    return install ? { value: await wholeOf(options, install) } : { problem: UNKNOWN };
  });

  api.on(operations.END_INSTALL, async ({ params }) => {
    const install = await known(options, params.id ?? '');
    if (!install) return { problem: UNKNOWN };
    if (install.status !== 'installed') return { value: { ...install, stripe: NOTHING_TO_ASK } };
    try {
      const ended = await endInstall(options, install);
      return { value: { ...ended.install, stripe: ended.stripe } };
    } catch (error) {
      if (stripeFailure(error) === null) throw error;
      options.logger.warn({ install: install.id, ...describeStripeError(error) }, 'an install was not ended');
      return { problem: STRIPE_AWAY };
    }
  });

  api.on(operations.REMOVE_INSTALL_DATA, async ({ params }) => {
    const install = await known(options, params.id ?? '');
    if (!install) return { problem: UNKNOWN };
    const removed = await removeInstall(removal, install.id, { early: true });
    if (removed?.status !== 'removed') return { problem: STILL_INSTALLED };
    return { value: await wholeOf(options, removed) };
  });
}

async function known(
  { database, livemode: own }: InstallRoutesOptions,
  id: string,
  livemode = own,
): Promise<Install | null> {
  const install = await installById(database.sql, id);
  return install?.livemode === livemode ? install : null;
}

async function wholeOf(
  { database: { sql }, app }: InstallRoutesOptions,
  install: Install,
): Promise<WholeInstall> {
  const { id } = install;
  const kept = await namesKept(sql, id, NAMES_MAX);
  const connected = kept.filter(({ kind }) => kind === 'connection');
  const names = new Set([...Object.keys(app.connections), ...connected.map(({ name }) => name)]);
  return {
    ...install,
    removal: await removalOf(sql, id),
    connections: [...names].map((name) => ({
      name,
      tokens_since: connected.find((each) => each.name === name)?.created_at ?? null,
    })),
    secret_store: app.secretStore,
    secrets: kept.flatMap(({ kind, name, updated_at, expires_at }) =>
      kind === 'connection' ? [] : [{ kind, name, updated_at, expires_at }],
    ),
    jobs: await jobsOf(sql, id, JOBS_MAX),
  };
}

const NOTHING_TO_ASK = { outcome: 'not_asked', message: null } as const;

const UNKNOWN: Problem = {
  status: 404,
  code: 'install_not_found',
  detail: 'There is no such install in this mode.',
};

const STILL_INSTALLED: Problem = {
  status: 409,
  code: 'still_installed',
  detail: 'The account has the app: end the install first, by POST …/uninstall or at Stripe.',
};

const STRIPE_AWAY: Problem = {
  status: 502,
  code: 'stripe_unavailable',
  detail: 'Stripe did not answer, so the app may still be installed. The same request tries again.',
  headers: { 'retry-after': String(RETRY_AFTER_SECONDS) },
};
