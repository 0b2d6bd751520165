import type { Params } from '../contract/validate.ts';
import type { Realm } from '../realm.ts';
import type { Call, Resource } from '../server/call.ts';
import { refused } from '../server/errors.ts';
import { differences } from '../server/hashes.ts';
import { needRow } from '../server/lookup.ts';
import type { StripeObject } from '../store/store.ts';
import { issuedCard, merchantOf } from './cards.ts';
import { book } from './transactions.ts';

const KIND = 'issuing.authorization';
const HELPERS = '/v1/test_helpers/issuing/authorizations';

/** Requests to pay with a card: held, then captured or given up. */
export const authorizations: Resource = {
  routes: {
    [`POST ${HELPERS}`]: ({ realm, params }) => request(realm, params['card'] as string, params),
    // The CLI's older name for it.
    'POST /v1/issuing/cards/{}/test/authorizations': ({ realm, params, ids }) => {
      const { held_amount: amount, held_currency: currency, ...rest } = params;
      return request(realm, ids[0] ?? '', { ...rest, amount: Number(amount), currency });
    },
    [`POST ${HELPERS}/{}/capture`]: capture,
    [`POST ${HELPERS}/{}/expire`]: (call) => end(call, { status: 'expired', amount: 0 }),
    [`POST ${HELPERS}/{}/reverse`]: (call) => end(call, { status: 'reversed', amount: 0 }),
    'POST /v1/issuing/authorizations/{}/approve': (call) => change(call, { approved: true }),
    'POST /v1/issuing/authorizations/{}/decline': (call) => end(call, { approved: false, status: 'closed' }),
  },
};

/** Asks the account by a webhook, whose answer is not waited for: only an active card is approved. */
function request(realm: Realm, id: string, params: Params): StripeObject {
  const card = issuedCard(realm, id);
  const amount = (params['amount'] as number | undefined) ?? 0;
  const currency = (params['currency'] ?? card['currency']) as string;
  const approved = card['status'] === 'active';
  const amounts = { merchant_amount: amount, merchant_currency: currency };
  const pending = { amount, amount_details: { atm_fee: null, cashback_amount: null }, currency };
  const reason = approved ? 'webhook_approved' : 'card_inactive';
  const asked: StripeObject = {
    ...amounts,
    id: realm.newId(KIND),
    amount: 0,
    amount_details: pending.amount_details,
    approved: false,
    authorization_method: params['authorization_method'] ?? 'online',
    card,
    cardholder: (card['cardholder'] as StripeObject).id,
    currency,
    merchant_data: merchantOf(params['merchant_data']),
    pending_request: { ...pending, ...amounts, is_amount_controllable: false, network_risk_score: null },
    status: 'pending',
  };
  realm.emit('issuing_authorization.request', realm.insertRaw(KIND, asked));
  const history = { ...pending, ...amounts, approved, created: realm.now, reason, reason_message: null };
  const answered = realm.insertRaw(KIND, {
    ...asked,
    amount: approved ? amount : 0,
    approved,
    pending_request: null,
    request_history: [history],
    status: approved ? 'pending' : 'closed',
  });
  realm.emit('issuing_authorization.created', answered);
  return answered;
}

function capture(call: Call): StripeObject {
  const { realm, params } = call;
  const before = pendingOf(call);
  const amount = (params['capture_amount'] as number | undefined) ?? (before['amount'] as number);
  const { id, currency, merchant_data } = before;
  const card = (before['card'] as StripeObject).id;
  const details = params['purchase_details'];
  const said = { card, amount, currency, merchant_data, authorization: id };
  const booked = book(
    realm,
    { ...said, ...(details !== undefined && { purchase_details: details }) },
    'capture',
  );
  return end(call, { status: 'closed', amount: 0, transactions: [booked] });
}

function end(call: Call, changes: StripeObject): StripeObject {
  pendingOf(call);
  return change(call, changes);
}

function pendingOf({ realm, ids }: Call): StripeObject {
  const { object } = needRow(realm, KIND, ids[0] ?? '');
  if (object['status'] === 'pending') return object;
  throw refused(`This authorization is ${String(object['status'])} and can no longer be changed.`);
}

function change({ realm, ids }: Call, changes: StripeObject): StripeObject {
  const before = needRow(realm, KIND, ids[0] ?? '').object;
  const after = { ...before, ...changes };
  realm.engine.store.put(realm, KIND, ids[0] ?? '', after);
  realm.emit('issuing_authorization.updated', after, differences(before, after));
  return after;
}
