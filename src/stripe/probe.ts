import Stripe from 'stripe';
import type { StripeClients } from './clients.ts';
import { describeError } from '../errors.ts';
import { stripeFailure } from './failures.ts';

type Client = ReturnType<StripeClients['own']>;

const UNAUTHORIZED = 401;

/** A permission of restricted keys, as the Dashboard calls it, and the call that shows if a key has it. */
interface Permission {
  name: string;
  /** What we need of it. */
  access: 'Read' | 'Write';
  /** Without it this does not work. */
  what: string;
  read: (stripe: Client) => Promise<unknown>;
}

const ONE = { limit: 1 };

/** What we need for selling, and what for sellers besides. Only reads can be tried without doing anything. */
const PERMISSIONS: readonly Permission[] = [
  {
    name: 'Events',
    access: 'Read',
    what: 'finding events that never came',
    read: ({ events }) => events.list(ONE),
  },
  {
    name: 'Checkout Sessions',
    access: 'Write',
    what: 'payment pages',
    read: ({ checkout }) => checkout.sessions.list(ONE),
  },
  {
    name: 'PaymentIntents',
    access: 'Write',
    what: 'payments on your own page',
    read: ({ paymentIntents }) => paymentIntents.list(ONE),
  },
  {
    name: 'Charges and Refunds',
    access: 'Write',
    what: 'refunds',
    read: ({ charges }) => charges.list(ONE),
  },
  { name: 'Disputes', access: 'Write', what: 'evidence', read: ({ disputes }) => disputes.list(ONE) },
  {
    name: 'Webhook Endpoints',
    access: 'Write',
    what: 'looking after endpoints here',
    read: ({ webhookEndpoints }) => webhookEndpoints.list(ONE),
  },
];

const FOR_SELLERS: readonly Permission[] = [
  {
    name: 'Accounts',
    access: 'Write',
    what: 'taking on sellers',
    read: ({ accounts }) => accounts.list(ONE),
  },
  {
    name: 'Transfers',
    access: 'Write',
    what: 'paying sellers',
    read: ({ transfers }) => transfers.list(ONE),
  },
  { name: 'Payouts', access: 'Write', what: 'payouts of sellers', read: ({ payouts }) => payouts.list(ONE) },
  { name: 'Balance', access: 'Read', what: 'balances of sellers', read: ({ balance }) => balance.retrieve() },
];

/** The names of the permissions that the key lacks, with what does not work without them. */
export async function missingPermissions(stripe: Client, hasSellers: boolean): Promise<string[]> {
  const wanted = hasSellers ? [...PERMISSIONS, ...FOR_SELLERS] : PERMISSIONS;
  const found = await Promise.all(
    wanted.map(async ({ name, access, what, read }) => {
      const isMissing = await read(stripe).then(
        () => false,
        (error: unknown) => isForbidden(error),
      );
      return isMissing ? [`${name}: ${access} (${what})`] : [];
    }),
  );
  return found.flat();
}

/** What a call to Stripe says of the key and of our clock. */
export interface Contact {
  /** Our account, when the key may read it. */
  account: { id: string; name: string | null } | null;
  /** Null when Stripe took the key; else why the call failed. */
  failure: 'unauthorized' | 'unreachable' | null;
  /** In Stripe's or the network's words. */
  why: string;
  /** Stripe's clock, to the second, when it was told; and ours in the middle of the call. */
  times: { stripeMs: number; ourMs: number } | null;
}

/** Calls Stripe once. */
export async function contact(stripe: Client, now: () => number): Promise<Contact> {
  const begun = now();
  const timesOf = (headers: Record<string, string> | undefined): Contact['times'] => {
    const stripeMs = Date.parse(headers?.date ?? '');
    return Number.isNaN(stripeMs) ? null : { stripeMs, ourMs: (begun + now()) / 2 };
  };
  try {
    const { id, settings, lastResponse } = await stripe.accounts.retrieveCurrent();
    const name = settings?.dashboard.display_name ?? null;
    return { account: { id, name }, failure: null, why: '', times: timesOf(lastResponse.headers) };
  } catch (error) {
    if (!(error instanceof Stripe.errors.StripeError)) throw error;
    const times = timesOf(error.headers);
    if (error.statusCode === UNAUTHORIZED)
      return { account: null, failure: 'unauthorized', why: error.message, times };
    if (stripeFailure(error) === 'rejected')
      return { account: null, failure: null, why: error.message, times };
    return { account: null, failure: 'unreachable', why: describeError(error), times };
  }
}

/** The version of the installed library, and of the API it is written for. */
export const STRIPE_VERSIONS = { library: Stripe.PACKAGE_VERSION, api: Stripe.API_VERSION };

function isForbidden(error: unknown): boolean {
  return error instanceof Stripe.errors.StripePermissionError;
}
