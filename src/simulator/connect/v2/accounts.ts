import type { Params } from '../../contract/validate.ts';
import type { Realm } from '../../realm.ts';
import type { Call, Resource } from '../../server/call.ts';
import { badParameter } from '../../server/errors.ts';
import { pageOf } from '../../server/v2-page.ts';
import type { StripeObject } from '../../store/store.ts';
import { reachConnected } from '../access.ts';
import { checkController } from '../account-types.ts';
import { changeAccount, makeAccount } from '../make-account.ts';
import { checkUrl, makeLink } from '../onboarding/links.ts';
import { fileOf, reassess } from '../reassess.ts';
import { aboutV2 } from '../v2-events.ts';
import { controllerFor, extrasAfter, NO_EXTRAS, v1Params } from './read.ts';
import { appliedTo, extrasOf, shownAccount } from './show.ts';
import { spendV2Token } from './tokens.ts';
import { CONFIGURATIONS, isoOf } from './words.ts';

/** docs.stripe.com/api/v2/core/accounts and /api/v2/core/account-links */
export const v2Accounts: Resource = {
  routes: {
    'POST /v2/core/accounts': create,
    'GET /v2/core/accounts': list,
    'GET /v2/core/accounts/{}': (call) => shown(call, reachConnected(call).account.id),
    'POST /v2/core/accounts/{}': update,
    'POST /v2/core/accounts/{}/close': close,
    'POST /v2/core/account_links': createLink,
  },
};

function create(call: Call): StripeObject {
  const { realm } = call;
  const params = spendV2Token(realm, call.params, 'account_token');
  const extras = extrasAfter(NO_EXTRAS, params);
  const controller = controllerFor(extras);
  checkController(controller, 'defaults.responsibilities');
  const made = makeAccount(realm, v1Params(params), { v2: { ...extras } }, { type: 'none', controller });
  return shown(call, made.id);
}

function update(call: Call): StripeObject {
  const { realm } = call;
  const { account, dossier } = reachConnected(call);
  const params = spendV2Token(realm, call.params, 'account_token');
  const before = extrasOf({ dossier });
  const after = extrasAfter(before, params);
  for (const name of ['dashboard', 'responsibilities'] as const)
    if (before[name] !== null && JSON.stringify(before[name]) !== JSON.stringify(after[name]))
      throw badParameter(`The ${name} of an account can't be changed once it has been set.`, { param: name });
  realm.platform.conceal('account', account.id, { v2: { ...after } });
  for (const name of CONFIGURATIONS)
    if (JSON.stringify(before.configuration[name]) !== JSON.stringify(after.configuration[name]))
      aboutV2(realm, account.id, `v2.core.account[configuration.${name}].updated`);
  const { country: _country, ...v1 } = v1Params(params);
  changeAccount(realm, account, v1);
  return shown(call, account.id);
}

function list(call: Call): StripeObject {
  const { realm, params } = call;
  const { platform } = realm;
  const wanted = params['applied_configurations'] as string[] | undefined;
  const rows = platform.engine.store.table(platform, 'account').order.filter((row) => {
    const file = row.gone ? undefined : fileOf(platform, row.id);
    if (!file || file.dossier.gone || file.dossier.closed !== (params['closed'] === true)) return false;
    const applied: readonly string[] = appliedTo(file);
    return wanted === undefined || wanted.every((name) => applied.includes(name));
  });
  return pageOf(call, rows.toReversed(), ({ id }) => shown({ ...call, params: {} }, id));
}

/** Ends an account: nothing more can be done with it, and it can't be opened again. */
function close(call: Call): StripeObject {
  const { realm, params } = call;
  const { account, dossier } = reachConnected(call);
  const named = params['applied_configurations'] as string[] | undefined;
  const applied: readonly string[] = appliedTo({ dossier });
  if (named && (named.length !== applied.length || !named.every((name) => applied.includes(name))))
    throw badParameter(
      `The account has these configurations applied: ${applied.join(', ')}; name all of them.`,
      {
        param: 'applied_configurations',
      },
    );
  realm.platform.conceal('account', account.id, { closed: true });
  reassess(realm, account.id);
  aboutV2(realm, account.id, 'v2.core.account.closed');
  return shown(call, account.id);
}

function createLink(call: Call): StripeObject {
  const { realm, params } = call;
  const { account, dossier } = reachConnected({ ...call, ids: [params['account'] as string] });
  const useCase = params['use_case'] as Params;
  const type = useCase['type'] as string;
  const terms = (useCase[type] ?? {}) as Params;
  checkUrl(realm, terms['refresh_url'], `use_case.${type}.refresh_url`);
  if (terms['return_url'] !== undefined) checkUrl(realm, terms['return_url'], `use_case.${type}.return_url`);
  const options = (terms['collection_options'] ?? {}) as Params;
  const made = makeLink(realm, account, dossier, {
    account: account.id,
    refreshUrl: terms['refresh_url'] as string,
    returnUrl: (terms['return_url'] ?? terms['refresh_url']) as string,
    eventually: options['fields'] === 'eventually_due',
    v2: true,
  });
  return {
    object: 'v2.core.account_link',
    account: account.id,
    created: isoOf(realm.now),
    expires_at: isoOf(made.expires_at),
    livemode: realm.livemode,
    url: made.url,
    use_case: useCase,
  };
}

function shown({ realm, params }: { realm: Realm; params: Params }, id: string): StripeObject {
  const include = (params['include'] ?? []) as string[];
  const file = fileOf(realm, id);
  if (!file) throw new Error(`nothing is on file about ${id}`);
  return shownAccount(file, include, realm.livemode);
}
