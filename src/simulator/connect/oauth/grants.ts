import type { Params } from '../../contract/validate.ts';
import type { Realm } from '../../realm.ts';
import type { Call, Resource } from '../../server/call.ts';
import { StripeError } from '../../server/errors.ts';
import type { StripeObject } from '../../store/store.ts';
import { disconnect } from '../accounts.ts';
import { installApp, installsOf, uninstallApp } from '../apps/install.ts';
import { accountOf } from '../directory.ts';
import { dropGrant, grantOf, handOut, keepGrant, revokeKeys, type Grant } from '../keys.ts';
import { authorized } from '../make-account.ts';
import { openAccount } from '../open-account.ts';

/** docs.stripe.com/connect/oauth-reference: a code can be used once, within five minutes. */
const CODE_SECONDS = 300;
/** docs.stripe.com/stripe-apps/api-authentication/oauth: an app's token lives an hour. */
const APP_TOKEN_SECONDS = 3600;

const CODE = '_oauth_code';
const CLIENT = /^ca_\w+$/;

/** What an owner agreed to on the page. */
export interface Consent {
  /** The account that they chose; null for one that is new here. */
  account: string | null;
  scope: string;
  /** A Stripe App's tokens end and rotate; a platform's (null) do not. */
  app: string | null;
  /** The `ca_…` that asked; null when it was not on the page. */
  client: string | null;
  email?: string | null;
  country?: string;
  business?: string | null;
  express?: boolean;
}

interface Code extends Consent {
  id: string;
  expires_at: number;
  used: boolean;
}

/** docs.stripe.com/connect/oauth-reference, and the same for Stripe Apps under /v1. */
export const oauth: Resource = {
  routes: {
    'POST /oauth/token': exchange,
    'POST /v1/oauth/token': exchange,
    'POST /oauth/deauthorize': deauthorize,
  },
};

/** Makes the code that the platform exchanges for a token. */
export function makeCode({ platform }: Realm, consent: Consent): string {
  const id = `ac_${platform.secret(32)}`;
  const code: Code = { ...consent, id, expires_at: platform.now + CODE_SECONDS, used: false };
  platform.engine.store.put(platform, CODE, id, { ...code });
  return id;
}

function exchange({ realm, params }: Call): StripeObject {
  const { grant_type: type, code, refresh_token: token, client_id: client } = params;
  if (type === 'authorization_code')
    return tokensFor(realm, spend(realm, text(code, 'code'), client as string | undefined));
  if (type === 'refresh_token') return refresh(realm, text(token, 'refresh_token'));
  const message =
    type === undefined
      ? 'No grant type specified'
      : `This grant type is not supported: ${text(type, 'grant_type')}`;
  throw denied(type === undefined ? 'invalid_request' : 'unsupported_grant_type', message);
}

/**
 * Uses up a code. Whoever uses one twice may have stolen it: then nothing that came of it is good any more.
 */
function spend(realm: Realm, id: string, client: string | undefined): Grant {
  const { platform } = realm;
  const { store } = platform.engine;
  const code = platform.row(CODE, id)?.object as unknown as Code | undefined;
  if (!code) throw denied('invalid_grant', `Authorization code does not exist: ${id}`);
  if (code.used) {
    const by = code.app === null ? 'platform' : 'app';
    if (code.account !== null) revokeKeys(realm, code.account, [by]);
    const message =
      'This authorization code has already been used. All tokens issued with this code have been revoked.';
    throw denied('invalid_grant', message, true);
  }
  if (code.expires_at <= platform.now) throw denied('invalid_grant', `Authorization code expired: ${id}`);
  // RFC 6749, section 5.2: the code "was issued to another client".
  if (client !== undefined && code.client !== null && client !== code.client)
    throw denied('invalid_grant', `Authorization code provided does not belong to you: ${id}`);
  const account = connectAccount(realm, code);
  store.put(platform, CODE, id, { ...code, used: true, account });
  return { id: refreshToken(realm), account, scope: code.scope, app: code.app !== null };
}

function tokensFor(realm: Realm, grant: Grant): StripeObject {
  const { platform, livemode } = realm;
  keepGrant(realm, grant);
  const mode = livemode ? 'live' : 'test';
  const suffix = `${grant.account.slice('acct_'.length)}${platform.secret(24)}`;
  const secret = `sk_${mode}_${suffix}`;
  const publishable = `pk_${mode}_${suffix}`;
  const end = grant.app ? platform.now + APP_TOKEN_SECONDS : null;
  for (const key of [secret, publishable])
    handOut(realm, key, grant.account, { by: grant.app ? 'app' : 'platform' }, end);
  return {
    access_token: secret,
    livemode,
    refresh_token: grant.id,
    token_type: 'bearer',
    stripe_publishable_key: publishable,
    stripe_user_id: grant.account,
    scope: grant.scope,
  };
}

/** A new token for an old grant. An app's refresh token is good for one use, which brings the next. */
function refresh(realm: Realm, id: string): StripeObject {
  const grant = grantOf(realm, id);
  if (!grant || !accountOf(realm, grant.account))
    throw denied('invalid_grant', `Refresh token does not exist or was revoked: ${id}`);
  if (!grant.app) return tokensFor(realm, grant);
  dropGrant(realm, id);
  return tokensFor(realm, { ...grant, id: refreshToken(realm) });
}

function deauthorize({ realm, params }: Call): StripeObject {
  const id = text(params['stripe_user_id'], 'stripe_user_id');
  const client = text(params['client_id'], 'client_id');
  if (!CLIENT.test(client))
    throw denied('invalid_client', `No such application: '${client.slice(0, 100)}'`, false, 401);
  if (!accountOf(realm, id)) {
    const message = `This application is not connected to stripe account ${id}, or that does not exist.`;
    throw denied('invalid_client', message, false, 401);
  }
  for (const install of installsOf(realm, id)) uninstallApp(realm, install);
  revokeKeys(realm, id, ['platform', 'app', 'restricted']);
  // An account that was known by its install alone is gone by now.
  const account = accountOf(realm, id);
  if (account) disconnect(realm, account);
  return { stripe_user_id: id };
}

/** The account that the owner connects: known here from before, or one that has had a life elsewhere. */
function connectAccount(realm: Realm, consent: Consent): string {
  const { platform } = realm;
  const { account: chosen, app, email = null, business = null, country = 'US', express = false } = consent;
  const via = app === null ? 'oauth' : 'app';
  if (chosen !== null) platform.conceal('account', chosen, { gone: false });
  const account = chosen ?? openAccount(realm, { email, business, country, express, via });
  const installed = app !== null && !installsOf(realm, account).some((each) => each.app === app);
  if (installed) installApp(realm, account, { app, channel: 'public' });
  else authorized(realm, account);
  return account;
}

function refreshToken({ platform }: Realm): string {
  return `rt_${platform.secret(48)}`;
}

function text(value: Params[string], name: string): string {
  if (typeof value === 'string' && value !== '') return value;
  throw denied('invalid_request', `No ${name} specified`);
}

/** OAuth's errors have codes of their own, and their own form; see oauth/wire.ts. */
function denied(code: string, message: string, keepsChanges = false, status = 400): StripeError {
  return new StripeError(message, { status, type: 'invalid_request_error', code, keepsChanges });
}
