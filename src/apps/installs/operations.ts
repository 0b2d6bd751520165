import { z } from 'zod';
import { accountFilter, idPage, livemodeFilter, operation, pageSchema } from '../../http/operation.ts';
import { INSTALL_STATUSES } from '../install.ts';

const time = z.iso.datetime();

const install = z
  .object({
    id: z.string(),
    account: z.string(),
    livemode: z.boolean(),
    sandbox: z.boolean(),
    status: z
      .enum(INSTALL_STATUSES)
      .describe(
        '`uninstalled`: nobody is let in, and the data wait for `remove_at`; `removed`: they are gone',
      ),
    access: z.enum(['platform', 'oauth', 'restricted_api_key']).describe('Whose key calls Stripe for it'),
    stripe_install: z.string().nullable(),
    permissions_granted: z.array(z.string()),
    permissions_pending: z.array(z.string()).describe('A newer version of the app asks for these'),
    approval_required: z.boolean(),
    reason: z.string().nullable().describe('Why it ended'),
    installed_at: time,
    uninstalled_at: time.nullable(),
    remove_at: time.nullable(),
    removed_at: time.nullable(),
  })
  .meta({ id: 'Install', description: 'Our Stripe App on an account' });

const wholeInstall = install
  .extend({
    removal: z.object({ removed_at: time, what: z.record(z.string(), z.number()) }).nullable(),
    connections: z
      .array(z.object({ name: z.string(), tokens_since: time.nullable() }))
      .describe('Other services; null: not connected'),
    secret_store: z
      .enum(['stripe', 'local'])
      .describe('`stripe`: its secrets are in Stripe’s Secret Store and are not listed here'),
    secrets: z
      .array(
        z.object({
          kind: z.enum(['stripe_token', 'restricted_key', 'secret']),
          name: z.string(),
          updated_at: time,
          expires_at: time.nullable(),
        }),
      )
      .describe('What is kept sealed here, by name'),
    jobs: z.array(
      z.object({
        id: z.string(),
        task: z.string(),
        state: z.enum(['waiting', 'running', 'failed']),
        run_at: time,
        attempts: z.int(),
        last_error: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: 'WholeInstall', description: 'An install with what is kept and queued for it' });

const tag = 'Installs';
const filters = {
  status: z.enum(INSTALL_STATUSES).nullable().default(null),
  account: accountFilter,
  livemode: livemodeFilter,
};

export const LIST_INSTALLS = operation({
  id: 'listInstalls',
  method: 'GET',
  path: '/api/apps/installs',
  tag,
  summary: 'List installs of the Stripe App, by id',
  role: 'viewer',
  query: z.strictObject({ ...filters, ...idPage }),
  answer: pageSchema(install),
});

export const EXPORT_INSTALLS = operation({
  id: 'exportInstalls',
  method: 'GET',
  path: '/api/exports/installs',
  tag,
  summary: 'All of the list as CSV',
  role: 'viewer',
  query: z.strictObject(filters),
  answer: 'text/csv',
});

export const GET_INSTALL = operation({
  id: 'getInstall',
  method: 'GET',
  path: '/api/apps/installs/{id}',
  tag,
  summary: 'One install, with what is kept and queued for it',
  role: 'viewer',
  query: z.strictObject({ livemode: livemodeFilter }),
  answer: wholeInstall,
  problems: ['install_not_found'],
});

export const END_INSTALL = operation({
  id: 'endInstall',
  method: 'POST',
  path: '/api/apps/installs/{id}/uninstall',
  tag,
  summary: 'End an install, at Stripe too where that can be',
  description: 'Nothing has ended when Stripe does not answer.',
  role: 'admin',
  answer: install.extend({
    stripe: z.object({
      outcome: z.enum(['uninstalled', 'not_installed', 'refused', 'not_asked']),
      message: z.string().nullable(),
    }),
  }),
  problems: ['install_not_found', 'stripe_unavailable'],
});

export const REMOVE_INSTALL_DATA = operation({
  id: 'removeInstallData',
  method: 'DELETE',
  path: '/api/apps/installs/{id}/data',
  tag,
  summary: 'Remove the data of an install that has ended, now',
  role: 'admin',
  answer: wholeInstall,
  problems: ['install_not_found', 'still_installed'],
});

export const KEEP_RESTRICTED_KEY = operation({
  id: 'keepRestrictedKey',
  method: 'PUT',
  path: '/api/apps/installs/restricted-key',
  tag,
  summary: 'Keep the restricted key that an account made for the app',
  description: 'Stripe is asked whose key it is. The app counts as installed then.',
  role: 'admin',
  body: z.strictObject({
    account: z.string('must be the id of an account: acct_…'),
    key: z.string('must be a restricted key: rk_test_… or rk_live_…'),
  }),
  bodyExample: '{"account":"acct_…","key":"rk_…"}',
  unaudited: ['key'],
  answer: install,
  problems: [
    'restricted_keys_off',
    'other_mode',
    'key_refused',
    'key_not_verifiable',
    'key_of_other_account',
    'stripe_unavailable',
  ],
});
