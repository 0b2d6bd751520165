import type Stripe from 'stripe';
import { idOf } from '../kinds.ts';
import type { Realm } from '../realm.ts';
import { APPLICATION_ID } from '../connect/directory.ts';
import { afterBooking, directFee } from '../money/after-booking.ts';
import { differences } from '../server/hashes.ts';
import type { StripeObject } from '../store/store.ts';
import { bookCharge } from './balance.ts';
import { owned, ownerOf } from './owner.ts';
import type { Decline, TestCard } from './test-cards.ts';

/** One try to get the money. */
export interface ChargeAttempt {
  intent: Stripe.PaymentIntent;
  method: Stripe.PaymentMethod;
  card: TestCard | undefined;
  authenticated: boolean;
}

/** Days for which a bank holds an uncaptured amount. */
const HOLD_SECONDS = 7 * 24 * 3600;

/** Fields that have left the client's types, but Stripe still sends. */
const GONE_FROM_TYPES = { dispute: null, order: null };

const RISK_SCORES = { normal: 32, elevated: 68, highest: 92 };

/** A charge that the bank agreed to; `captured` unless the intent captures by hand. */
export function chargeSucceeded(realm: Realm, attempt: ChargeAttempt): Stripe.Charge {
  const { intent, card } = attempt;
  const captured = intent.capture_method !== 'manual';
  const charge = insertCharge(realm, attempt, {
    amount_captured: captured ? intent.amount : 0,
    captured,
    paid: true,
    status: 'succeeded',
    outcome: outcome(card, null),
    receipt_url: `${realm.engine.settings.url}/_sim/receipts/${intent.id}`,
  });
  // Under `automatic_async` Stripe books a little later and says so with charge.updated.
  const atOnce = captured && (intent.capture_method === 'automatic' || card?.availableAtOnce === true);
  const booked = atOnce ? book(realm, charge, card?.availableAtOnce === true) : charge;
  if (captured && !atOnce) realm.later('charge.book', charge.id, 1);
  realm.emit('charge.succeeded', booked);
  noteChecks(realm, attempt.method);
  return booked;
}

/** A charge that was refused. */
export function chargeFailed(realm: Realm, attempt: ChargeAttempt, decline: Decline): Stripe.Charge {
  const charge = insertCharge(realm, attempt, {
    amount_captured: 0,
    captured: false,
    paid: false,
    status: 'failed',
    failure_code: decline.code,
    failure_message: decline.message,
    outcome: outcome(attempt.card, decline),
  });
  realm.emit('charge.failed', charge);
  return charge;
}

/** A bank debit that is on its way. */
export function chargePending(realm: Realm, attempt: ChargeAttempt): Stripe.Charge {
  const charge = insertCharge(realm, attempt, {
    amount_captured: 0,
    captured: true,
    paid: false,
    status: 'pending',
    outcome: outcome(undefined, null),
  });
  realm.emit('charge.pending', charge);
  return charge;
}

/** Books a captured charge into the balance, and passes on what of it belongs to others. */
export function book(realm: Realm, charge: Stripe.Charge, availableAtOnce: boolean): Stripe.Charge {
  const applicationFee = directFee(realm, charge);
  const transaction = bookCharge(realm, charge, { availableAtOnce, applicationFee });
  const booked = realm.change('charge', charge.id, { balance_transaction: transaction.id });
  const follows = afterBooking(realm, booked, transaction);
  return realm.change('charge', charge.id, follows);
}

/** Books a charge that Stripe would book a moment later, and says so; one that is booked stays as it is. */
export function bookNow(realm: Realm, charge: Stripe.Charge): Stripe.Charge {
  if (charge.balance_transaction !== null || charge.status !== 'succeeded' || !charge.captured) return charge;
  const booked = book(realm, charge, false);
  const previous = differences(charge as unknown as StripeObject, booked as unknown as StripeObject);
  realm.emit('charge.updated', booked, previous);
  return booked;
}

function insertCharge(realm: Realm, attempt: ChargeAttempt, fields: Partial<Stripe.Charge>): Stripe.Charge {
  const { intent, method } = attempt;
  const { settings } = realm.engine;
  // Has left the client's types, but Stripe still sends it.
  const destination = { destination: idOf(intent.transfer_data?.destination) };
  return realm.insert('charge', {
    ...(method.type !== 'card' && { id: `py_3${realm.secret(23)}` }),
    amount: intent.amount,
    amount_refunded: 0,
    application_fee_amount: intent.application_fee_amount,
    billing_details: { ...method.billing_details, tax_id: method.billing_details.tax_id ?? null },
    calculated_statement_descriptor: intent.statement_descriptor ?? 'QUITTANCE SIMULATOR',
    currency: intent.currency,
    ...owned(ownerOf(intent)),
    description: intent.description,
    disputed: false,
    fraud_details: {},
    metadata: intent.metadata,
    on_behalf_of: idOf(intent.on_behalf_of),
    payment_intent: intent.id,
    payment_method: method.id,
    payment_method_details: details(realm, attempt),
    radar_options: {},
    receipt_email: intent.receipt_email,
    refunded: false,
    shipping: intent.shipping,
    statement_descriptor: intent.statement_descriptor,
    statement_descriptor_suffix: intent.statement_descriptor_suffix,
    transfer_data: transferData(intent),
    transfer_group: intent.transfer_group ?? (intent.transfer_data ? `group_${intent.id}` : null),
    ...GONE_FROM_TYPES,
    ...destination,
    ...fields,
    ...(settings.account !== realm.account && { application: APPLICATION_ID }),
  });
}

