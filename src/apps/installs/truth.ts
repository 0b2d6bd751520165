import type Stripe from 'stripe';
import { stripeFailure, stripeRefusal, unlessMissing } from '../../stripe/failures.ts';
import type { Install } from '../install.ts';
import type { AppSettings } from '../settings.ts';
import { factsOf, type InstallFacts } from './facts.ts';

const INSTALLS_PER_ACCOUNT_MAX = 100;
const UNAUTHORIZED = 401;
const NOT_FOUND = 404;
const NO_ACCESS = new Set(['account_invalid', 'resource_missing']);

/** Stripe's answer: it stands, with what Stripe tells of it, if it tells; or why it does not. */
export type Truth = { facts: InstallFacts | null } | { gone: string };

export interface TruthOptions {
  app: Pick<AppSettings, 'id' | 'access' | 'distribution'>;
  /** Our own client. Throws without a key. */
  own: () => Stripe;
  /** The client that speaks for an install: by its token or key, where it has one. */
  clientOf: (install: Install) => Stripe;
}

/** What is known of an install when Stripe is asked. */
export interface Question {
  account: string;
  known: Install | null;
  /** The id that an event names, or null. */
  stripeInstall: string | null;
}

/**
 * Asks Stripe whether the app stands on an account. With the app's id the list of its installs tells; without,
 * the installs whose ids we were told; where neither does, whether we can still reach the account.
 */
export async function readTruth(options: TruthOptions, question: Question): Promise<Truth> {
  const listed = await readListed(options, question);
  if (listed === null) return { gone: 'uninstalled' };
  const refusal = await readRefusal(options, question, listed !== undefined);
  return refusal === null ? { facts: listed ?? null } : { gone: refusal };
}

// Undefined when no list can tell.
async function readListed(
  { app, own }: TruthOptions,
  { account, known, stripeInstall }: Question,
): Promise<InstallFacts | null | undefined> {
  // Nothing connects a restricted key with an install: whoever has the key hands it to us.
  if (app.access === 'restricted_api_key') return undefined;
  if (app.id !== undefined) {
    const query = { account, app: app.id, limit: INSTALLS_PER_ACCOUNT_MAX };
    return firstFacts((await own().apps.installs.list(query)).data, account);
  }
  const ids = new Set([stripeInstall, known?.stripe_install ?? null].filter((id) => id !== null));
  if (ids.size === 0) return undefined;
  const reads = await Promise.all([...ids].map((id) => unlessMissing(own().apps.installs.retrieve(id))));
  const facts = firstFacts(
    reads.filter((install) => install !== null),
    account,
  );
  // That some install has ended does not tell whether the one has whose id we do not know.
  const isUnnamed = known?.status === 'installed' && known.stripe_install === null;
  return facts ?? (isUnnamed ? undefined : null);
}

function firstFacts(installs: readonly Stripe.Apps.Install[], account: string): InstallFacts | null {
  const standing = installs.filter((install) => install.account === account).map(factsOf);
  return standing.find((facts) => facts !== null) ?? null;
}

// Null when the account can be reached, or nothing speaks against it.
async function readRefusal(
  { app, own, clientOf }: TruthOptions,
  { account, known }: Question,
  isListed: boolean,
): Promise<string | null> {
  if (app.distribution === 'private') return null;
  if (app.access === 'platform') return refusalOf(own().accounts.retrieve(account), { ownKey: true });
  if (known === null || (app.access === 'oauth' && isListed)) return null;
  return refusalOf(clientOf(known).accounts.retrieveCurrent(), { ownKey: false });
}

async function refusalOf(read: Promise<unknown>, { ownKey }: { ownKey: boolean }): Promise<string | null> {
  try {
    await read;
    return null;
  } catch (error) {
    if (stripeFailure(error) !== 'rejected') throw error;
    const { code, status } = stripeRefusal(error);
    if (NO_ACCESS.has(code ?? '') || status === NOT_FOUND) return 'no_access';
    // A key of ours that is wrong says nothing of the account; one of theirs was withdrawn.
    if (status === UNAUTHORIZED && !ownKey) return 'key_refused';
    if (status === UNAUTHORIZED) throw error;
    return null; // it is there, and does not let us read this
  }
}
