import type Stripe from 'stripe';
import type { HandlerContext, Handlers } from '../../inbox/handlers.ts';
import { done, ignored, type Outcome } from '../../inbox/outcome.ts';
import type { AppSettings } from '../settings.ts';
import { INSTALL_EVENTS } from './event-types.ts';
import type { Installs, Told } from './installs.ts';
import type { OwnAccount } from './own-account.ts';

export interface InstallHandlerOptions {
  installs: Installs;
  ownAccount: OwnAccount;
  app: Pick<AppSettings, 'id' | 'distribution'>;
  /** `ca_…` of the app and of the platform that sellers connect to, where they are known. */
  clients: { app: string | undefined; connect: string | undefined };
}

// The others tell of an end or of a change.
const BEGINNINGS = new Set(['account.application.authorized', 'apps.install.created']);

/**
 * Events that tell where the app stands: each is a hint upon which Stripe is asked, so that old ones, doubled
 * ones and those in the wrong order do no harm.
 */
export function addInstallHandlers(handlers: Pick<Handlers, 'on'>, options: InstallHandlerOptions): void {
  for (const type of INSTALL_EVENTS) {
    handlers.on(type, (context) => follow(context, options), { lane: 'stripe' });
  }
}

async function follow(context: HandlerContext, options: InstallHandlerOptions): Promise<Outcome> {
  if (isOfAnother(context.object, options)) return ignored('it is about another app');
  const account = await accountOf(context, options);
  if (account === null) return ignored('it is about no account that could have installed the app');
  const { sql, livemode } = context;
  const install = await options.installs.sync(sql, { account, livemode }, told(context));
  return install ? done : ignored('the app is not installed on this account');
}

// A thin event names neither the app nor the platform: then Stripe's answer has to do.
function isOfAnother(object: Record<string, unknown>, { app, clients }: InstallHandlerOptions): boolean {
  const { object: kind, id } = object;
  if (kind === 'apps.install') {
    return app.id !== undefined && object.app !== undefined && object.app !== app.id;
  }
  if (kind !== 'application') return false;
  return clients.app === undefined ? id === clients.connect : id !== clients.app;
}

// An account that installs other people's apps is told of that too, at the endpoint for its own events: what
// has no sender is about our app only if it says so.
async function accountOf(
  { account: sender, object }: HandlerContext,
  { app, ownAccount }: InstallHandlerOptions,
): Promise<string | null> {
  const named = typeof object.account === 'string' ? object.account : null;
  if (app.distribution === 'public') {
    const isOurs = app.id !== undefined && object.app === app.id;
    return sender ?? (isOurs ? named : null);
  }
  const own = await ownAccount.id();
  return (sender ?? named ?? own) === own ? own : null;
}

function told({ event, object }: HandlerContext): Told {
  const type = event.type.replace(/^v1\./, '');
  const id = type.startsWith('apps.install.') && typeof object.id === 'string' ? object.id : null;
  return { stripeInstall: id, installedAt: BEGINNINGS.has(type) ? createdAt(event) : null };
}

// Of thin events it is a text.
function createdAt({ created }: { created: Stripe.Event['created'] | string }): Date {
  return new Date(typeof created === 'number' ? created * 1000 : created);
}
