import { z } from 'zod';
import {
  accountFilter,
  idPage,
  livemodeFilter,
  moneySchema,
  operation,
  pageSchema,
} from '../http/operation.ts';
import { DISPUTE_STATUSES } from './dispute.ts';
import { evidenceSchema, FILE_FIELDS, TEXT_FIELDS } from './evidence.ts';
import { evidenceFileSchema, readEvidenceFile } from './file.ts';

// All texts together have 150,000 characters, of up to six bytes as JSON writes them.
const EVIDENCE_BYTES_MAX = 1024 * 1024;

const dispute = z
  .object({
    id: z.string(),
    account: z.string().nullable().describe('The connected account that was paid; null is our own'),
    livemode: z.boolean(),
    order: z.string().nullable().describe('Null when the payment is no order of ours'),
    charge: z.string(),
    payment_intent: z.string().nullable(),
    amount: moneySchema,
    reason: z.string().describe('Stripe’s word'),
    reason_words: z.string(),
    status: z.string().describe('Stripe’s word'),
    inquiry: z.boolean().describe('The bank only asks; no money has moved'),
    evidence_due_by: z.iso.datetime().nullable(),
    has_evidence: z.boolean(),
    past_due: z.boolean(),
    submission_count: z.int(),
    opened_at: z.iso.datetime(),
    closed_at: z.iso.datetime().nullable(),
  })
  .meta({ id: 'Dispute', description: 'A payment that a bank took back for now, or asks about' });

const movement = z.object({
  id: z.string(),
  purpose: z.enum(['dispute_reversal', 'dispute_retransfer']),
  seller: z.string(),
  amount: moneySchema,
  status: z.enum(['planned', 'done', 'refused']),
  stripe_id: z.string().nullable(),
  error_code: z.string().nullable(),
  error: z.string().nullable(),
});

const field = z.enum([...TEXT_FIELDS, ...FILE_FIELDS]);

const wholeDispute = dispute
  .extend({
    advice: z.string().describe('What has to be shown to win'),
    helps: z.array(field).describe('Fields of the evidence that matter, the most important first'),
    seconds_left: z.int().nullable().describe('Until the evidence has to be there; negative afterwards'),
    refusal: z
      .object({ code: z.string(), detail: z.string() })
      .nullable()
      .describe('Why nothing can be sent now; null when an answer can be given'),
    order_facts: z
      .object({
        status: z.string(),
        product: z.string().nullable(),
        amount: moneySchema,
        refunded: z.int(),
        email: z.string().nullable(),
        paid_at: z.iso.datetime().nullable(),
      })
      .nullable(),
    movements: z.array(movement).describe('Taken from sellers because of it, and given to them again'),
    events: z.array(
      z.object({
        id: z.string(),
        type: z.string(),
        created: z.iso.datetime().nullable(),
        received_at: z.iso.datetime(),
      }),
    ),
  })
  .meta({ id: 'WholeDispute', description: 'A dispute with all that is known of it' });

const keptEvidence = z
  .object({
    texts: z.array(z.object({ field: z.enum(TEXT_FIELDS), text: z.string() })),
    files: z.array(
      z.object({
        field: z.enum(FILE_FIELDS),
        id: z.string(),
        type: z.string().nullable(),
        bytes: z.int(),
        uploaded_at: z.iso.datetime(),
      }),
    ),
  })
  .meta({ id: 'DisputeEvidence', description: 'What Stripe keeps as evidence, submitted or not' });

const warning = z
  .object({
    id: z.string(),
    account: z.string().nullable(),
    livemode: z.boolean(),
    order: z.string().nullable().describe('Null when the payment is no order of ours'),
    charge: z.string(),
    fraud_type: z.string().describe('Stripe’s word'),
    actionable: z.boolean().describe('A refund still comes before a dispute'),
    created_at: z.iso.datetime(),
  })
  .meta({ id: 'FraudWarning', description: 'A bank’s report of a payment as fraud' });

