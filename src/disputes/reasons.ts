import type { FileField, TextField } from './evidence.ts';

/** A field of the evidence. */
type EvidenceField = TextField | FileField;

/** What a bank's reason means, and what answers it. */
export interface Reason {
  /** What the buyer or the bank says. */
  words: string;
  /** What has to be shown. */
  advice: string;
  /** What shows it, the most important first. */
  helps: readonly EvidenceField[];
}

const DELIVERY = [
  'shipping_carrier',
  'shipping_tracking_number',
  'shipping_date',
  'shipping_address',
  'shipping_documentation',
] as const satisfies EvidenceField[];
const SERVICE = ['service_date', 'service_documentation', 'access_activity_log'] as const;
const BUYER = [
  'customer_name',
  'customer_email_address',
  'billing_address',
  'customer_purchase_ip',
] as const satisfies EvidenceField[];
const REFUND_POLICY = ['refund_policy', 'refund_policy_disclosure', 'refund_refusal_explanation'] as const;

const BY_THE_BUYER: readonly EvidenceField[] = [
  ...BUYER,
  'customer_signature',
  'customer_communication',
  'product_description',
  ...SERVICE,
  ...DELIVERY,
  'receipt',
];

const OF_THE_ACCOUNT: Reason = {
  words: 'The bank could not take the payment from the buyer’s account.',
  advice: 'The bank decides this by itself. Ask the buyer to pay in another way.',
  helps: ['customer_communication', 'receipt', 'uncategorized_text'],
};

const GENERAL: Reason = {
  words: 'The bank gives no reason of its own.',
  advice: 'Ask the buyer what is wrong, and show what was ordered, and that it was delivered.',
  helps: [
    'uncategorized_text',
    'product_description',
    'customer_communication',
    ...SERVICE,
    ...DELIVERY,
    'receipt',
  ],
};

/** docs.stripe.com/disputes/categories, and `reason` of docs.stripe.com/api/disputes/object. */
const REASONS: Record<string, Reason> = {
  bank_cannot_process: OF_THE_ACCOUNT,
  check_returned: { ...OF_THE_ACCOUNT, words: 'The buyer’s bank returned the check.' },
  incorrect_account_details: { ...OF_THE_ACCOUNT, words: 'The buyer’s account details were wrong.' },
  insufficient_funds: { ...OF_THE_ACCOUNT, words: 'The buyer’s account had too little money.' },
  debit_not_authorized: {
    words: 'The buyer says that they did not allow this debit.',
    advice: 'Show that the buyer agreed to be debited: the mandate, or what they signed.',
    helps: ['customer_signature', ...BUYER, 'customer_communication', 'product_description', 'receipt'],
  },
  customer_initiated: {
    words: 'The buyer asked their bank for the money back.',
    advice: 'Ask the buyer why. If it is a mistake, have them withdraw it, and show that they did.',
    helps: ['customer_communication', ...BUYER, 'product_description', ...SERVICE, ...DELIVERY, 'receipt'],
  },
  credit_not_processed: {
    words: 'The buyer says that you promised a refund and did not make it.',
    advice: 'Show that the refund was made, or that your policy gives none and the buyer knew it.',
    helps: [...REFUND_POLICY, 'customer_communication', 'product_description', 'receipt'],
  },
  duplicate: {
    words: 'The buyer says that they paid twice for the same thing.',
    advice: 'Show what each of the two payments was for, or that one of them was given back.',
    helps: [
      'duplicate_charge_id',
      'duplicate_charge_explanation',
      'duplicate_charge_documentation',
      'receipt',
      'product_description',
      'customer_communication',
      ...DELIVERY,
    ],
  },
  fraudulent: {
    words: 'The cardholder says that they did not make this payment.',
    advice: 'Show that the cardholder ordered it: name, address, IP address, signature, use and delivery.',
    helps: BY_THE_BUYER,
  },
  unrecognized: {
    words: 'The cardholder does not recognise the payment on their statement.',
    advice: 'Tell what was bought, and show that it was the cardholder who ordered it.',
    helps: ['product_description', 'receipt', ...BY_THE_BUYER.filter((field) => field !== 'receipt')],
  },
  general: GENERAL,
  noncompliant: {
    words: 'The bank says that the payment broke a rule of the card network.',
    advice: 'Ask Stripe which rule it is. The answer may have to be given in Stripe’s Dashboard.',
    helps: ['uncategorized_text', 'uncategorized_file', 'customer_communication', 'product_description'],
  },
  product_not_received: {
    words: 'The buyer says that they did not get what they paid for.',
    advice: 'Show that it was delivered, when and where: tracking, a signature, or use of it.',
    helps: [...DELIVERY, ...SERVICE, 'customer_signature', 'customer_communication', 'product_description'],
  },
  product_unacceptable: {
    words: 'The buyer says that what they got is broken, or not what was promised.',
    advice: 'Show how it was described, that it was that, and what you offered to make it good.',
    helps: [
      'product_description',
      'customer_communication',
      'service_documentation',
      ...REFUND_POLICY,
      ...DELIVERY,
      'receipt',
    ],
  },
  subscription_canceled: {
    words: 'The buyer says that they had cancelled the subscription.',
    advice: 'Show that it was not cancelled, or that it was used after that, and which rules you told of.',
    helps: [
      'cancellation_rebuttal',
      'cancellation_policy',
      'cancellation_policy_disclosure',
      'access_activity_log',
      'customer_communication',
      'product_description',
    ],
  },
};

/** Every reason that we have words for. */
export const REASON_CODES = Object.keys(REASONS);

/** What a reason means. One that Stripe invents later is told like one without a reason. */
export function reasonOf(reason: string): Reason {
  return REASONS[reason] ?? GENERAL;
}