/** The bank has looked at the card's code, which Stripe shows on the payment method from then on. */
function noteChecks(realm: Realm, { id, card }: Stripe.PaymentMethod): void {
  if (card?.checks?.cvc_check !== 'unchecked') return;
  realm.change('payment_method', id, { card: { ...card, checks: { ...card.checks, cvc_check: 'pass' } } });
}

/** To whom a destination charge goes; Stripe shows the amount as null when it is all of it. */
function transferData({ transfer_data: split }: Stripe.PaymentIntent): Stripe.Charge['transfer_data'] {
  return split ? { amount: split.amount ?? null, destination: split.destination } : null;
}

function outcome(card: TestCard | undefined, decline: Decline | null): Stripe.Charge.Outcome {
  const risk = card?.risk ?? 'normal';
  const blocked = decline !== null && risk === 'highest';
  return {
    advice_code: decline?.advice_code ?? null,
    network_advice_code: null,
    network_decline_code: decline && !blocked ? '01' : null,
    network_status: decline
      ? blocked
        ? 'not_sent_to_network'
        : 'declined_by_network'
      : 'approved_by_network',
    reason: blocked ? 'highest_risk_level' : decline ? (decline.decline_code ?? decline.code) : null,
    risk_level: risk,
    risk_score: RISK_SCORES[risk],
    seller_message: sellerMessage(decline, blocked),
    type: blocked ? 'blocked' : decline ? 'issuer_declined' : 'authorized',
  };
}

function sellerMessage(decline: Decline | null, blocked: boolean): string {
  if (blocked) return 'Stripe blocked this payment as too risky.';
  if (!decline) return 'Payment complete.';
  if (decline.decline_code === 'generic_decline')
    return 'The bank did not return any further details with this decline.';
  return `The bank returned the decline code \`${decline.decline_code ?? decline.code}\`.`;
}

function details(realm: Realm, attempt: ChargeAttempt): Stripe.Charge.PaymentMethodDetails {
  const { method } = attempt;
  if (method.type === 'card' && method.card)
    return { card: cardPart(realm, attempt, method.card), type: 'card' };
  if (method.type === 'sepa_debit' && method.sepa_debit) {
    const { bank_code, branch_code, country, fingerprint, last4 } = method.sepa_debit;
    const known = { bank_code, branch_code, country, fingerprint, last4 };
    const sepa_debit = { ...known, expected_debit_date: null, mandate: null } as unknown;
    return { sepa_debit: sepa_debit as Stripe.Charge.PaymentMethodDetails.SepaDebit, type: 'sepa_debit' };
  }
  return { [method.type]: {}, type: method.type };
}

function cardPart(
  realm: Realm,
  { intent, authenticated, card: testCard }: ChargeAttempt,
  card: Stripe.PaymentMethod.Card,
): Stripe.Charge.PaymentMethodDetails.Card {
  const manual = intent.capture_method === 'manual';
  return {
    amount_authorized: intent.amount,
    authorization_code: realm.secret(6).toUpperCase(),
    brand: card.brand,
    ...(manual && { capture_before: realm.now + HOLD_SECONDS }),
    checks: {
      ...card.checks,
      cvc_check: cvcCheck(card, testCard),
    } as Stripe.Charge.PaymentMethodDetails.Card.Checks,
    country: card.country,
    exp_month: card.exp_month,
    exp_year: card.exp_year,
    extended_authorization: { status: 'disabled' },
    fingerprint: card.fingerprint ?? null,
    funding: card.funding,
    incremental_authorization: { status: 'unavailable' },
    installments: null,
    last4: card.last4,
    mandate: null,
    multicapture: { status: 'unavailable' },
    network: card.brand,
    network_token: { used: false },
    network_transaction_id: String(100_000_000_000_000 + (realm.now % 1_000_000_000)),
    overcapture: { maximum_amount_capturable: intent.amount, status: 'unavailable' },
    regulated_status: 'unregulated',
    three_d_secure: authenticated ? authentication() : null,
    wallet: null,
  } as Stripe.Charge.PaymentMethodDetails.Card;
}

function cvcCheck(card: Stripe.PaymentMethod.Card, testCard: TestCard | undefined): string | null {
  if (card.checks?.cvc_check === null || card.checks === null) return null;
  return testCard?.decline?.code === 'incorrect_cvc' ? 'fail' : 'pass';
}

function authentication(): Partial<Stripe.Charge.PaymentMethodDetails.Card.ThreeDSecure> {
  return {
    authentication_flow: 'challenge',
    electronic_commerce_indicator: '05',
    exemption_indicator: null,
    result: 'authenticated',
    result_reason: null,
    version: '2.2.0',
  };
}
