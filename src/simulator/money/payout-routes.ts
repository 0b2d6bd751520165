import { destinationFor, bankOutcome, ownPayees, payeeOf, type Payee } from '../connect/payees.ts';
import { accountOf } from '../connect/directory.ts';
import { mergeMetadata } from '../contract/metadata.ts';

import { idOf } from '../kinds.ts';
import { checkCurrency } from '../payments/amounts.ts';
import type { Realm } from '../realm.ts';
import type { Call, Resource } from '../server/call.ts';
import { badParameter, noSuch, refused } from '../server/errors.ts';
import type { StripeObject } from '../store/store.ts';
import { pursesOf } from './ledger.ts';
import {
  arrivePayout,
  cancelPayout,
  failPayout,
  makePayout,
  payOutAll,
  reversePayout,
  sendPayout,
} from './payouts.ts';
import { planPayout } from './schedule.ts';
import { changeSettings, settingsOf } from './settings.ts';

/** docs.stripe.com/api/payouts */
export const payouts: Resource = {
  routes: {
    'POST /v1/payouts': create,
    'POST /v1/payouts/{}': update,
    'POST /v1/payouts/{}/cancel': ({ realm, ids }) =>
      asObject(cancelPayout(realm, realm.named('payout', ids[0] ?? '', 'payout'))),
    'POST /v1/payouts/{}/reverse': ({ realm, ids, params }) =>
      asObject(reversePayout(realm, realm.named('payout', ids[0] ?? '', 'payout'), params['metadata'])),
  },
  tasks: {
    'payout.run': (realm, time) => runSchedule(realm, Number(time)),
    'payout.send': sendPayout,
    'payout.arrive': arrivePayout,
    'payout.refuse': (realm, id) => {
      const code = bankOutcome(realm, idOf(realm.get('payout', id)?.destination) ?? '');
      if (code !== undefined) failPayout(realm, id, code);
    },
  },
};

function create({ realm, params }: Call): StripeObject {
  const amount = params['amount'] as number;
  if (amount < 1)
    throw badParameter('Invalid positive integer', { code: 'parameter_invalid_integer', param: 'amount' });
  const currency = checkCurrency(params['currency'] as string);
  const payee = payeeFor(realm, currency, params['destination'] as string | undefined);
  const instant = params['method'] === 'instant';
  if (!mayPayOut(realm))
    throw refused(
      'Payouts are not enabled on this account. Its requirements say what is missing: see ' +
        'https://docs.stripe.com/connect/handling-api-verification.',
      { code: 'payouts_not_allowed' },
    );
  if (instant && !payee.available_payout_methods?.includes('instant'))
    throw refused(`${payee.id} does not support instant payouts.`, { code: 'instant_payouts_unsupported' });
  return asObject(makePayout(realm, { amount, currency, automatic: false, instant, payee, params }));
}

function payeeFor(realm: Realm, currency: string, named: string | undefined): Payee {
  if (named === undefined) {
    const payee = destinationFor(realm, currency);
    if (payee) return payee;
    throw refused(`Sorry, you don't have any external accounts in that currency (${currency}).`, {
      param: 'currency',
    });
  }
  ownPayees(realm);
  const payee = payeeOf(realm, realm.account, named);
  if (!payee) throw noSuch('external account', named, 'destination');
  if (payee.currency === currency) return payee;
  throw refused(`The external account ${named} does not take ${currency}.`, { param: 'destination' });
}

function update({ realm, ids, params }: Call): StripeObject {
  const before = realm.named('payout', ids[0] ?? '', 'payout');
  const metadata = mergeMetadata(before.metadata, params['metadata']);
  const after = realm.change('payout', before.id, { metadata });
  realm.emit('payout.updated', after, { metadata: before.metadata });
  return asObject(after);
}

/** An automatic payout is due: sends what is available of every currency, and plans the next. */
function runSchedule(realm: Realm, time: number): void {
  if (settingsOf(realm).next !== time) return;
  changeSettings(realm, { next: null });
  for (const { currency, later } of pursesOf(realm)) {
    if (mayPayOut(realm)) payOutAll(realm, currency);
    for (const at of Object.keys(later)) if (Number(at) > realm.now) planPayout(realm, Number(at));
  }
}

function mayPayOut(realm: Realm): boolean {
  if (realm.account === realm.platform.account) return true;
  return accountOf(realm, realm.account)?.payouts_enabled === true;
}

function asObject(payout: object): StripeObject {
  return payout as StripeObject;
}
