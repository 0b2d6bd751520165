import { z } from 'zod';
import { readBody } from '../http/body.ts';
import type { Problem } from '../http/problem.ts';
import type { Read } from '../http/request.ts';
import { FILE_FIELDS, isFileField } from './evidence.ts';

// docs.stripe.com/file-upload: PDF, JPEG or PNG of at most 5 MB as evidence in a dispute.
const FILE_BYTES_MAX = 5 * 1024 * 1024;
// The other part of the form, its boundaries and headers.
const FORM_BYTES_MAX = 64 * 1024;

/** What a file is, told by how it begins: a name can say anything. */
const KINDS = [
  { extension: 'pdf', type: 'application/pdf', beginning: Buffer.from('%PDF-') },
  { extension: 'png', type: 'image/png', beginning: Buffer.from('89504e470d0a1a0a', 'hex') },
  { extension: 'jpg', type: 'image/jpeg', beginning: Buffer.from('ffd8ff', 'hex') },
] as const;

/** A file and the part of the evidence it is. */
export const evidenceFileSchema = z.strictObject({
  field: z.enum(FILE_FIELDS),
  file: z.file().describe(`A PDF, JPEG or PNG of at most ${FILE_BYTES_MAX} bytes`),
});

export type EvidenceFile = z.output<typeof evidenceFileSchema>;

/**
 * Reads a form with a `file` and the `field` it is for. Problems: `invalid_request` (400: no form, a part too
 * many or missing, an unknown field, an empty file), `file_too_large` (413), `unsupported_file_type` (415).
 * The file's name is ours from then on: how a customer's file was called is nobody's business.
 */
export async function readEvidenceFile(request: Request): Promise<Read<EvidenceFile>> {
  const reading = await readBody(request, FILE_BYTES_MAX + FORM_BYTES_MAX);
  if (reading.kind === 'too_large') return { problem: TOO_LARGE };
  if (reading.kind !== 'bytes') return { problem: NO_FORM };
  const form = await readForm(request, reading.bytes);
  if (!form || [...form.keys()].toSorted().join() !== 'field,file') return { problem: NO_FORM };
  const field = form.get('field');
  const file = form.get('file');
  if (!isFileField(field)) return { problem: UNKNOWN_FIELD };
  if (typeof file === 'string' || file === null || file.size === 0) return { problem: NO_FILE };
  if (file.size > FILE_BYTES_MAX) return { problem: TOO_LARGE };
  const data = Buffer.from(await file.arrayBuffer());
  const kind = KINDS.find(({ beginning }) => data.subarray(0, beginning.length).equals(beginning));
  if (!kind) return { problem: UNSUPPORTED };
  return { value: { field, file: new File([data], `${field}.${kind.extension}`, { type: kind.type }) } };
}

async function readForm(request: Request, bytes: Buffer): Promise<FormData | null> {
  const type = request.headers.get('content-type') ?? '';
  if (!/^multipart\/form-data\b/i.test(type)) return null;
  const form = new Response(new Uint8Array(bytes), { headers: { 'content-type': type } }).formData();
  return form.catch(() => null);
}

const NO_FORM: Problem = {
  status: 400,
  code: 'invalid_request',
  detail: 'Send multipart/form-data with exactly two parts: "field" and "file".',
};

const UNKNOWN_FIELD: Problem = {
  status: 400,
  code: 'invalid_request',
  detail: `"field" must be one of ${FILE_FIELDS.join(', ')}.`,
  extra: { field: 'field' },
};

const NO_FILE: Problem = {
  status: 400,
  code: 'invalid_request',
  detail: '"file" must be a file that is not empty.',
  extra: { field: 'file' },
};

const TOO_LARGE: Problem = {
  status: 413,
  code: 'file_too_large',
  detail: `Stripe takes files of at most ${FILE_BYTES_MAX} bytes as evidence.`,
  extra: { bytes_max: FILE_BYTES_MAX },
};

const UNSUPPORTED: Problem = {
  status: 415,
  code: 'unsupported_file_type',
  detail: 'Stripe takes PDF, JPEG and PNG files as evidence.',
};
