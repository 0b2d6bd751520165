import type { Call, Resource } from '../../server/call.ts';
import { noSuch } from '../../server/errors.ts';
import { listPage } from '../../server/list.ts';
import type { StripeObject } from '../../store/store.ts';
import { aboutAccount } from '../about.ts';
import { makeCode } from '../oauth/grants.ts';
import { installApp, installsOf, uninstallApp, type Install } from './install.ts';

const KIND = 'apps.install';

/** docs.stripe.com/api/apps/installs: which app is installed on which account. */
export const appInstalls: Resource = {
  routes: {
    'POST /v1/apps/installs': create,
    'GET /v1/apps/installs': list,
    'GET /v1/apps/installs/{}': (call) => asObject(installOf(call)),
    'POST /v1/apps/installs/{}': (call) => {
      // The app's developer can't grant what its owner has not, so nothing changes.
      const install = installOf(call);
      aboutAccount(call.realm, install.account, 'apps.install.updated', install, {});
      return asObject(install);
    },
    'POST /v1/apps/installs/{}/uninstall': (call) => asObject(uninstallApp(call.realm, installOf(call))),
  },
};

function create({ realm, params }: Call): StripeObject {
  const { account } = realm;
  const app = params['app'] as string;
  const known = installsOf(realm, account).find((each) => each.app === app);
  if (known) return asObject(known);
  // The code that the app's server exchanges for a token, as after the page of OAuth.
  const consent = { account, scope: 'stripe_apps', app, client: null };
  const code = params['code_challenge'] === undefined ? undefined : makeCode(realm, consent);
  return asObject(
    installApp(realm, account, { app, channel: params['channel'] as string | undefined, code }),
  );
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

function installOf({ realm, ids }: Call): Install {
  const { platform, account } = realm;
  const install = platform.get(KIND, ids[0]);
  const mine = account === platform.account || install?.account === account;
  if (!install || !mine) throw noSuch('install', ids[0] ?? '', 'id', 404);
  return install;
}

function asObject(install: Install): StripeObject {
  return install as unknown as StripeObject;
}
