import type Stripe from 'stripe';
import { defaultsOf } from '../contract/defaults.ts';
import type { Params } from '../contract/validate.ts';
import { formatMoney } from '../../money.ts';
import { pursesOf, sums } from '../money/ledger.ts';
import { html } from '../pages/html.ts';
import { notice, page } from '../pages/layout.ts';
import { Realm } from '../realm.ts';
import type { Call, Resource } from '../server/call.ts';
import { refused } from '../server/errors.ts';
import type { WebAnswer, WebRequest } from '../server/http.ts';
import type { SiteParts } from '../site.ts';
import type { StripeObject } from '../store/store.ts';
import { reachConnected } from './access.ts';
import { accountOf } from './directory.ts';
import { merged } from '../server/hashes.ts';

/** docs.stripe.com/connect/get-started-connect-embedded-components: sessions are short-lived. */
const SESSION_SECONDS = 3600;

const LOGIN = '_login_link';

/** docs.stripe.com/api/account_sessions and /api/accounts/login_link */
export const accountSessions: Resource = {
  routes: { 'POST /v1/account_sessions': createSession, 'POST /v1/accounts/{}/login_links': createLogin },
};

function createSession(call: Call): StripeObject {
  const { realm, params } = call;
  const { account } = reachConnected({ ...call, ids: [params['account'] as string] });
  const { components } = defaultsOf(realm.engine.contract, 'account_session');
  const wanted = params['components'] as Params;
  if (!Object.values(wanted).some((each) => (each as { enabled?: boolean } | null)?.enabled === true))
    throw refused('At least one component must be enabled.', { param: 'components' });
  return {
    object: 'account_session',
    account: account.id,
    client_secret: `accs_secret__${realm.secret(52)}`,
    components: merged(components, wanted),
    expires_at: realm.now + SESSION_SECONDS,
    livemode: realm.livemode,
  };
}

function createLogin(call: Call): StripeObject {
  const { account } = reachConnected(call);
  const { platform } = call.realm;
  if (account.controller?.stripe_dashboard?.type !== 'express')
    throw refused(`Cannot create a login link for ${account.id}: it has no access to the Express Dashboard.`);
  if (!account.details_submitted)
    throw refused('Cannot create a login link for an account that has not completed onboarding.');
  const id = platform.secret(24);
  platform.engine.store.put(platform, LOGIN, id, { id, account: account.id });
  const url = `${platform.engine.settings.url}/express/${account.id}/${id}`;
  return { object: 'login_link', created: platform.now, url };
}

/** What stands in for the Express Dashboard: how the account is doing, and what it has. */
export function expressPage({ engine }: SiteParts, { path }: WebRequest): WebAnswer {
  const row = engine.store.find(LOGIN, path.split('/').at(-1) ?? '');
  const realm = row && new Realm(engine, row, null);
  const account = realm && accountOf(realm, row.object['account'] as string);
  if (!account) return notice('This link is not valid', 'Ask the platform for a new one.', undefined, 404);
  return dashboard(realm.as(account.id), account);
}

function dashboard(realm: Realm, account: Stripe.Account): WebAnswer {
  const money = pursesOf(realm).map((purse) => {
    const { available, pending } = sums(purse, realm.now);
    const said = (value: number): string => formatMoney({ value, currency: purse.currency });
    return html`<div>
      <dt>${purse.currency.toUpperCase()}</dt>
      <dd>${said(available)} available, ${said(pending)} pending</dd>
    </div>`;
  });
  const due = account.requirements?.currently_due ?? [];
  const body = html`<main class="notice">
    <p class="badge">Test dashboard</p>
    <h1>${account.business_profile?.name ?? account.email ?? account.id}</h1>
    <dl class="sums">
      <div>
        <dt>Payments</dt>
        <dd>${account.charges_enabled ? 'enabled' : 'not enabled'}</dd>
      </div>
      <div>
        <dt>Payouts</dt>
        <dd>${account.payouts_enabled ? 'enabled' : 'not enabled'}</dd>
      </div>
      ${money}
    </dl>
    ${due.length > 0 && html`<p>Still needed: ${due.join(', ')}</p>`}
  </main>`;
  return page({ title: 'Express Dashboard', body });
}
