import type Stripe from 'stripe';
import type { Database } from '../../db/database.ts';
import { stripeFailure, stripeRefusal } from '../../stripe/failures.ts';
import type { StripeClients } from '../../stripe/clients.ts';
import type { Install } from '../install.ts';
import type { AppSettings } from '../settings.ts';
import { factsOf } from './facts.ts';
import { ENDED_HERE, type Installs } from './installs.ts';
import { installById } from './rows.ts';

const NOT_FOUND = 404;
const NO_ACCESS = new Set(['account_invalid', 'resource_missing']);

/** What Stripe made of it: `not_asked` where it has no install that we know of. */
export interface AtStripe {
  outcome: 'uninstalled' | 'not_installed' | 'refused' | 'not_asked';
  /** Stripe's words, when it refused. */
  message: string | null;
}

export interface EndOptions {
  database: Database;
  installs: Installs;
  clients: Pick<StripeClients, 'own' | 'for'>;
  app: Pick<AppSettings, 'id' | 'access' | 'distribution'>;
}

/**
 * Ends an install by hand, at Stripe first. What Stripe refuses is ended here all the same, and begins again
 * only with an install that is made later. Throws when Stripe does not answer: then nothing has ended here.
 */
export async function endInstall(
  { database, installs, clients, app }: EndOptions,
  { id, account, livemode, stripe_install }: Install,
): Promise<{ install: Install; stripe: AtStripe }> {
  const stripe = await endAtStripe({ clients, app }, { account, stripe_install });
  const install = await database.transaction(async (sql) => {
    await installs.uninstalled(sql, { account, livemode, reason: ENDED_HERE });
    return installById(sql, id);
  });
  return { install: install as Install, stripe };
}

async function endAtStripe(
  { clients, app }: Pick<EndOptions, 'clients' | 'app'>,
  { account, stripe_install: known }: Pick<Install, 'account' | 'stripe_install'>,
): Promise<AtStripe> {
  if (app.access === 'restricted_api_key') return { outcome: 'not_asked', message: null };
  try {
    const id = known ?? (await findAtStripe(clients.own(), app.id, account));
    if (id === null) return { outcome: 'not_asked', message: null };
    const stripe = app.distribution === 'private' ? clients.own() : clients.for(account);
    await stripe.apps.installs.uninstall(id);
    return { outcome: 'uninstalled', message: null };
  } catch (error) {
    if (stripeFailure(error) !== 'rejected') throw error;
    const { code, status, message } = stripeRefusal(error);
    const isGone = NO_ACCESS.has(code ?? '') || status === NOT_FOUND;
    return isGone ? { outcome: 'not_installed', message: null } : { outcome: 'refused', message };
  }
}

async function findAtStripe(own: Stripe, app: string | undefined, account: string): Promise<string | null> {
  if (app === undefined) return null;
  const { data } = await own.apps.installs.list({ account, app });
  return data.find((each) => each.account === account && factsOf(each) !== null)?.id ?? null;
}
