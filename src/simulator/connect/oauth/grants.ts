import type Stripe from 'stripe';
import type { Params } from '../../contract/validate.ts';
import { Realm } from '../../realm.ts';
import type { Call, Resource } from '../../server/call.ts';
import { StripeError } from '../../server/errors.ts';
import type { StripeObject } from '../../store/store.ts';
import { controllerOf, OWN } from '../account-types.ts';
import { disconnect } from '../accounts.ts';
import { accountOf } from '../directory.ts';
import { handOut, revokeKeys } from '../keys.ts';
import { authorized, changeAccount, insertAccount } from '../make-account.ts';
import { makeReady, requestUsual } from '../ready.ts';

/** docs.stripe.com/connect/oauth-reference: a code can be used once, within five minutes. */
const CODE_SECONDS = 300;
/** docs.stripe.com/stripe-apps/api-authentication/oauth: an app's token lives an hour. */
const APP_TOKEN_SECONDS = 3600;

const CODE = '_oauth_code';
const GRANT = '_oauth_grant';

/** What an owner agreed to on the page. */
export interface Consent {
  /** The account that they chose; null for one that is new here. */
  account: string | null;
  email: string | null;
  country: string;
  business: string | null;
  scope: string;
  /** A Stripe App's tokens end and rotate; a platform's do not. */
  app: boolean;
  express: boolean;
}

interface Code extends Consent {
  id: string;
  expires_at: number;
  used: boolean;
}

interface Grant {
  id: string;
  account: string;
  scope: string;
  app: boolean;
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
  const { grant_type: type, code, refresh_token: token } = params;
  if (type === 'authorization_code') return tokensFor(realm, spend(realm, text(code, 'code')));
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
function spend(realm: Realm, id: string): Grant {
  const { platform } = realm;
  const { store } = platform.engine;
  const code = platform.row(CODE, id)?.object as unknown as Code | undefined;
  if (!code) throw denied('invalid_grant', `Authorization code does not exist: ${id}`);
  if (code.used) {
    if (code.account !== null) revokeKeys(realm, code.account);
    const message =
      'This authorization code has already been used. All tokens issued with this code have been revoked.';
    throw denied('invalid_grant', message, true);
  }
  if (code.expires_at <= platform.now) throw denied('invalid_grant', `Authorization code expired: ${id}`);
  const account = connectAccount(realm, code);
  store.put(platform, CODE, id, { ...code, used: true, account });
  return { id: `rt_${platform.secret(48)}`, account, scope: code.scope, app: code.app };
}

function tokensFor(realm: Realm, grant: Grant): StripeObject {
  const { platform, livemode } = realm;
  platform.engine.store.put(platform, GRANT, grant.id, { ...grant });
  const mode = livemode ? 'live' : 'test';
  const suffix = `${grant.account.slice('acct_'.length)}${platform.secret(24)}`;
  const secret = `sk_${mode}_${suffix}`;
  const publishable = `pk_${mode}_${suffix}`;
  const end = grant.app ? platform.now + APP_TOKEN_SECONDS : null;
  handOut(realm, secret, grant.account, end);
  handOut(realm, publishable, grant.account, end);
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
  const { platform } = realm;
  const grant = platform.row(GRANT, id)?.object as unknown as Grant | undefined;
  if (!grant || !accountOf(realm, grant.account))
    throw denied('invalid_grant', `Refresh token does not exist or was revoked: ${id}`);
  if (!grant.app) return tokensFor(realm, grant);
  platform.remove(GRANT, id);
  return tokensFor(realm, { ...grant, id: `rt_${platform.secret(48)}` });
}

function deauthorize({ realm, params }: Call): StripeObject {
  const id = text(params['stripe_user_id'], 'stripe_user_id');
  const client = text(params['client_id'], 'client_id');
  if (!/^ca_\w+$/.test(client))
    throw denied('invalid_client', `No such application: '${client.slice(0, 100)}'`, false, 401);
  const account = accountOf(realm, id);
  if (!account) {
    const message = `This application is not connected to stripe account ${id}, or that does not exist.`;
    throw denied('invalid_client', message, false, 401);
  }
  revokeKeys(realm, id);
  disconnect(realm, account);
  return { stripe_user_id: id };
}

/** The account that the owner connects: known here from before, or one that has had a life elsewhere. */
function connectAccount(realm: Realm, consent: Consent): string {
  const { platform } = realm;
  if (consent.account !== null) {
    platform.conceal('account', consent.account, { gone: false });
    authorized(realm, consent.account);
    return consent.account;
  }
  // What happened to it before it was connected is none of the platform's business, and announces nothing.
  const quiet = new Realm({ ...platform.engine, announce: () => '' }, platform, platform.request);
  const made = consent.express
    ? controllerOf({ type: 'express' })
    : { type: 'standard' as const, controller: OWN };
  const { id } = insertAccount(quiet, { country: consent.country }, made, {
    via: consent.app ? 'app' : 'oauth',
  });
  const profile = consent.business === null ? {} : { business_profile: { name: consent.business } };
  const email = consent.email === null ? {} : { email: consent.email };
  changeAccount(quiet, quiet.need('account', id), { ...profile, ...email });
  requestUsual(quiet, id);
  makeReady(quiet, id);
  authorized(realm, id);
  return id;
}

/** The accounts that were connected by OAuth, of which the page offers a choice. */
export function choices({ platform }: Realm): Stripe.Account[] {
  const { order } = platform.engine.store.table(platform, 'account');
  const mine = order.filter((row) => !row.gone && row.hidden?.['via'] !== 'api');
  return mine.map(({ object }) => object as unknown as Stripe.Account);
}

function text(value: Params[string], name: string): string {
  if (typeof value === 'string' && value !== '') return value;
  throw denied('invalid_request', `No ${name} specified`);
}

/** OAuth's errors have codes of their own, and their own form; see oauth/wire.ts. */
function denied(code: string, message: string, keepsChanges = false, status = 400): StripeError {
  return new StripeError(message, { status, type: 'invalid_request_error', code, keepsChanges });
}
