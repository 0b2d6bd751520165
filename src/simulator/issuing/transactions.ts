import type { Params } from '../contract/validate.ts';
import type { Realm } from '../realm.ts';
import type { Call, Resource } from '../server/call.ts';
import { differences } from '../server/hashes.ts';
import { needRow } from '../server/lookup.ts';
import type { StripeObject } from '../store/store.ts';
import { issuedCard, merchantOf } from './cards.ts';

const KIND = 'issuing.transaction';
const HELPERS = '/v1/test_helpers/issuing/transactions';
const RECEIPT = 'issuing.receipt';
const RECEIPT_SECONDS = 1;

/** What cards were charged with, and what came back. */
export const transactions: Resource = {
  routes: {
    [`POST ${HELPERS}/create_force_capture`]: ({ realm, params }) => book(realm, params, 'capture'),
    [`POST ${HELPERS}/create_unlinked_refund`]: ({ realm, params }) => book(realm, params, 'refund'),
    [`POST ${HELPERS}/{}/refund`]: refund,
  },
  // What was bought arrives after the amount, as a merchant's receipt does.
  tasks: {
    [RECEIPT]: (realm, id) => {
      const transaction = realm.row(KIND, id)?.object;
      if (transaction) realm.emit('issuing_transaction.purchase_details_receipt_updated', transaction);
    },
  },
};

/** Books a purchase, which is negative, or a refund. */
export function book(realm: Realm, params: Params, type: 'capture' | 'refund'): StripeObject {
  const card = issuedCard(realm, params['card'] as string);
  const amount = Math.abs((params['amount'] as number | undefined) ?? 0) * (type === 'capture' ? -1 : 1);
  const currency = (params['currency'] ?? card['currency']) as string;
  const details = params['purchase_details'] as object | undefined;
  const transaction = realm.insertRaw(KIND, {
    amount,
    amount_details: { atm_fee: null, cashback_amount: null },
    authorization: params['authorization'] ?? null,
    card: card.id,
    cardholder: (card['cardholder'] as StripeObject).id,
    currency,
    merchant_amount: amount,
    merchant_currency: currency,
    merchant_data: merchantOf(params['merchant_data']),
    ...(details && {
      purchase_details: { flight: null, fuel: null, lodging: null, receipt: null, ...details },
    }),
    type,
  });
  realm.emit('issuing_transaction.created', transaction);
  if (details) realm.later(RECEIPT, transaction.id ?? '', RECEIPT_SECONDS);
  return transaction;
}

function refund({ realm, params, ids: [id = ''] }: Call): StripeObject {
  const before = needRow(realm, KIND, id).object;
  const back = (params['refund_amount'] as number | undefined) ?? -(before['amount'] as number);
  const { card, currency, merchant_data } = before;
  const booked = book(realm, { card, currency, merchant_data, amount: back }, 'refund');
  const after = { ...before, amount: (before['amount'] as number) + back };
  realm.emit('issuing_transaction.updated', after, differences(before, after));
  realm.engine.store.put(realm, KIND, id, after);
  return booked;
}
