import { z } from 'zod';
import type {
  AppJobFunction,
  AppRoutes,
  OnInstall,
  OnPermissionsChanged,
  OnUninstall,
  RemoveData,
} from './context.ts';

const GRACE_DAYS_DEFAULT = 30;
const GRACE_DAYS_MAX = 365;

const httpsUrl = z.url({ protocol: /^https?$/, error: 'must be a URL that begins with https://' });

/** Another service that installs may be connected to, by OAuth 2.0. */
const connectionFields = z.strictObject({
  /** Where a user agrees; or `issuer`, whose metadata (RFC 8414) say it. */
  authorizationEndpoint: httpsUrl.optional(),
  tokenEndpoint: httpsUrl.optional(),
  /** Where tokens are given back (RFC 7009). */
  revocationEndpoint: httpsUrl.optional(),
  issuer: httpsUrl.optional(),
  clientId: z.string().min(1).optional(),
  clientSecret: z.string().min(1).optional(),
  /** How the client secret is sent. Left out: as the service's metadata say, or as `client_secret_basic`. */
  clientAuthentication: z.enum(['client_secret_basic', 'client_secret_post']).optional(),
  scopes: z.array(z.string().min(1)).max(50).default([]),
  /** What the service wants to be asked besides, for example `{ token_access_type: 'offline' }`. */
  authorizationParams: z.record(z.string().min(1), z.string()).default({}),
  /** Hosts that may be called with the token, for example `api.dropboxapi.com`, with the port if it has one. */
  apiHosts: z
    .array(
      z
        .string()
        .regex(/^[^/@?#\s]+$/, 'must be a host, for example "api.example.com"')
        .toLowerCase(),
    )
    .min(1)
    .max(20),
  /** Lets it be in a private network, which calls are kept out of otherwise. */
  allowPrivateNetwork: z.boolean().default(false),
});

const ENDPOINTS = ['authorizationEndpoint', 'tokenEndpoint', 'revocationEndpoint', 'issuer'] as const;

const connectionSchema = connectionFields.superRefine((connection, context) => {
  for (const name of ENDPOINTS) {
    if (connection.allowPrivateNetwork || !connection[name]?.startsWith('http:')) continue;
    const message = 'must begin with https://; http is for connections with "allowPrivateNetwork" only';
    context.addIssue({ code: 'custom', path: [name], message });
  }
});

/** One connection's settings, checked and with their defaults. */
export type ConnectionSettings = z.output<typeof connectionSchema>;

const aFunction = <T>(): z.ZodOptional<z.ZodCustom<T, T>> =>
  z.custom<T>((value) => typeof value === 'function', 'must be a function').optional();

/** The backend of a Stripe App. */
export const appSchema = z.strictObject({
  /** The app's id in its manifest, `com.example.notes`. Without it, events of any app of ours count. */
  id: z
    .string()
    .regex(/^[\w.-]{1,255}$/, 'must be the id of the manifest, for example "com.example.notes"')
    .optional(),
  /** `stripe_api_access_type` of the manifest. */
  access: z.enum(['platform', 'oauth', 'restricted_api_key']).default('platform'),
  /** `private`: installed on our own account only, whose events come to the endpoint for our account. */
  distribution: z.enum(['public', 'private']).default('public'),
  /** `strict`: all that is sent is signed. `compatible`: as Stripe's documentation has it. */
  signing: z.enum(['strict', 'compatible']).default('strict'),
  /** This server is for sandboxes: they have test mode, and keys and endpoints of their own. */
  sandbox: z.boolean().default(false),
  /** For how many days the data of an account are kept after it has uninstalled the app. */
  graceDays: z.number().min(0).max(GRACE_DAYS_MAX).default(GRACE_DAYS_DEFAULT),
  /** Where `secrets` are kept: in Stripe's Secret Store, or sealed in our database. */
  secretStore: z.enum(['stripe', 'local']).default('stripe'),
  /** Where a browser goes after an install by OAuth; a page of ours when left out. */
  installedUrl: httpsUrl.optional(),
  connections: z.record(z.string().regex(/^[a-z][a-z0-9_-]{0,40}$/), connectionSchema).default({}),
  onInstall: aFunction<OnInstall>(),
  onPermissionsChanged: aFunction<OnPermissionsChanged>(),
  onUninstall: aFunction<OnUninstall>(),
  removeData: aFunction<RemoveData>(),
  routes: aFunction<AppRoutes>(),
  /** Job name → what it does, for one install. */
  jobs: z
    .record(
      z.string(),
      z.custom<AppJobFunction>((value) => typeof value === 'function', 'must be a function'),
    )
    .default({}),
  /** Crontab line (UTC) → name of the job to run for each installed account. */
  cron: z.record(z.string(), z.string()).default({}),
});

/** The settings of the app, checked and with their defaults. */
export type AppSettings = z.output<typeof appSchema>;

/** What `createQuittance` takes as `app`. */
export type AppOptions = z.input<typeof appSchema>;

/**
 * Whether this server is the backend of an app. Its secret alone does not make it one: `dev` brings a secret
 * along, and accounts that connect to a marketplace are not installs.
 */
export function isAppOn({ settings }: { settings: { app?: AppSettings | undefined } }): boolean {
  return settings.app !== undefined;
}
