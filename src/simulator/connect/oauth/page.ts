import { html } from '../../pages/html.ts';
import { notice, page, redirect } from '../../pages/layout.ts';
import { Realm } from '../../realm.ts';
import type { WebAnswer, WebRequest } from '../../server/http.ts';
import type { SiteParts } from '../../site.ts';
import { appOf } from '../apps/app.ts';
import { ownersAccounts } from '../open-account.ts';
import { makeCode } from './grants.ts';

/** What a platform asks for by sending somebody here. */
interface Asking {
  query: URLSearchParams;
  redirectUri: string | null;
  app: boolean;
  express: boolean;
}

/** docs.stripe.com/connect/oauth-reference: where an account's owner lets a platform, or an app, in. */
export function authorizePage({ engine }: SiteParts, request: WebRequest): WebAnswer {
  const query = new URLSearchParams(request.query);
  const asking: Asking = {
    query,
    redirectUri: query.get('redirect_uri'),
    app: request.path === '/oauth/v2/authorize',
    express: request.path.startsWith('/express/'),
  };
  const wrong = complaintOf(asking);
  if (wrong !== null) return notice('This link is not right', wrong, undefined, 400);
  if (!asking.app && query.get('response_type') !== 'code')
    return sendBack(asking, {
      error: 'unsupported_response_type',
      error_description: "Only 'code' is supported as response_type",
    });
  // Clients under test can only be let into test accounts; `ca_live_…` stands for a live client.
  const livemode = query.get('client_id')?.startsWith('ca_live_') === true;
  const realm = new Realm(engine, { account: engine.settings.account, livemode }, null);
  if (request.method !== 'POST') return ask(realm, asking, request);
  const typed = new URLSearchParams(request.body);
  if (typed.get('outcome') === 'deny')
    return sendBack(asking, { error: 'access_denied', error_description: 'The user denied your request' });
  return engine.store.transaction(() => agree(realm, asking, typed));
}

function complaintOf({ query, redirectUri }: Asking): string | null {
  if (!/^ca_\w+$/.test(query.get('client_id') ?? ''))
    return 'No application matches the supplied client identifier: client_id must begin with "ca_".';
  const scope = query.get('scope');
  if (scope !== null && !['read_only', 'read_write', 'stripe_apps'].includes(scope))
    return `There is no scope "${scope}".`;
  if (redirectUri === null || /^https?:$/.test(protocolOf(redirectUri))) return null;
  return 'The redirect_uri is not an address that a browser can be sent to.';
}

function ask(realm: Realm, { query, app, express }: Asking, { path, query: raw }: WebRequest): WebAnswer {
  const given = (name: string): string => query.get(`stripe_user[${name}]`) ?? '';
  const what = app ? 'An app' : 'A platform';
  const body = html`<main class="notice">
    <p class="badge">${realm.livemode ? 'Live' : 'Test'} authorization</p>
    <h1>${what} wants to be let into your Stripe account</h1>
    <form method="post" action="${path}?${raw}">
      <div class="field">
        <label for="account">Account</label>
        <select id="account" name="account">
          <option value="">A new ${realm.livemode ? 'live' : 'test'} account</option>
          ${ownersAccounts(realm).map(({ id, email }) => html`<option value="${id}">${email ?? id}</option>`)}
        </select>
      </div>
      <div class="field">
        <label for="email">Email</label>
        <input id="email" name="email" type="email" value="${given('email')}" autocomplete="off" />
      </div>
      <div class="field">
        <label for="business">Business name</label>
        <input id="business" name="business" value="${given('business_name')}" autocomplete="off" />
      </div>
      <input type="hidden" name="country" value="${given('country') || 'US'}" />
      <p></p>
      <button class="button" type="submit" name="outcome" value="agree">Connect my Stripe account</button>
      <button class="button quiet" type="submit" name="outcome" value="skip" formnovalidate>
        Skip this form
      </button>
      <button class="button quiet" type="submit" name="outcome" value="deny" formnovalidate>Cancel</button>
    </form>
    ${express && html`<p>The account will have the Express Dashboard.</p>`}
  </main>`;
  return page({ title: 'Connect', body });
}

function agree(realm: Realm, asking: Asking, typed: URLSearchParams): WebAnswer {
  const { query, app, express } = asking;
  const skipped = typed.get('outcome') === 'skip';
  const text = (name: string): string | null => (skipped ? null : typed.get(name)?.trim() || null);
  const scope = app ? 'stripe_apps' : (query.get('scope') ?? (express ? 'express' : 'read_only'));
  const code = makeCode(realm, {
    account: ownersAccounts(realm).find(({ id }) => id === text('account'))?.id ?? null,
    email: text('email'),
    country: typed.get('country') ?? 'US',
    business: text('business'),
    scope,
    app: app ? appOf(realm.engine).id : null,
    client: query.get('client_id'),
    express,
  });
  return sendBack(asking, app ? { code } : { scope, code });
}

/** Back to the platform with the answer; without an address the answer is shown. */
function sendBack({ query, redirectUri }: Asking, answer: Record<string, string>): WebAnswer {
  const state = query.get('state');
  const all = { ...answer, ...(state !== null && { state }) };
  if (redirectUri === null)
    return notice(
      'Nowhere to go back to',
      `The redirect_uri was left out. The answer: ${JSON.stringify(all)}`,
    );
  const url = new URL(redirectUri);
  for (const [name, value] of Object.entries(all)) url.searchParams.set(name, value);
  return redirect(url.toString());
}

function protocolOf(url: string): string {
  return URL.canParse(url) ? new URL(url).protocol : '';
}
