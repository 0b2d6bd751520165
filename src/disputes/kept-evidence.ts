import type Stripe from 'stripe';
import { FILE_FIELDS, TEXT_FIELDS, type FileField, type TextField } from './evidence.ts';

/** A file that shows something, as Stripe keeps it. */
interface KeptFile {
  field: FileField;
  id: string;
  type: string | null;
  bytes: number;
  uploaded_at: string;
}

/** What Stripe keeps as evidence. */
export interface KeptEvidence {
  texts: { field: TextField; text: string }[];
  files: KeptFile[];
}

/** The fields that are filled; files have to be expanded. */
export function keptIn(evidence: Stripe.Dispute.Evidence): KeptEvidence {
  const texts = TEXT_FIELDS.flatMap((field) => {
    const text = evidence[field];
    return text ? [{ field, text }] : [];
  });
  const files = FILE_FIELDS.flatMap((field) => {
    const file = evidence[field];
    return typeof file === 'object' && file !== null ? [keptFile(field, file)] : [];
  });
  return { texts, files };
}

function keptFile(field: FileField, { id, type, size, created }: Stripe.File): KeptFile {
  return { field, id, type, bytes: size, uploaded_at: new Date(created * 1000).toISOString() };
}
