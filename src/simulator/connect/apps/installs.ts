import type Stripe from 'stripe';
import type { Realm } from '../../realm.ts';
import type { Call, Resource } from '../../server/call.ts';
import { noSuch } from '../../server/errors.ts';
import { listPage } from '../../server/list.ts';
import type { StripeObject } from '../../store/store.ts';
import { aboutAccount } from '../about.ts';
import { makeCode } from '../oauth/grants.ts';

const KIND = 'apps.install';
type Install = Stripe.Apps.Install;

const NOTHING = { connect_src: [], image_src: [] };

/**
 * docs.stripe.com/api/apps/installs: which app is installed on which account. They are kept with the
 * platform.
 */
export const appInstalls: Resource = {
  routes: {
    'POST /v1/apps/installs': create,
    'GET /v1/apps/installs': list,
    'GET /v1/apps/installs/{}': (call) => asObject(installOf(call)),
    'POST /v1/apps/installs/{}': (call) => {
      // A version here never asks for more than was granted, so there is nothing new to agree to.
      const install = installOf(call);
      aboutAccount(call.realm, install.account, 'apps.install.updated', install, {});
      return asObject(install);
    },
    'POST /v1/apps/installs/{}/uninstall': uninstall,
  },
};

function create({ realm, params }: Call): StripeObject {
  const { platform, account } = realm;
  const app = params['app'] as string;
  const known = platform.where(KIND, 'account', account).find((each) => each.app === app);
  if (known) return asObject(known);
  const challenge = params['code_challenge'] as string | undefined;
  const install = platform.insert(KIND, {
    account,
    app,
    approval_required: false,
    auth_code: challenge === undefined ? null : codeFor(realm),
    channel: (params['channel'] ?? 'private_test') as Install['channel'],
    content_security_policy_granted: NOTHING,
    content_security_policy_pending: NOTHING,
    created: platform.now,
    status: 'installed',
  });
  announce(realm, install, 'created');
  return asObject(install);
}

/** The code that the app's server exchanges for a token, as after the page of OAuth. */
function codeFor(realm: Realm): string {
  const consent = {
    email: null,
    country: 'US',
    business: null,
    scope: 'stripe_apps',
    app: true,
    express: false,
  };
  return makeCode(realm, { ...consent, account: realm.account });
}

/** An app's developer sees its installs everywhere; everybody else those of their own account. */
function list({ realm, params, path }: Call): StripeObject {
  const { platform, account } = realm;
  const everywhere = account === platform.account && params['app'] !== undefined;
  return listPage({
    realm: platform,
    kind: KIND,
    params,
    url: path,
    ...(!everywhere && { belongs: ({ object }) => object['account'] === account }),
  });
}

function uninstall(call: Call): StripeObject {
  const install = installOf(call);
  const ended: Install = { ...install, status: 'uninstalling' };
  call.realm.platform.remove(KIND, install.id);
  announce(call.realm, ended, 'deleted');
  return asObject(ended);
}

function installOf({ realm, ids }: Call): Install {
  const { platform, account } = realm;
  const install = platform.get(KIND, ids[0]);
  const mine = account === platform.account || install?.account === account;
  if (!install || !mine) throw noSuch('install', ids[0] ?? '', 'id', 404);
  return install;
}

function announce(realm: Realm, install: Install, what: 'created' | 'deleted'): void {
  aboutAccount(realm, install.account, `apps.install.${what}`, install);
}

function asObject(install: Install): StripeObject {
  return install as unknown as StripeObject;
}
