import { Webhook } from 'standardwebhooks';
import { z } from 'zod';
import type { SinkDelivery } from './delivery.ts';

const SECRETS_MAX = 5;

/** Whose events: of our own account, of the accounts connected to it, or both. */
const ACCOUNTS = ['own', 'connected', 'all'] as const;

const secrets = z
  .union([z.string(), z.array(z.string())])
  .transform((value) => (typeof value === 'string' ? value.split(',') : value).map((secret) => secret.trim()))
  .refine((all) => all.length > 0 && all.length <= SECRETS_MAX && all.every(isSigningSecret), {
    message:
      'must be "whsec_" and the base64 of 24 to 64 random bytes; up to five, separated by commas, while ' +
      'one is replaced. Make one with: echo "whsec_$(openssl rand -base64 32)"',
  });

const url = z
  .url({ protocol: /^https?$/, error: 'must be a URL that begins with https://' })
  .refine((text) => new URL(text).username === '' && new URL(text).password === '', {
    message: 'must not hold a user name or password: the signature tells the receiver who calls',
  });

const sinkSchema = z
  .strictObject({
    /** Its name wherever it is stored: deliveries of a sink that is renamed stay with the old name. */
    name: z
      .string()
      .regex(/^[a-z][a-z0-9_-]{0,40}$/, 'must be a word such as "crm" of a-z, 0-9, "_" and "-"'),
    /** Event types: `customer.created`, `payment_intent.*` (all below), `*` (all there are). */
    events: z
      .array(
        z.string().regex(/^(\*|[a-z0-9_.[\]]+(\.\*)?)$/, 'must be an event type, "payment_intent.*" or "*"'),
      )
      .min(1, 'must name at least one event type')
      .max(500),
    accounts: z.enum(ACCOUNTS).default('all'),
    /** Where events are posted, as Standard Webhooks. */
    url: url.optional(),
    /** What posts are signed with. With several, each signs. */
    secret: secrets.optional(),
    /** Lets `url` be in a private network, which posts are kept out of otherwise. */
    allowPrivateNetwork: z.boolean().default(false),
    /** In place of `url`: a function that takes the event further. */
    deliver: z
      .custom<DeliverFunction>((value) => typeof value === 'function', 'must be a function')
      .optional(),
  })
  .transform(({ name, events, accounts, deliver, ...post }, context): Sink => {
    const common = { name, events, accounts };
    if (deliver && post.url === undefined && post.secret === undefined) return { ...common, deliver };
    if (!deliver && post.url !== undefined && post.secret !== undefined) {
      const { allowPrivateNetwork } = post;
      if (!allowPrivateNetwork && !post.url.startsWith('https:')) {
        context.addIssue({ code: 'custom', path: ['url'], message: NOT_HTTPS });
        return z.NEVER;
      }
      return { ...common, post: { url: post.url, secrets: post.secret, allowPrivateNetwork } };
    }
    const message = `the sink "${name}" needs either "url" and "secret", or "deliver"`;
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  });

const NOT_HTTPS = 'must begin with https://; http is for sinks with "allowPrivateNetwork" only';

/** Systems of ours that are told of events. */
export const sinksSchema = z
  .array(sinkSchema)
  .max(50)
  .default([])
  .refine((sinks) => new Set(sinks.map(({ name }) => name)).size === sinks.length, {
    message: 'must have names that differ from each other',
  });

/** Takes one event further. A throw is tried again; it has 30 seconds. */
export type DeliverFunction = (delivery: SinkDelivery) => unknown;

/** Where and how a sink's events are posted. */
export interface SinkPost {
  url: string;
  secrets: string[];
  allowPrivateNetwork: boolean;
}

/** A sink, checked and with its defaults. */
export interface Sink {
  name: string;
  events: string[];
  accounts: (typeof ACCOUNTS)[number];
  post?: SinkPost;
  deliver?: DeliverFunction;
}

/** What `createQuittance` takes as one of `sinks`. */
export type SinkOptions = z.input<typeof sinksSchema> extends (infer One)[] | undefined ? One : never;

function isSigningSecret(secret: string): boolean {
  const bytes = /^whsec_[A-Za-z0-9+/]+={0,2}$/.test(secret)
    ? Buffer.from(secret.slice('whsec_'.length), 'base64').length
    : 0;
  if (bytes < 24 || bytes > 64) return false;
  try {
    return Boolean(new Webhook(secret)); // it is stricter about base64 than we are
  } catch {
    return false;
  }
}
