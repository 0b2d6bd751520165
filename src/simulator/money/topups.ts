import type Stripe from 'stripe';
import { bankFields, bankOfToken, type BankEntry } from '../connect/bank-entry.ts';
import { testAccount } from '../connect/bank-numbers.ts';
import { mergeMetadata } from '../contract/metadata.ts';
import type { Params } from '../contract/validate.ts';
import { checkCurrency } from '../payments/amounts.ts';
import type { Realm } from '../realm.ts';
import type { Call, Resource } from '../server/call.ts';
import { badParameter, noSuch, refused } from '../server/errors.ts';
import { differences } from '../server/hashes.ts';
import type { StripeObject } from '../store/store.ts';
import { post } from './post.ts';

/** How long the bank takes in test mode; the real one takes days. */
const SETTLE_SECONDS = 5;

const FAILURE_MESSAGES: Record<string, string> = {
  account_closed: 'The bank account has been closed.',
  debit_not_authorized: 'Debit transactions are not approved on the bank account.',
  insufficient_funds: 'The bank account has insufficient funds to complete the top-up.',
  invalid_currency: 'The bank was unable to process this top-up because of its currency.',
  no_account: 'The bank account could not be located.',
};

/** docs.stripe.com/api/topups; the bank behind them is the test's own. */
export const topups: Resource = {
  routes: { 'POST /v1/topups': create, 'POST /v1/topups/{}': update, 'POST /v1/topups/{}/cancel': cancel },
  tasks: { 'topup.settle': settle },
};

function create({ realm, params }: Call): StripeObject {
  const amount = params['amount'] as number;
  if (amount < 1)
    throw badParameter('Invalid positive integer', { code: 'parameter_invalid_integer', param: 'amount' });
  const currency = checkCurrency(params['currency'] as string);
  const bank = bankFor(realm, params['source'] as string | undefined);
  const topup = realm.insert(
    'topup',
    {
      amount,
      currency,
      description: (params['description'] ?? null) as string | null,
      expected_availability_date: realm.now + SETTLE_SECONDS,
      initiated_by: 'user',
      metadata: mergeMetadata({}, params['metadata']),
      source: sourceOf(realm, bank),
      statement_descriptor: (params['statement_descriptor'] ?? null) as string | null,
      status: 'pending',
      transfer_group: (params['transfer_group'] ?? null) as string | null,
    },
    { number: bank.account_number },
  );
  realm.emit('topup.created', topup);
  realm.later('topup.settle', topup.id, SETTLE_SECONDS);
  return asObject(topup);
}

function bankFor(realm: Realm, named: string | undefined): BankEntry {
  const typed = realm.row('token', named)?.hidden as { bank?: BankEntry } | undefined;
  const bank = typed?.bank ?? bankOfToken(named ?? 'btok_us_verified');
  if (!bank) throw noSuch('source', named ?? '', 'source');
  return bank;
}

function sourceOf(realm: Realm, bank: BankEntry): Stripe.Topup['source'] {
  const { bank_name, country, fingerprint, last4, routing_number } = bankFields(bank);
  const ach_debit = { bank_name, country, fingerprint, last4, routing_number, type: 'individual' };
  const fields = {
    id: `src_1${realm.secret(23)}`,
    object: 'source',
    ach_debit,
    allow_redisplay: 'unspecified',
    amount: null,
    client_secret: `src_client_secret_${realm.secret(24)}`,
    created: realm.now,
    currency: bank.currency,
    flow: 'code_verification',
    livemode: realm.livemode,
    metadata: {},
    owner: null,
    statement_descriptor: null,
    status: 'chargeable',
    type: 'ach_debit',
    usage: 'reusable',
  };
  return fields as unknown as Stripe.Topup['source'];
}

/** The bank has sent the money, or has refused to. */
function settle(realm: Realm, id: string): void {
  const topup = realm.get('topup', id);
  if (topup?.status !== 'pending') return;
  const { number } = realm.hidden('topup', id);
  const code = testAccount(number ?? '')?.failure;
  if (code !== undefined) {
    const failure = { failure_code: code, failure_message: FAILURE_MESSAGES[code] ?? null };
    realm.emit('topup.failed', realm.change('topup', id, { status: 'failed', ...failure }));
    return;
  }
  const booked = post(realm, {
    type: 'topup',
    amount: topup.amount,
    currency: topup.currency,
    source: id,
    description: topup.description ?? 'Top-up',
    category: 'topup',
  });
  realm.emit(
    'topup.succeeded',
    realm.change('topup', id, { status: 'succeeded', balance_transaction: booked.id }),
  );
}

function update({ realm, ids, params }: Call): StripeObject {
  const before = realm.named('topup', ids[0] ?? '', 'id');
  const after = realm.change('topup', before.id, {
    metadata: mergeMetadata(before.metadata, params['metadata'] as Params),
    ...(params['description'] !== undefined && { description: params['description'] as string | null }),
  });
  realm.emit('topup.updated', after, differences(asObject(before), asObject(after)));
  return asObject(after);
}

function cancel({ realm, ids }: Call): StripeObject {
  const before = realm.named('topup', ids[0] ?? '', 'id');
  if (before.status !== 'pending')
    throw refused(`Only pending top-ups can be canceled; ${before.id} is ${before.status}.`);
  const canceled = realm.change('topup', before.id, { status: 'canceled' });
  realm.emit('topup.canceled', canceled);
  return asObject(canceled);
}

function asObject(object: object): StripeObject {
  return object as StripeObject;
}
