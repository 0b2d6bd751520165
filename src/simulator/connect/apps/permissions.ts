import type { Realm } from '../../realm.ts';
import { mask } from '../../server/auth.ts';
import type { Call } from '../../server/call.ts';
import { StripeError } from '../../server/errors.ts';
import { accountOf, noAccess } from '../directory.ts';
import { handedOut } from '../keys.ts';
import { installsOf } from './install.ts';
import { SIGNATURE_PATH } from './sessions.ts';

/** First parts of a path that hold several kinds: `/v1/checkout/sessions` is about checkout sessions. */
const GROUPS = new Set(
  (
    'apps billing billing_portal checkout climate core entitlements financial_connections forwarding identity ' +
    'issuing radar reporting sigma tax terminal test_helpers treasury'
  ).split(' '),
);

/** docs.stripe.com/keys/permissions-reference: resources whose permission has another name. */
const NAMES: Readonly<Record<string, string>> = {
  account: 'connected_account',
  apps_install: 'app_install',
  apps_secret: 'secret',
  billing_portal_configuration: 'customer_portal',
  billing_portal_session: 'customer_portal',
  capability: 'connected_account',
  core_account: 'connected_account',
  invoiceitem: 'invoice',
  person: 'connected_account',
  price: 'plan',
  subscription_item: 'subscription',
  webhook_endpoint: 'webhook',
};

type Asking = Pick<Call, 'realm' | 'caller' | 'operation' | 'ids'>;

/**
 * Refuses what the owner of the account has not granted to the app, or to the restricted key. Without a list
 * of permissions everything is granted. Who may write may read as well, as with Stripe's restricted keys.
 */
export function refuseUnpermitted(asking: Asking): void {
  const { realm, caller, operation } = asking;
  const account = accountMeant(asking);
  if (account === null || operation.path === SIGNATURE_PATH || operation.path === '/v1/oauth/token') return;
  const origin = handedOut(realm.engine, caller.key, realm.livemode)?.origin;
  if (origin?.by === 'session' && !accountOf(realm, account)) throw noAccess(caller.key, account);
  const resource = resourceOf(operation.path);
  const enough = operation.method === 'GET' ? ['read', 'write'] : ['write'];
  const allows = (granted: readonly string[]): boolean =>
    enough.some((action) => granted.includes(`${resource}_${action}`));
  const missing = `${resource}_${enough[0]}`;
  if (origin?.by === 'restricted') {
    if (origin.permissions !== null && !allows(origin.permissions))
      throw denied(`The provided key '${mask(caller.key)}'`, account, `rak_${missing}`, '');
    return;
  }
  const lists = listsOf(realm, account);
  if (lists.length > 0 && !lists.some((granted) => granted === null || allows(granted)))
    throw denied('This application', account, missing, '_for_application');
}

/**
 * Does the owner let the app hear of such an object? It needs `event_read` and the object's own permission;
 * what is about the install itself it always hears.
 */
export function hearsOf(realm: Realm, type: string, kind: string): boolean {
  if (/^(account\.application|apps\.install)\./.test(type)) return true;
  const name = kind.replaceAll('.', '_');
  const resource = NAMES[name] ?? name;
  const grants = (granted: readonly string[], what: string): boolean =>
    granted.includes(`${what}_read`) || granted.includes(`${what}_write`);
  const lists = listsOf(realm, realm.account);
  return (
    lists.length === 0 ||
    lists.some((granted) => granted === null || (grants(granted, 'event') && grants(granted, resource)))
  );
}

/** `customer` of `/v1/customers/{}/tax_ids`, `checkout_session` of `/v1/checkout/sessions`. */
function resourceOf(path: string): string {
  const [, , first = '', second = ''] = path.split('/');
  const grouped = GROUPS.has(first) && second !== '' && second !== '{}';
  const name = singular(grouped ? `${first}_${second}` : first);
  return NAMES[name] ?? name;
}

/** The connected account whose data the call is about; null when it is about the platform's own. */
function accountMeant({ realm, operation, ids }: Asking): string | null {
  const { account, platform } = realm;
  const named = /^\/v[12]\/(core\/)?accounts\/\{\}/.test(operation.path) ? ids[0] : undefined;
  if (account !== platform.account) return account;
  return named !== undefined && named !== account ? named : null;
}

/** What each install on the account grants; null for one that grants everything. */
function listsOf({ platform }: Realm, account: string): (readonly string[] | null)[] {
  return installsOf(platform, account).map(({ id, permissions_granted: granted }) =>
    platform.hidden('apps.install', id).limited === true ? granted : null,
  );
}

function singular(name: string): string {
  return name
    .replace(/ies$/, 'y')
    .replace(/(?<=ss|x|ch)es$/, '')
    .replace(/(?<!s)s$/, '');
}

function denied(who: string, account: string, permission: string, code: string): StripeError {
  const message =
    `${who} does not have the required permissions for this endpoint on account '${account}'. ` +
    `Having the '${permission}' permission would allow this request to continue.`;
  return new StripeError(message, {
    status: 403,
    type: 'invalid_request_error',
    code: `more_permissions_required${code}`,
    validation: true,
  });
}
