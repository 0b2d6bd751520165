import type { Hono } from 'hono';
import { z } from 'zod';
import { underApiKey } from '../../http/api-key.ts';
import { problemResponse, type Problem } from '../../http/problem.ts';
import { badField } from '../../http/request.ts';
import type { Logger } from '../../log.ts';
import { describeStripeError, stripeFailure } from '../../stripe/failures.ts';
import { INSTALL_STATUSES, type Install } from '../install.ts';
import { endInstall, type EndOptions } from './end.ts';
import { removalOf } from './removal-rows.ts';
import { removeInstall, type RemovalOptions } from './removal.ts';
import { installById, listInstalls } from './rows.ts';

const LIMIT_DEFAULT = 100;
const LIMIT_MAX = 1_000;
const RETRY_AFTER_SECONDS = 5;

export interface InstallRoutesOptions extends EndOptions {
  logger: Logger;
  livemode: boolean;
  apiKey: string | undefined;
  removal: RemovalOptions;
}

const querySchema = z.strictObject({
  after: z.string().max(64).nullable().default(null),
  limit: z.coerce.number().int().min(1).max(LIMIT_MAX).default(LIMIT_DEFAULT),
  status: z.enum(INSTALL_STATUSES).nullable().default(null),
  account: z
    .string()
    .regex(/^acct_\w{1,100}$/, 'must be an account, acct_…')
    .nullable()
    .default(null),
});

/** Installs of the app, for the app's own server and staff: under the API key. */
export function installRoutes(app: Hono, options: InstallRoutesOptions): void {
  const { database, livemode, apiKey, removal } = options;

  app.use('/api/apps/installs/*', underApiKey(apiKey));

  app.get('/api/apps/installs', async (context) => {
    const query = querySchema.safeParse(context.req.query());
    if (!query.success) return problemResponse(badQuery(query.error.issues[0]));
    const { limit } = query.data;
    const found = await listInstalls(database.sql, { ...query.data, livemode, limit: limit + 1 });
    const data = found.slice(0, limit);
    return context.json({ data, next: found.length > limit ? (data.at(-1)?.id ?? null) : null });
  });

  app.get('/api/apps/installs/:id', async (context) => {
    const install = await known(options, context.req.param('id'));
    return install ? context.json(await withRemoval(options, install)) : problemResponse(UNKNOWN);
  });

  app.post('/api/apps/installs/:id/uninstall', async (context) => {
    const install = await known(options, context.req.param('id'));
    if (!install) return problemResponse(UNKNOWN);
    if (install.status !== 'installed') return context.json({ ...install, stripe: NOTHING_TO_ASK });
    try {
      const ended = await endInstall(options, install);
      return context.json({ ...ended.install, stripe: ended.stripe });
    } catch (error) {
      if (stripeFailure(error) === null) throw error;
      options.logger.warn({ install: install.id, ...describeStripeError(error) }, 'an install was not ended');
      return problemResponse(STRIPE_AWAY);
    }
  });

  app.delete('/api/apps/installs/:id/data', async (context) => {
    const install = await known(options, context.req.param('id'));
    if (!install) return problemResponse(UNKNOWN);
    const removed = await removeInstall(removal, install.id, { early: true });
    if (removed?.status !== 'removed') return problemResponse(STILL_INSTALLED);
    return context.json(await withRemoval(options, removed));
  });
}

async function known({ database, livemode }: InstallRoutesOptions, id: string): Promise<Install | null> {
  const install = await installById(database.sql, id);
  return install?.livemode === livemode ? install : null;
}

async function withRemoval(
  { database }: InstallRoutesOptions,
  install: Install,
): Promise<Record<string, unknown>> {
  return { ...install, removal: await removalOf(database.sql, install.id) };
}

function badQuery(issue: z.core.$ZodIssue | undefined): Problem {
  if (issue?.code === 'unrecognized_keys') {
    return badField(issue.keys[0] ?? '', 'is not a parameter; known are after, limit, status and account');
  }
  return badField(issue?.path.join('.') ?? '', `is wrong: ${issue?.message}`);
}

const NOTHING_TO_ASK = { outcome: 'not_asked', message: null };

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