const order = z.string().max(255).nullable().default(null);
const disputeFilters = {
  status: z.enum(DISPUTE_STATUSES).nullable().default(null),
  order,
  account: accountFilter,
  open: z.stringbool().nullable().default(null).describe('`true`: not over yet'),
  unanswered: z.stringbool().nullable().default(null).describe('`true`: the bank waits for an answer'),
  due_before: z.iso.datetime().nullable().default(null).describe('Evidence has to be there before'),
  livemode: livemodeFilter,
};
const acting = {
  tag: 'Disputes',
  role: 'operator',
  answer: dispute,
} as const;
const REFUSALS = ['dispute_not_found', 'dispute_closed', 'dispute_under_review', 'dispute_in_appeal'];
const ACTING_PROBLEMS = [...REFUSALS, 'deadline_passed', 'stripe_rejected', 'stripe_unavailable'];

export const LIST_DISPUTES = operation({
  id: 'listDisputes',
  method: 'GET',
  path: '/api/disputes',
  tag: 'Disputes',
  summary: 'List disputes, newest first or by deadline',
  role: 'viewer',
  query: z.strictObject({
    ...disputeFilters,
    sort: z.enum(['newest', 'deadline']).default('newest').describe('`deadline`: the nearest first'),
    ...idPage,
  }),
  answer: pageSchema(dispute),
});

export const EXPORT_DISPUTES = operation({
  id: 'exportDisputes',
  method: 'GET',
  path: '/api/exports/disputes',
  tag: 'Disputes',
  summary: 'All of the list as CSV, newest first',
  role: 'viewer',
  query: z.strictObject(disputeFilters),
  answer: 'text/csv',
});

export const GET_DISPUTE = operation({
  id: 'getDispute',
  method: 'GET',
  path: '/api/disputes/{id}',
  tag: 'Disputes',
  summary: 'One dispute, with what it has moved',
  role: 'viewer',
  query: z.strictObject({ livemode: livemodeFilter }),
  answer: wholeDispute,
  problems: ['dispute_not_found'],
});

export const GET_DISPUTE_EVIDENCE = operation({
  id: 'getDisputeEvidence',
  method: 'GET',
  path: '/api/disputes/{id}/evidence',
  tag: 'Disputes',
  summary: 'Evidence that Stripe keeps until now',
  description: 'Asks Stripe: evidence is kept nowhere else.',
  role: 'viewer',
  query: z.strictObject({ livemode: livemodeFilter }),
  answer: keptEvidence,
  problems: ['dispute_not_found', 'other_mode', 'stripe_rejected', 'stripe_unavailable'],
});

export const SEND_DISPUTE_EVIDENCE = operation({
  ...acting,
  id: 'sendDisputeEvidence',
  method: 'POST',
  path: '/api/disputes/{id}/evidence',
  summary: 'Keep evidence in words, or submit all that is kept',
  description: 'The bank gets it once, with `submit`. Without it, the evidence can still be changed.',
  body: evidenceSchema,
  bodyExample: 'JSON such as {"evidence":{"uncategorized_text":"…"},"submit":true}',
  bodyBytesMax: EVIDENCE_BYTES_MAX,
  // What stands in the audit log stays there, and this tells of a buyer.
  unaudited: ['evidence'],
  problems: ACTING_PROBLEMS,
});

export const SEND_DISPUTE_FILE = operation({
  ...acting,
  id: 'sendDisputeFile',
  method: 'POST',
  path: '/api/disputes/{id}/files',
  summary: 'Keep a file as evidence',
  description: 'A file is told by how it begins, not by its name, which is not passed on.',
  body: evidenceFileSchema,
  readForm: readEvidenceFile,
  unaudited: ['file'],
  problems: [...ACTING_PROBLEMS, 'file_too_large', 'unsupported_file_type'],
});

export const CLOSE_DISPUTE = operation({
  ...acting,
  id: 'closeDispute',
  method: 'POST',
  path: '/api/disputes/{id}/close',
  summary: 'Accept the loss, which can’t be taken back',
  problems: ACTING_PROBLEMS,
});

export const LIST_FRAUD_WARNINGS = operation({
  id: 'listFraudWarnings',
  method: 'GET',
  path: '/api/fraud-warnings',
  tag: 'Disputes',
  summary: 'List payments that banks report as fraud, newest first',
  role: 'viewer',
  query: z.strictObject({
    order,
    account: accountFilter,
    actionable: z.stringbool().nullable().default(null),
    livemode: livemodeFilter,
    ...idPage,
  }),
  answer: pageSchema(warning),
});
