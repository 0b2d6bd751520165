import type Stripe from 'stripe';
import type { Params } from '../../contract/validate.ts';
import type { Realm } from '../../realm.ts';
import type { Call, Resource } from '../../server/call.ts';
import { badParameter, missingParameter } from '../../server/errors.ts';
import type { StripeObject } from '../../store/store.ts';
import { reachConnected } from '../access.ts';
import type { Dossier } from '../dossier.ts';

/** docs.stripe.com/api/account_links: a link lives a few minutes and is good for one visit. */
const LINK_SECONDS = 300;
/** How long a visit may take that a link began. */
const VISIT_SECONDS = 3600;

const LINK = '_account_link';
const VISIT = '_onboarding_visit';

/** What a link was asked for; remembered until it is followed. */
export interface LinkTerms {
  account: string;
  refreshUrl: string;
  returnUrl: string;
  /** Also ask for what is due only later. */
  eventually: boolean;
  /** Made by /v2, which is told when the owner comes back. */
  v2: boolean;
}

/** A link or a visit, as it is stored. */
export interface Pass extends LinkTerms {
  id: string;
  expires_at: number;
  used: boolean;
  /** The owner has typed the code that was sent to their phone. */
  signedIn: boolean;
}

/** docs.stripe.com/api/account_links */
export const accountLinks: Resource = { routes: { 'POST /v1/account_links': create } };

function create(call: Call): StripeObject {
  const { realm, params } = call;
  const { account, dossier } = reachConnected({ ...call, ids: [params['account'] as string] });
  const type = params['type'] as string;
  const allowed =
    account.controller?.requirement_collection === 'application'
      ? ['account_onboarding', 'account_update']
      : ['account_onboarding'];
  if (!allowed.includes(type))
    throw badParameter(
      `You cannot create \`${type}\` type Account Links for this account. Valid link types for this ` +
        `account are: \`${allowed.join('`, `')}\`.`,
      { param: 'type' },
    );
  for (const name of ['refresh_url', 'return_url']) checkUrl(realm, params[name], name);
  const options = (params['collection_options'] ?? {}) as Params;
  const fields = options['fields'] ?? params['collect'];
  const made = makeLink(realm, account, dossier, {
    account: account.id,
    refreshUrl: params['refresh_url'] as string,
    returnUrl: params['return_url'] as string,
    eventually: fields === 'eventually_due',
    v2: false,
  });
  return { object: 'account_link', created: realm.now, expires_at: made.expires_at, url: made.url };
}

/** Makes a link that leads an account's owner into onboarding. */
export function makeLink(
  { platform }: Realm,
  account: Stripe.Account,
  dossier: Dossier,
  terms: LinkTerms,
): { url: string; expires_at: number } {
  const { store, settings } = platform.engine;
  const id = platform.secret(40);
  const expires_at = platform.now + LINK_SECONDS;
  const pass: Pass = { ...terms, id, expires_at, used: false, signedIn: false };
  store.put(platform, LINK, id, { ...pass });
  if (!dossier.linked) hidePersonal(platform, account);
  return { url: `${settings.url}/setup/${letterOf(account)}/${account.id}/${id}`, expires_at };
}

/** Follows a link: the first visit of a living one is let in and gets a pass of its own. */
export function follow(realm: Realm, id: string): { pass: Pass | undefined; refreshUrl: string | undefined } {
  const { store } = realm.engine;
  const link = realm.row(LINK, id)?.object as Pass | undefined;
  if (!link) return { pass: undefined, refreshUrl: undefined };
  const { refreshUrl } = link;
  if (link.used || link.expires_at <= realm.now) return { pass: undefined, refreshUrl };
  store.put(realm, LINK, id, { ...link, used: true });
  const pass: Pass = { ...link, id: realm.secret(40), expires_at: realm.now + VISIT_SECONDS };
  store.put(realm, VISIT, pass.id, { ...pass });
  return { pass, refreshUrl };
}

/** The visit of this id, while it lasts. */
export function visitOf(realm: Realm, id: string): Pass | undefined {
  return realm.row(VISIT, id)?.object as Pass | undefined;
}

export function changeVisit(realm: Realm, pass: Pass, changes: Partial<Pass>): void {
  realm.engine.store.put(realm, VISIT, pass.id, { ...pass, ...changes });
}

/** Where a link's or a visit's row is found without knowing the mode that it was made in. */
export const PASS_KINDS = { link: LINK, visit: VISIT } as const;

/** Refuses an address that Stripe would not send anybody to. */
export function checkUrl(realm: Realm, url: unknown, param: string): void {
  if (typeof url !== 'string') throw missingParameter(param);
  const protocol = URL.canParse(url) ? new URL(url).protocol : '';
  if (protocol !== 'http:' && protocol !== 'https:')
    throw badParameter('Not a valid URL', { code: 'url_invalid', param });
  if (realm.livemode && protocol === 'http:')
    throw badParameter('Livemode requests must always be redirected via HTTPS.', { param });
}

/** From the first link on, Stripe collects what is personal, and does not show it to the platform. */
function hidePersonal(platform: Realm, account: Stripe.Account): void {
  platform.conceal('account', account.id, { linked: true } satisfies Partial<Dossier>);
  if (account.controller?.requirement_collection !== 'stripe') return;
  const { individual: _individual, ...rest } = account;
  platform.engine.store.put(platform, 'account', account.id, rest);
}

/** Stripe's own addresses tell the kinds of account apart by a letter. */
function letterOf({ controller }: Stripe.Account): string {
  const dashboard = controller?.stripe_dashboard?.type;
  return dashboard === 'express' ? 'e' : dashboard === 'none' ? 'c' : 's';
}
