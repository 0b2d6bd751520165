import type Stripe from 'stripe';
import { BILLING_INDEXED, type BillingHidden, type BillingKinds } from './billing/kinds.ts';
import type { CardEntry } from './payments/card-details.ts';

/**
 * The kinds of object that have behaviour of their own, with the type that the client gives them. A field
 * which may hold an id or an object always holds the id here; `idOf` says so to the type checker.
 */
export interface Kinds extends BillingKinds {
  account: Stripe.Account;
  application_fee: Stripe.ApplicationFee;
  'apps.install': Stripe.Apps.Install;
  'apps.secret': Stripe.Apps.Secret;
  balance_transaction: Stripe.BalanceTransaction;
  bank_account: Stripe.BankAccount;
  capability: Stripe.Capability;
  card: Stripe.Card;
  charge: Stripe.Charge;
  'checkout.session': Stripe.Checkout.Session;
  confirmation_token: Stripe.ConfirmationToken;
  coupon: Stripe.Coupon;
  customer: Stripe.Customer;
  dispute: Stripe.Dispute;
  event: Stripe.EventBase;
  fee_refund: Stripe.FeeRefund;
  file: Stripe.File;
  file_link: Stripe.FileLink;
  item: Stripe.LineItem;
  mandate: Stripe.Mandate;
  payment_intent: Stripe.PaymentIntent;
  payment_method: Stripe.PaymentMethod;
  payout: Stripe.Payout;
  person: Stripe.Person;
  price: Stripe.Price;
  product: Stripe.Product;
  'radar.early_fraud_warning': Stripe.Radar.EarlyFraudWarning;
  refund: Stripe.Refund;
  review: Stripe.Review;
  setup_attempt: Stripe.SetupAttempt;
  setup_intent: Stripe.SetupIntent;
  subscription: Stripe.Subscription;
  token: Stripe.Token;
  topup: Stripe.Topup;
  transfer: Stripe.Transfer;
  transfer_reversal: Stripe.TransferReversal;
  'v2.core.event': ThinEvent;
  'v2.core.event_destination': Stripe.V2.Core.EventDestination;
  webhook_endpoint: Stripe.WebhookEndpoint;
}

export type Kind = keyof Kinds;

/** What is remembered about objects of a kind without being shown. */
export interface HiddenKinds extends BillingHidden {
  /** The app may only do what is in its list of permissions. */
  'apps.install': { limited: boolean };
  /**
   * Parameters that the payment will need, the event that told of its end, and the subscription that
   * waits for its first payment.
   */
  'checkout.session': { params: Record<string, unknown>; completedEvent: string; subscription: string };
  /** The session that it belongs to. */
  payment_intent: { session: string };
  setup_intent: { session: string };
  /** The PaymentMethod that the token's preview was made from. */
  confirmation_token: { method: string };
  /** The card or account number, whether it may pay while its owner is away, and whether it was used up. */
  payment_method: { number: string; setUp: boolean; used: boolean };
  /** Of the platform's fee, what this refund gives back. */
  refund: { feeBack: number };
  token: { entry: CardEntry };
  /** The account that the bank takes the money from. */
  topup: { number: string };
}

/** A thin event as /v2/core/events answers it; the client's own type adds methods. */
export interface ThinEvent {
  id: string;
  object: 'v2.core.event';
  type: string;
  livemode: boolean;
  created: string;
  context?: string;
  reason?: { type: 'request'; request: { id: string; idempotency_key?: string } } | undefined;
  related_object?: { id: string; type: string; url: string } | undefined;
  snapshot_event?: string | undefined;
  data?: Record<string, unknown>;
}

/** The lists by which rows are looked up often; every other filter walks the table. */
export const INDEXED: Readonly<Record<string, readonly string[]>> = {
  ...BILLING_INDEXED,
  _delivery: ['event', 'endpoint'],
  application_fee: ['charge'],
  'apps.install': ['account'],
  'apps.secret': ['place'],
  balance_transaction: ['source', 'payout'],
  bank_account: ['account'],
  card: ['account', 'customer'],
  charge: ['payment_intent', 'customer'],
  'checkout.session': ['payment_intent', 'setup_intent', 'customer'],
  customer_cash_balance_transaction: ['customer'],
  dispute: ['charge', 'payment_intent'],
  event: ['type'],
  fee_refund: ['fee'],
  file_link: ['file'],
  item: ['session'],
  payment_intent: ['customer'],
  payment_method: ['customer'],
  person: ['account'],
  price: ['product', 'lookup_key'],
  'radar.early_fraud_warning': ['charge'],
  refund: ['charge', 'payment_intent'],
  setup_attempt: ['setup_intent'],
  subscription: ['customer'],
  transfer: ['source_transaction', 'destination', 'transfer_group'],
  transfer_reversal: ['transfer'],
};

/** The id in a field that may hold an id or an expanded object. */
export function idOf(value: string | { id: string } | null | undefined): string | null {
  if (value === null || value === undefined) return null;
  return typeof value === 'string' ? value : value.id;
}
