import type Stripe from 'stripe';
import type { Handler, HandlerContext, Handlers } from '../inbox/handlers.ts';
import { done, ignored, type Outcome } from '../inbox/outcome.ts';
import { isReadSince, lockSeller, sellerByAccount } from './rows.ts';
import type { SellerSync } from './sync.ts';

/** Which account an event is about, or null. */
type AccountOf = (context: HandlerContext, stripe: () => Stripe) => string | null | Promise<string | null>;

/** The connected account that sent it. */
const sender: AccountOf = ({ account, object }) => account ?? accountIn(object.account);

/** Its object, the account. */
const itself: AccountOf = ({ account, object }) => account ?? accountIn(object.id);

/** The account in the address of its object: a person is `/v2/core/accounts/acct_…/persons/…`. */
const inAddress: AccountOf = ({ account, object }) =>
  account ?? accountIn(/\/accounts\/([^/]+)/.exec(String(object.url))?.[1]);

/** Only the event's own data tell, and a thin event does not carry them. */
const inData: AccountOf = async ({ event }, stripe) => {
  const { data } = (await stripe().v2.core.events.retrieve(event.id)) as { data?: { account_id?: unknown } };
  return accountIn(data?.account_id);
};

/**
 * Which events tell of sellers. What they say is a hint: each reads the account anew, also those that say an
 * account has gone, since it may have come back since.
 */
const TELLING: Record<string, AccountOf> = {
  // Something about the account changed: what Stripe wants of it, what it may do.
  'account.updated': itself,
  // Something it may do was given or taken away.
  'capability.updated': sender,
  // Somebody who stands behind it was named, changed or taken back.
  'person.created': sender,
  'person.updated': sender,
  'person.deleted': sender,
  // Its bank account was entered, changed, disabled after a failed payout, or removed.
  'account.external_account.created': sender,
  'account.external_account.updated': sender,
  'account.external_account.deleted': sender,
  // It let us in.
  'account.application.authorized': sender,
  // It locked us out: nothing can be sold for it any more.
  'account.application.deauthorized': sender,
  // The same for accounts of /v2, told to the platform.
  'v2.core.account.created': itself,
  'v2.core.account.updated': itself,
  // It was closed for good.
  'v2.core.account.closed': itself,
  'v2.core.account[defaults].updated': itself,
  'v2.core.account[identity].updated': itself,
  'v2.core.account[requirements].updated': itself,
  'v2.core.account[future_requirements].updated': itself,
  'v2.core.account[configuration.merchant].updated': itself,
  'v2.core.account[configuration.merchant].capability_status_updated': itself,
  'v2.core.account[configuration.recipient].updated': itself,
  'v2.core.account[configuration.recipient].capability_status_updated': itself,
  'v2.core.account_person.created': inAddress,
  'v2.core.account_person.updated': inAddress,
  'v2.core.account_person.deleted': inAddress,
  // Somebody came back from Stripe's onboarding pages, done or not.
  'v2.core.account_link.returned': inData,
};

/** Snapshot events and, where there are, their thin twins (`v1.…`), at whichever endpoint they arrive. */
export function addSellerHandlers(handlers: Handlers, sync: SellerSync, stripe: () => Stripe): void {
  for (const [type, accountOf] of Object.entries(TELLING)) {
    const handler: Handler = (context) => follow(context, accountOf, { sync, stripe });
    handlers.on(type, handler, { lane: 'stripe' });
    if (!type.startsWith('v2.')) handlers.on(`v1.${type}`, handler, { lane: 'stripe' });
  }
}

async function follow(
  context: HandlerContext,
  accountOf: AccountOf,
  { sync, stripe }: { sync: SellerSync; stripe: () => Stripe },
): Promise<Outcome> {
  const { sql, enqueue, event, livemode } = context;
  const account = await accountOf(context, stripe);
  const seller = account === null ? null : await sellerByAccount(sql, account, livemode);
  if (!seller) return ignored('it is about no seller of ours');
  // One onboarding is told by twenty events within seconds, each with a key of its own: one read answers all
  // that came before it. Under the lock, since somebody may be at that read.
  await lockSeller(sql, seller.id);
  if (await isReadSince(sql, seller.id, { event: event.id, account: context.account ?? '', livemode })) {
    return done;
  }
  await sync.sync(seller.id, { sql, enqueue });
  return done;
}

function accountIn(value: unknown): string | null {
  return typeof value === 'string' && value.startsWith('acct_') ? value : null;
}
