import { z } from 'zod';
import type Stripe from 'stripe';
import { isStorable, UNSTORABLE } from '../http/request.ts';

type Field = keyof Stripe.DisputeUpdateParams.Evidence;

// docs.stripe.com/api/disputes/update: a long text has at most 20,000 characters, all together 150,000.
const LONG_CHARACTERS_MAX = 20_000;
const ALL_CHARACTERS_MAX = 150_000;
// Stripe names no limit for names, addresses and numbers.
const SHORT_CHARACTERS_MAX = 5_000;

// Stripe's events repeat the evidence: with what can't be stored, the dispute's later ones are put aside.
const text = (max: number): z.ZodString =>
  z.string().max(max, `may have at most ${max} characters`).refine(isStorable, UNSTORABLE);
const long = text(LONG_CHARACTERS_MAX);
const short = text(SHORT_CHARACTERS_MAX);

/** What can be said in words. An empty text takes a field back. */
const TEXTS = {
  access_activity_log: long,
  billing_address: short,
  cancellation_policy_disclosure: long,
  cancellation_rebuttal: long,
  customer_email_address: short,
  customer_name: short,
  customer_purchase_ip: short,
  duplicate_charge_explanation: long,
  duplicate_charge_id: short,
  product_description: long,
  refund_policy_disclosure: long,
  refund_refusal_explanation: long,
  service_date: short,
  shipping_address: short,
  shipping_carrier: short,
  shipping_date: short,
  shipping_tracking_number: short,
  uncategorized_text: long,
} satisfies Partial<Record<Field, z.ZodString>>;

/** What is shown by a file. */
export const FILE_FIELDS = [
  'cancellation_policy',
  'customer_communication',
  'customer_signature',
  'duplicate_charge_documentation',
  'receipt',
  'refund_policy',
  'service_documentation',
  'shipping_documentation',
  'uncategorized_file',
] as const satisfies Field[];

export type FileField = (typeof FILE_FIELDS)[number];

export type TextField = keyof typeof TEXTS;

export const TEXT_FIELDS = Object.keys(TEXTS) as TextField[];

/** What Stripe has besides, for programs of some card networks: to be answered in Stripe's Dashboard. */
export const FIELDS_LEFT_OUT = ['appeal', 'enhanced_evidence'] as const satisfies Field[];

/** The body of `POST /api/disputes/:id/evidence`. */
export const evidenceSchema = z.strictObject({
  evidence: z
    .strictObject(TEXTS)
    .partial()
    .refine((evidence) => charactersOf(evidence) <= ALL_CHARACTERS_MAX, {
      message: `may have at most ${ALL_CHARACTERS_MAX} characters in all fields together`,
    })
    .default({}),
  submit: z.boolean().default(false).describe('The bank gets what is there, once'),
});

export type EvidenceRequest = z.output<typeof evidenceSchema>;

export function isFileField(name: unknown): name is FileField {
  return (FILE_FIELDS as readonly unknown[]).includes(name);
}

function charactersOf(evidence: Record<string, string | undefined>): number {
  return Object.values(evidence).reduce((sum, text) => sum + (text?.length ?? 0), 0);
}
