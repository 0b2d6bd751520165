import type Stripe from 'stripe';
import { idOf } from '../kinds.ts';
import type { Realm } from '../realm.ts';
import { bankAddresses } from './bank-addresses.ts';

type Instructions = Stripe.PaymentIntent.NextAction.DisplayBankTransferInstructions;

const REFERENCE_CHARS = 12;

/** How each currency is transferred where the caller did not say. */
const TRANSFERS: Readonly<Record<string, string>> = {
  eur: 'eu_bank_transfer',
  gbp: 'gb_bank_transfer',
  jpy: 'jp_bank_transfer',
  mxn: 'mx_bank_transfer',
};

/** What a buyer who pays by bank transfer is shown; see docs.stripe.com/payments/bank-transfers. */
export function transferInstructions(
  realm: Realm,
  intent: Pick<Stripe.PaymentIntent, 'id' | 'amount' | 'currency' | 'customer'>,
): Stripe.PaymentIntent.NextAction {
  const { url } = realm.engine.settings;
  const type = TRANSFERS[intent.currency] ?? 'us_bank_transfer';
  const addresses = bankAddresses(type, idOf(intent.customer) ?? intent.id) as unknown;
  const instructions: Instructions = {
    amount_remaining: intent.amount,
    currency: intent.currency,
    financial_addresses: addresses as Instructions['financial_addresses'],
    hosted_instructions_url: `${url}/_sim/transfers/${intent.id}`,
    reference: realm.secret(REFERENCE_CHARS).toUpperCase(),
    type,
  };
  return { display_bank_transfer_instructions: instructions, type: 'display_bank_transfer_instructions' };
}
