import type { Answer } from '../api/client.ts';

export type EvidenceField = Answer<'getDispute'>['helps'][number];
export type FileField = Answer<'getDisputeEvidence'>['files'][number]['field'];
export type TextField = Answer<'getDisputeEvidence'>['texts'][number]['field'];

/** What stands at a field of the evidence. */
interface Words {
  label: string;
  hint?: string;
}

// docs.stripe.com/api/disputes/update: a long text has at most 20,000 characters, all together 150,000.
export const LONG_CHARACTERS_MAX = 20_000;
export const SHORT_CHARACTERS_MAX = 5_000;
export const ALL_CHARACTERS_MAX = 150_000;

/** Texts of one line, in the order in which they are shown when they do not matter most. */
export const SHORT_TEXTS: Partial<Record<TextField, Words>> = {
  customer_name: { label: 'Customer’s name' },
  customer_email_address: { label: 'Customer’s mail address' },
  customer_purchase_ip: { label: 'Customer’s IP address', hint: 'At the time of the purchase.' },
  billing_address: { label: 'Billing address' },
  shipping_address: { label: 'Shipping address', hint: 'As complete as you have it.' },
  shipping_carrier: { label: 'Carrier', hint: 'For example DHL or UPS; several with commas.' },
  shipping_date: { label: 'Date of shipping' },
  shipping_tracking_number: { label: 'Tracking number', hint: 'Several with commas.' },
  service_date: { label: 'Date of the service', hint: 'When the customer got it, or it began.' },
  duplicate_charge_id: { label: 'The other payment', hint: 'Its id at Stripe: ch_… or py_…' },
};

/** Texts of more. */
export const LONG_TEXTS: Partial<Record<TextField, Words>> = {
  product_description: { label: 'What was sold', hint: 'As the customer saw it described.' },
  access_activity_log: {
    label: 'Log of use',
    hint: 'When, and from which IP address, the customer used or downloaded it.',
  },
  duplicate_charge_explanation: { label: 'Why these are two purchases' },
  refund_refusal_explanation: { label: 'Why no refund is due' },
  refund_policy_disclosure: { label: 'How the refund policy was shown', hint: 'Before the purchase.' },
  cancellation_rebuttal: { label: 'Why it was not cancelled' },
  cancellation_policy_disclosure: {
    label: 'How the cancellation policy was shown',
    hint: 'Before the purchase.',
  },
  uncategorized_text: { label: 'Anything else', hint: 'Tell it in order: what, when, and what shows it.' },
};

export const FILES: Record<FileField, Words> = {
  receipt: { label: 'Receipt', hint: 'What told the customer of the payment.' },
  customer_communication: {
    label: 'Letters with the customer',
    hint: 'Mails or chats that show what was agreed, or that it arrived.',
  },
  customer_signature: { label: 'Signature', hint: 'A contract or delivery note the customer signed.' },
  shipping_documentation: { label: 'Proof of shipping', hint: 'It should show the whole address.' },
  service_documentation: { label: 'Proof of the service', hint: 'A contract, work order or report.' },
  duplicate_charge_documentation: { label: 'Proof that it is another purchase' },
  refund_policy: { label: 'Refund policy', hint: 'As the customer was shown it.' },
  cancellation_policy: { label: 'Cancellation policy', hint: 'As the customer was shown it.' },
  uncategorized_file: { label: 'Any other file' },
};

/** Every field: those that help first, in their order, and then the others. */
export function sorted(helps: readonly EvidenceField[]): { first: EvidenceField[]; rest: EvidenceField[] } {
  const all = [...Object.keys(SHORT_TEXTS), ...Object.keys(LONG_TEXTS), ...Object.keys(FILES)];
  const known = all as EvidenceField[];
  return {
    first: helps.filter((field) => known.includes(field)),
    rest: known.filter((field) => !helps.includes(field)),
  };
}

export function isFileField(field: EvidenceField): field is FileField {
  return field in FILES;
}

/** The name of any field. */
export function labelOf(field: EvidenceField): string {
  if (isFileField(field)) return FILES[field].label;
  return (SHORT_TEXTS[field] ?? LONG_TEXTS[field])?.label ?? field;
}
