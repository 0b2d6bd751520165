import type Stripe from 'stripe';
import { pursesOf, sums } from '../money/ledger.ts';
import type { Call, Resource } from '../server/call.ts';
import { refused } from '../server/errors.ts';
import { listPage } from '../server/list.ts';
import type { StripeObject } from '../store/store.ts';
import { aboutAccount } from './about.ts';
import { reach, reachConnected, refusePersonal } from './access.ts';
import type { Dossier } from './dossier.ts';
import { application, changeAccount, makeAccount } from './make-account.ts';
import { reassess } from './reassess.ts';

/** docs.stripe.com/api/accounts */
export const accounts: Resource = {
  routes: {
    'GET /v1/account': (call) => asObject(reach(call, call.realm.account).account),
    'GET /v1/accounts': list,
    'POST /v1/accounts': ({ realm, params }) => {
      if (realm.account !== realm.platform.account)
        throw refused(
          'You can only create new accounts if you’ve signed up for Connect, which you can do at ' +
            'https://dashboard.stripe.com/connect.',
        );
      return asObject(makeAccount(realm, params));
    },
    'GET /v1/accounts/{}': (call) => asObject(reach(call).account),
    'POST /v1/accounts/{}': (call) => {
      const { account, dossier } = reachConnected(call);
      refusePersonal(account, dossier, call.params);
      return asObject(changeAccount(call.realm, account, call.params));
    },
    'DELETE /v1/accounts/{}': remove,
    'POST /v1/accounts/{}/reject': (call) => reject(call, reasonOf(String(call.params['reason']))),
    'POST /v1/accounts/{}/unreject': (call) => reject(call, null),
  },
  tasks: {
    'account.check': (realm, id) => reassess(realm, id),
    'account.deadline': (realm, id) => {
      const row = realm.row('account', id);
      if ((row?.hidden as Partial<Dossier> | undefined)?.demand !== 'deadline') return;
      realm.conceal('account', id, { demand: 'overdue', blocked: { charges: true, payouts: true } });
      reassess(realm, id);
    },
  },
};

function list({ realm, params, path }: Call): StripeObject {
  return listPage({
    realm: realm.platform,
    kind: 'account',
    params,
    url: path,
    belongs: (row) => (row.hidden as Partial<Dossier> | undefined)?.gone !== true,
  });
}

/** Rejects an account, or takes that back; see docs.stripe.com/api/account/reject. */
function reject(call: Call, reason: string | null): StripeObject {
  const { realm } = call;
  const { account, dossier } = reachConnected(call);
  if (reason !== null && dossier.rejected !== null)
    throw refused(`Account ${account.id} has already been rejected.`);
  if (account.controller?.losses?.payments !== 'application')
    throw refused('Only accounts whose losses the platform is liable for can be rejected.');
  if (reason === null && dossier.rejected?.startsWith('rejected.platform_') !== true)
    throw refused(`Account ${account.id} was not rejected by its platform.`);
  realm.platform.conceal('account', account.id, {
    rejected: reason,
    ...(reason === null && { listedSince: null }),
  });
  reassess(realm, account.id);
  return asObject(realm.platform.need('account', account.id));
}

/** What an account shows of the reason that its platform gave. */
function reasonOf(given: string): string {
  if (given.startsWith('fraud')) return 'rejected.platform_fraud';
  return given === 'terms_of_service' ? 'rejected.platform_terms_of_service' : 'rejected.platform_other';
}

/** Deletes an account; in live mode only one without money that the platform answers for. */
function remove(call: Call): StripeObject {
  const { realm } = call;
  const { account } = reachConnected(call);
  const there = realm.as(account.id);
  const owes = pursesOf(there).some((purse) => {
    const { available, pending } = sums(purse, realm.now);
    return available + pending !== 0;
  });
  if (realm.livemode && owes)
    throw refused('This account cannot be deleted because its balance is not zero.', {
      code: 'balance_insufficient',
    });
  if (realm.livemode && account.controller?.losses?.payments !== 'application')
    throw refused(
      'Accounts with Stripe’s full Dashboard cannot be deleted in live mode; their owners disconnect them.',
    );
  disconnect(call.realm, account);
  return { id: account.id, object: 'account', deleted: true };
}

/** From now on the platform can no longer reach the account. */
export function disconnect({ platform }: Call['realm'], account: Stripe.Account): void {
  // Said first: of an account that is gone the platform hears nothing any more.
  aboutAccount(platform, account.id, 'account.application.deauthorized', application());
  platform.conceal('account', account.id, { gone: true } satisfies Partial<Dossier>);
}

function asObject(account: object): StripeObject {
  return account as StripeObject;
}
