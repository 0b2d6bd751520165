import { z } from 'zod';
import type { Clock } from './clock.ts';
import { QuittanceError } from './errors.ts';
import type { ReachFailpoint } from './failpoints.ts';
import type { Handler } from './inbox/handlers.ts';
import type { JobFunction } from './jobs/context.ts';
import type { Logger } from './log.ts';
import type { Fulfil } from './orders/fulfil.ts';
import { appSchema } from './apps/settings.ts';
import type { OnSellerChange } from './connect/seller.ts';
import { connectSchema } from './connect/settings.ts';
import { consoleSchema, issuerUrl, oidcSchema } from './operators/settings.ts';
import { sinksSchema } from './sinks/settings.ts';
import {
  appSecrets,
  longSecret,
  password,
  previousSecrets,
  proxies,
  webhookSecrets,
  webUrl,
} from './option-schemas.ts';
import { productsSchema, type ProductInput } from './orders/products.ts';

const schema = z
  .strictObject({
    /** PostgreSQL 15 or later, as a `postgres://` URL. */
    databaseUrl: z.string().regex(/^postgres(ql)?:\/\//, 'must begin with postgres://'),
    /** Where buyers and Stripe reach this server. Default `http://localhost:4000`. */
    publicUrl: webUrl.default('http://localhost:4000'),
    /** `sk_…` or restricted `rk_…`. Without it events are still received and stored. */
    stripeSecretKey: z
      .string()
      .regex(
        /^(sk|rk)_(test|live)_\S+$/,
        'must be a secret or restricted key: sk_test_…, sk_live_…, rk_test_… or rk_live_…',
      )
      .optional(),
    /** `pk_…`, for the payment page. */
    stripePublishableKey: z
      .string()
      .regex(/^pk_(test|live)_\S+$/, 'must be a publishable key: pk_test_… or pk_live_…')
      .optional(),
    /** Secrets of the endpoint for our own account. */
    stripeWebhookSecret: webhookSecrets,
    /** Secrets of a destination for thin events; tried at the same address. */
    stripeThinWebhookSecret: webhookSecrets,
    /** Secrets of the endpoint for connected accounts, at `/api/webhook/connect`. */
    stripeConnectWebhookSecret: webhookSecrets,
    /** `ca_…`: lets sellers connect accounts they have by OAuth. Without it OAuth is off. */
    stripeConnectClientId: z
      .string()
      .regex(/^ca_\w+$/, 'must be the client id of your platform, which begins with "ca_"')
      .optional(),
    /** How sellers are taken on and paid. */
    connect: connectSchema,
    /** `absec_…`: what our Stripe App's extension signs with. Several while one is rolled. */
    stripeAppSecret: appSecrets,
    /** `ca_…` of the Stripe App: accounts install it by OAuth. */
    stripeAppClientId: z
      .string()
      .regex(/^ca_\w+$/, 'must be the client id of your app, which begins with "ca_"')
      .optional(),
    /** The backend of a Stripe App: its routes, hooks, jobs and connections. */
    app: appSchema.optional(),
    /** Systems of yours that are told of events. */
    sinks: sinksSchema,
    /** Another Stripe, for example the simulator. Default: Stripe. */
    stripeApiBase: webUrl.optional(),
    /** Bearer token of the server-to-server API. Without it that API is closed. */
    apiKey: longSecret.optional(),
    /** Password of the operator `admin`, 12 characters or more. Operators can be added without it. */
    adminPassword: password.optional(),
    /** How long sessions of the console last. */
    console: consoleSchema,
    /** Where operators sign in: the issuer of an OpenID provider, and what it knows us by. */
    oidcIssuer: issuerUrl.optional(),
    oidcClientId: z.string().min(1).optional(),
    oidcClientSecret: z.string().min(1).optional(),
    /** Who of those that the OpenID provider knows may do what. */
    oidc: oidcSchema,
    /** How many proxies of your own stand before this server: who is before them is believed. Default 0. */
    trustedProxies: proxies.default(0),
    /** Bearer token of `/metrics`. Without it everybody who reaches the server may read them. */
    metricsToken: longSecret.optional(),
    /** Secrets that `secret` replaced: what they sealed can still be read. */
    previousSecrets,
    /** Signs the tokens of orders and seals secrets at rest. The same in every process. */
    secret: longSecret,
    products: productsSchema.default([]),
    /** The name of the shop, on its pages. */
    shopName: z.string().min(1).max(100).default('Quittance Shop'),
  })
  .superRefine((options, context) => {
    if (options.app?.access === 'oauth' && !options.stripeAppClientId) {
      const message = 'is needed, since the access of the app is "oauth": the client id (ca_…) of your app';
      context.addIssue({ code: 'custom', path: ['stripeAppClientId'], message });
    }
    if (options.oidcIssuer && !options.oidcClientId) {
      const message = 'is needed, since there is an oidcIssuer: what the provider knows this server by';
      context.addIssue({ code: 'custom', path: ['oidcClientId'], message });
    }
    const { stripeSecretKey, stripePublishableKey } = options;
    if (!stripeSecretKey || !stripePublishableKey) return;
    if (modeOf(stripeSecretKey) === modeOf(stripePublishableKey)) return;
    context.addIssue({
      code: 'custom',
      path: ['stripePublishableKey'],
      message: 'is of another mode than stripeSecretKey: one is a test key, the other a live key',
    });
  });

/** The values of the options, checked and with their defaults. */
export type Settings = z.output<typeof schema>;

/** What `createQuittance` takes. Times and randomness can be replaced, which tests do. */
export interface QuittanceOptions extends Omit<z.input<typeof schema>, 'products'> {
  products?: ProductInput[];
  /** Called once for each paid order, inside the transaction that marks it as fulfilled. */
  fulfil?: Fulfil;
  /** Called by a job when a seller became ready, restricted, disconnected, …. */
  onSellerChange?: OnSellerChange;
  /** Event type → what to do. More can be added with `on`. */
  handlers?: Record<string, Handler>;
  /** Job name → what it does. More can be added with `job`. */
  jobs?: Record<string, JobFunction>;
  /** Crontab line (`0 6 * * *`, in UTC) → name of the job to queue. More can be added with `cron`. */
  cron?: Record<string, string>;
  logger?: Logger;
  clock?: Clock;
  random?: () => number;
  /** Where tests kill the process. */
  reach?: ReachFailpoint;
  /** Workers of the drain, and how long they wait. */
  drain?: DrainSettings;
  /** Whether our own jobs, and the app's crons, run at the start and in time by themselves. Default true. */
  housekeeping?: boolean;
}

const FUNCTIONS = [
  'fulfil',
  'onSellerChange',
  'handlers',
  'jobs',
  'cron',
  'logger',
  'clock',
  'random',
  'reach',
  'drain',
  'housekeeping',
];
const KNOWN = new Set([...Object.keys(schema.shape), ...FUNCTIONS]);

export interface DrainSettings {
  workers?: number;
  slowWorkers?: number;
  keysPerBatch?: number;
  handlerSecondsMax?: number;
  /** Server-side limit for a transaction that waits for us: how long a frozen process holds its locks. */
  idleInTransactionSecondsMax?: number;
  backoff?: (attempts: number, random: number) => number;
}

/** Checks the options. Throws `invalid_options`, a line for each that is wrong, by the name it was given. */
export function parseOptions(
  options: QuittanceOptions,
  nameOf: (option: string) => string = (name) => name,
): Settings {
  const values = Object.fromEntries(
    Object.keys(schema.shape).map((name) => [name, options[name as keyof Settings]]),
  );
  const unknown = Object.keys(options).filter((name) => !KNOWN.has(name));
  const parsed = schema.safeParse(values);
  if (parsed.success && unknown.length === 0) return parsed.data;
  const issues = parsed.error?.issues ?? [];
  const lines = issues.map(({ path: [option, ...inner], message }) => {
    const place = inner.length > 0 ? ` (at ${inner.join('.')})` : '';
    const missing = values[String(option)] === undefined;
    return `${nameOf(String(option))}${place} ${missing ? 'is missing' : message}`;
  });
  lines.push(...unknown.map((name) => `${name} is not an option; known are ${[...KNOWN].join(', ')}`));
  throw new QuittanceError({ code: 'invalid_options', message: lines.join('\n') });
}

/** `live` or `test`, from the second part of a key. */
function modeOf(key: string): string {
  return key.split('_')[1] ?? '';
}

const VARIABLES: Record<string, keyof QuittanceOptions> = {
  DATABASE_URL: 'databaseUrl',
  PUBLIC_URL: 'publicUrl',
  STRIPE_SECRET_KEY: 'stripeSecretKey',
  STRIPE_PUBLISHABLE_KEY: 'stripePublishableKey',
  STRIPE_WEBHOOK_SECRET: 'stripeWebhookSecret',
  STRIPE_THIN_WEBHOOK_SECRET: 'stripeThinWebhookSecret',
  STRIPE_CONNECT_WEBHOOK_SECRET: 'stripeConnectWebhookSecret',
  STRIPE_CONNECT_CLIENT_ID: 'stripeConnectClientId',
  STRIPE_APP_SECRET: 'stripeAppSecret',
  STRIPE_APP_CLIENT_ID: 'stripeAppClientId',
  STRIPE_API_BASE: 'stripeApiBase',
  QUITTANCE_API_KEY: 'apiKey',
  QUITTANCE_ADMIN_PASSWORD: 'adminPassword',
  QUITTANCE_OIDC_ISSUER: 'oidcIssuer',
  QUITTANCE_OIDC_CLIENT_ID: 'oidcClientId',
  QUITTANCE_OIDC_CLIENT_SECRET: 'oidcClientSecret',
  QUITTANCE_TRUSTED_PROXIES: 'trustedProxies',
  QUITTANCE_METRICS_TOKEN: 'metricsToken',
  QUITTANCE_SECRET: 'secret',
  QUITTANCE_SECRET_PREVIOUS: 'previousSecrets',
};

/** The options in the environment. An empty variable counts as absent. `CLIENT_URL` means `PUBLIC_URL`. */
export function optionsFromEnvironment(env: NodeJS.ProcessEnv = process.env): Partial<QuittanceOptions> {
  const withAlias: NodeJS.ProcessEnv = { PUBLIC_URL: env.CLIENT_URL, ...dropEmpty(env) };
  return Object.fromEntries(
    Object.entries(VARIABLES)
      .filter(([variable]) => withAlias[variable])
      .map(([variable, option]) => [option, withAlias[variable]]),
  );
}

/** The variable that sets an option, for messages. */
export function variableOf(option: string): string {
  return Object.entries(VARIABLES).find(([, name]) => name === option)?.[0] ?? option;
}

function dropEmpty(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
}
