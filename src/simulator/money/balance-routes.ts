import type Stripe from 'stripe';
import { accountOf } from '../connect/directory.ts';
import type { Params } from '../contract/validate.ts';
import type { Realm } from '../realm.ts';
import type { Call, Resource } from '../server/call.ts';
import type { StripeObject } from '../store/store.ts';
import { destinationFor } from '../connect/payees.ts';
import { pursesOf, sums, type Purse } from './ledger.ts';
import { mostInstantly } from './payouts.ts';
import { statusNow } from './post.ts';
import { DELAY_DAYS, settingsOf, type PayoutSettings } from './settings.ts';
import { changeSchedule } from './v1-settings.ts';

/** docs.stripe.com/api/balance, /api/balance-settings and /api/balance_transactions */
export const balance: Resource = {
  routes: {
    'GET /v1/balance': ({ realm }) => balanceOf(realm),
    'GET /v1/balance_settings': ({ realm }) => shownSettings(realm),
    'POST /v1/balance_settings': changeBalanceSettings,
  },
  tasks: {
    'funds.available': (realm) => {
      realm.emit('balance.available', balanceOf(realm));
    },
  },
  live: {
    balance_transaction: (realm, object) => {
      const status = statusNow(object as unknown as Stripe.BalanceTransaction, realm.now);
      return status === object['status'] ? object : { ...object, status };
    },
  },
};

/** The running sums of an account, as Stripe shows them. */
function balanceOf(realm: Realm): StripeObject {
  const purses = pursesOf(realm);
  const shown: readonly Purse[] =
    purses.length > 0 ? purses : [{ currency: 'usd', settled: 0, later: {}, fees: 0, waiting: [] }];
  const amounts = (part: 'available' | 'pending'): StripeObject[] =>
    shown.map((purse) => amountOf(purse.currency, sums(purse, realm.now)[part]));
  const home = realm.account === realm.platform.account;
  return {
    object: 'balance',
    available: amounts('available'),
    instant_available: instantAmounts(realm, shown),
    ...(home && { connect_reserved: reserved(realm, shown) }),
    livemode: realm.livemode,
    pending: amounts('pending'),
    refund_and_dispute_prefunding: { available: [], pending: [] },
  };
}

function amountOf(currency: string, amount: number): StripeObject {
  return { amount, currency, source_types: { card: amount } };
}

/** What could be paid out at once, to the bank account or card that takes the currency, less its fee. */
function instantAmounts(realm: Realm, purses: readonly Purse[]): StripeObject[] {
  return purses.flatMap((purse) => {
    const { currency } = purse;
    const payee = destinationFor(realm, currency);
    const { available } = sums(purse, realm.now);
    if (available <= 0 || !payee?.available_payout_methods?.includes('instant')) return [];
    const net = { amount: mostInstantly(available), destination: payee.id };
    return [{ ...amountOf(currency, available), net_available: [net] }];
  });
}

/** What the platform keeps ready for connected accounts that owe and whose losses it has taken on. */
function reserved(realm: Realm, shown: readonly Purse[]): StripeObject[] {
  const owed = new Map(shown.map(({ currency }) => [currency, 0]));
  for (const { id, gone } of realm.engine.store.table(realm, 'account').order) {
    const account = gone ? undefined : accountOf(realm, id);
    if (account?.controller?.losses?.payments !== 'application') continue;
    for (const purse of pursesOf(realm.as(id))) {
      const { available, pending } = sums(purse, realm.now);
      const debt = Math.max(0, -(available + pending));
      if (debt > 0) owed.set(purse.currency, (owed.get(purse.currency) ?? 0) + debt);
    }
  }
  return [...owed].map(([currency, amount]) => ({ amount, currency }));
}

function changeBalanceSettings({ realm, params }: Call): StripeObject {
  const payments = (params['payments'] ?? {}) as Params;
  const payouts = (payments['payouts'] ?? {}) as Params;
  const schedule = (payouts['schedule'] ?? {}) as Partial<PayoutSettings>;
  const timing = (payments['settlement_timing'] ?? {}) as Params;
  const { delay_days_override: delay, start_of_day } = timing;
  const taken = <T>(from: Params, name: string): T => ({ ...(name in from && { [name]: from[name] }) }) as T;
  changeSchedule(realm, {
    ...taken(payments, 'debit_negative_balances'),
    ...taken(payouts, 'statement_descriptor'),
    ...taken(payouts, 'minimum_balance_by_currency'),
    ...schedule,
    ...(start_of_day !== undefined && { start_of_day: start_of_day as PayoutSettings['start_of_day'] }),
    ...(delay === null && { delay_days: DELAY_DAYS, overridden: false }),
    ...(typeof delay === 'number' && { delay_days: delay, overridden: true }),
  });
  const after = shownSettings(realm);
  realm.emit('balance_settings.updated', after);
  return after;
}

function shownSettings(realm: Realm): StripeObject {
  const settings = settingsOf(realm);
  const { interval, weekly_payout_days, monthly_payout_days, delay_days } = settings;
  const account = realm.account === realm.platform.account ? undefined : accountOf(realm, realm.account);
  return {
    object: 'balance_settings',
    payments: {
      debit_negative_balances: settings.debit_negative_balances,
      payouts: {
        automatic_transfer_rules_by_currency: null,
        minimum_balance_by_currency: settings.minimum_balance_by_currency,
        schedule: {
          interval,
          ...(interval === 'monthly' && { monthly_payout_days }),
          ...(interval === 'weekly' && { weekly_payout_days }),
        },
        statement_descriptor: settings.statement_descriptor,
        status: account?.payouts_enabled === false ? 'disabled' : 'enabled',
      },
      settlement_timing: {
        delay_days,
        ...(settings.overridden && { delay_days_override: delay_days }),
        start_of_day: settings.start_of_day,
      },
    },
  };
}
