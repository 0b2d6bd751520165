import type Stripe from 'stripe';
import { needDestination } from '../connect/directory.ts';
import { mergeMetadata } from '../contract/metadata.ts';
import type { Params } from '../contract/validate.ts';
import { idOf } from '../kinds.ts';
import { checkCurrency } from '../payments/amounts.ts';
import type { Realm } from '../realm.ts';
import type { Call, Resource } from '../server/call.ts';
import { badParameter, missingParameter, noSuch, refused } from '../server/errors.ts';
import { differences } from '../server/hashes.ts';
import type { StripeObject } from '../store/store.ts';
import { checkMayReceive } from './connect-params.ts';
import { reverseTransfer } from './reversals.ts';
import {
  availabilityOf,
  changedTransfer,
  checkFunds,
  checkSource,
  makeTransfer,
  untransferred,
} from './transfers.ts';

/** docs.stripe.com/api/transfers and /api/transfer_reversals */
export const transfers: Resource = {
  routes: {
    'POST /v1/transfers': create,
    'POST /v1/transfers/{}': update,
    'POST /v1/transfers/{}/reversals': reverse,
    'GET /v1/transfers/{}/reversals/{}': (call) => asObject(reversalOf(call)),
    'POST /v1/transfers/{}/reversals/{}': updateReversal,
  },
};

function create({ realm, params }: Call): StripeObject {
  const currency = checkCurrency(params['currency'] as string);
  const destination = params['destination'] as string;
  if (realm.account !== realm.platform.account)
    throw refused('Only a platform can transfer money: leave out the Stripe-Account header.', {
      code: 'transfers_not_allowed',
    });
  checkMayReceive(realm, needDestination(realm, destination, 'destination'));
  const from = params['source_transaction'] as string | undefined;
  const source = from === undefined ? null : realm.need('charge', from, 'source_transaction');
  const amount =
    (params['amount'] as number | undefined) ?? (source ? untransferred(realm, source) : undefined);
  if (amount === undefined) throw missingParameter('amount');
  if (amount < 1)
    throw badParameter('Invalid positive integer', { code: 'parameter_invalid_integer', param: 'amount' });
  if (source) checkSource(realm, source, amount, currency);
  else checkFunds(realm, amount, currency);
  const transfer = makeTransfer(realm, {
    amount,
    currency,
    destination,
    source,
    ...(source && { availableOn: availabilityOf(realm, source) }),
    group: groupOf(realm, params, source),
    description: (params['description'] ?? null) as string | null,
    metadata: params['metadata'],
  });
  return asObject(transfer);
}

/** A transfer of a charge joins the charge to itself by a group, if nothing else has. */
function groupOf(realm: Realm, params: Params, source: Stripe.Charge | null): string | null {
  const given = (params['transfer_group'] as string | undefined) ?? source?.transfer_group;
  if (given || !source) return given ?? null;
  const group = `group_${idOf(source.payment_intent) ?? source.id}`;
  realm.change('charge', source.id, { transfer_group: group });
  return group;
}

function update({ realm, ids, params }: Call): StripeObject {
  const before = realm.named('transfer', ids[0] ?? '', 'transfer');
  const after = realm.change('transfer', before.id, changedTransfer(before, params));
  realm.emit('transfer.updated', after, differences(asObject(before), asObject(after)));
  return asObject(after);
}

function reverse({ realm, ids, params }: Call): StripeObject {
  const transfer = realm.named('transfer', ids[0] ?? '', 'transfer');
  const reversal = reverseTransfer(realm, transfer, {
    amount: (params['amount'] as number | undefined) ?? transfer.amount - transfer.amount_reversed,
    refundFee: params['refund_application_fee'] === true,
    metadata: params['metadata'],
  });
  return asObject(reversal);
}

function reversalOf({ realm, ids }: Call): Stripe.TransferReversal {
  const reversal = realm.get('transfer_reversal', ids[1]);
  if (!reversal || idOf(reversal.transfer) !== ids[0]) throw noSuch('transfer_reversal', ids[1] ?? '');
  return reversal;
}

function updateReversal(call: Call): StripeObject {
  const { realm, params } = call;
  const before = reversalOf(call);
  const metadata = mergeMetadata(before.metadata, params['metadata']);
  const after = realm.change('transfer_reversal', before.id, { metadata });
  const transfer = realm.need('transfer', idOf(after.transfer) ?? '');
  const data = transfer.reversals.data.map((each) => (each.id === after.id ? after : each));
  realm.change('transfer', transfer.id, { reversals: { ...transfer.reversals, data } });
  return asObject(after);
}

function asObject(object: object): StripeObject {
  return object as StripeObject;
}
