// docs.stripe.com/connect/testing: what the test values bring about.

/** How long a check takes that is not answered at once. */
export const CHECK_SECONDS = 3;
/** How long Stripe looks into an account on a list before it rejects it. */
export const REVIEW_SECONDS = 3600;

/** A field that was refused, and what Stripe says about it. */
export interface Failure {
  field: string;
  code: string;
}

/** What a person has shown of themselves. */
export interface Identity {
  dob: { day: number | null; month: number | null; year: number | null } | undefined;
  line1: string | null;
  idNumber: string | null;
  ssnLast4: string | null;
  document: string | null;
  additionalDocument: string | null;
}

/** What comes of a check; `immediate` when Stripe answers in the same response. */
export interface Outcome {
  failures: Failure[];
  immediate: boolean;
  listed: boolean;
}

const DOCUMENT_GOOD = 'file_identity_document_success';
const DOCUMENT_BAD = 'file_identity_document_failure';

const DOB_GOOD = '1901-1-1';
const DOB_IMMEDIATE = '1902-1-1';
const DOB_LISTED = '1900-1-1';
const ID_MISMATCH = '111111111';
const ID_IMMEDIATE = '222222222';
const ADDRESS_BAD = new Set(['address_no_match', 'address_line1_no_match']);

/**
 * Is this the person they say they are? `strict` in test mode, where other birthdays than the test's fail.
 */
export function personOutcome(identity: Identity, strict: boolean): Outcome {
  const { dob, idNumber, ssnLast4, document, additionalDocument } = identity;
  const birthday = `${dob?.year}-${dob?.month}-${dob?.day}`;
  const listed = birthday === DOB_LISTED;
  const failures: Failure[] = [];
  if (document === DOCUMENT_BAD)
    failures.push({ field: 'verification.document', code: 'verification_document_failed_test_mode' });
  else if (document === null && !listed) {
    const unknown = strict && birthday !== DOB_GOOD && birthday !== DOB_IMMEDIATE;
    const mismatch = idNumber === ID_MISMATCH || ssnLast4 === '1111';
    if (unknown || mismatch)
      failures.push({ field: 'verification.document', code: 'verification_failed_keyed_identity' });
  }
  if (additionalDocument === DOCUMENT_BAD)
    failures.push({
      field: 'verification.additional_document',
      code: 'verification_document_failed_test_mode',
    });
  else if (additionalDocument === null && ADDRESS_BAD.has(identity.line1 ?? ''))
    failures.push({
      field: 'verification.additional_document',
      code: 'verification_failed_residential_address',
    });
  const immediate = listed || birthday === DOB_IMMEDIATE || idNumber === ID_IMMEDIATE || document !== null;
  return { failures, immediate, listed };
}

const TAX_FAILURES: Record<string, string> = {
  '111111111': 'verification_failed_tax_id_match',
  '111111112': 'verification_failed_tax_id_not_issued',
};

/** Does this tax number belong to this business? A good document settles it as well. */
export function taxOutcome(taxId: string, document: string | null): Outcome {
  const code = document === DOCUMENT_GOOD ? undefined : TAX_FAILURES[taxId];
  const failures = code === undefined ? [] : [{ field: 'company.tax_id', code }];
  return { failures, immediate: taxId === ID_IMMEDIATE || document !== null, listed: false };
}

/** What test values in these fields are refused with; any other value is fine. */
const REFUSED_VALUES: Record<string, Record<string, string>> = {
  'business_profile.name': {
    disallowed_dba: 'invalid_business_profile_name_denylisted',
    invalid_dba: 'invalid_business_profile_name',
  },
  'business_profile.product_description': { require_url: 'invalid_url_web_presence_detected' },
  'business_profile.url': {
    'https://disallowed.stripe.com': 'invalid_url_denylisted',
    'https://geoblocked.stripe.com': 'invalid_url_website_inaccessible_geoblocked',
    'https://inaccessible.stripe.com': 'invalid_url_website_inaccessible',
    'https://mismatch.stripe.com': 'invalid_url_website_business_information_mismatch',
    'https://missing.stripe.com': 'invalid_url_website_incomplete',
    'https://passwordprotected.stripe.com': 'invalid_url_website_inaccessible_password_protected',
    'https://problem.stripe.com': 'invalid_url_website_other',
    'https://underconstruction.stripe.com': 'invalid_url_website_incomplete_under_construction',
  },
  'company.name': {
    disallowed_name: 'invalid_company_name_denylisted',
    match_name_only: 'verification_failed_name_match',
    mismatch_business_name: 'verification_failed_name_match',
  },
  'settings.card_payments.statement_descriptor_prefix': {
    disallowed: 'invalid_statement_descriptor_prefix_denylisted',
    mismatch: 'invalid_statement_descriptor_prefix_mismatch',
  },
  'settings.payments.statement_descriptor': {
    disallowed: 'invalid_statement_descriptor_denylisted',
    mismatch: 'invalid_statement_descriptor_business_mismatch',
  },
};

/** The fields whose test values Stripe refuses, given a way to read them. */
export function refusedValues(read: (field: string) => unknown): Failure[] {
  return Object.entries(REFUSED_VALUES).flatMap(([field, codes]) => {
    const value = read(field);
    const code = typeof value === 'string' ? codes[value.replace(/\/$/, '')] : undefined;
    return code === undefined ? [] : [{ field, code }];
  });
}

/**
 * How far a business address lets an account go: nothing (1), charges (2), payouts too (3); 0 is no
 * address.
 */
export function addressRank(line1: string | null | undefined): number {
  if (line1 === null || line1 === undefined || line1 === '') return 0;
  if (line1 === 'address_line1_no_match') return 1;
  return line1 === 'address_no_match' ? 2 : 3;
}

const REASONS: Record<string, string> = {
  verification_document_failed_test_mode:
    'A test data helper was supplied to simulate verification failure. Refer to the documentation for test ' +
    'document files.',
  verification_failed_address_match: 'The address on the account could not be verified.',
  verification_failed_keyed_identity:
    'The person’s keyed-in identity information could not be verified. Correct any errors or upload a ' +
    'document ' +
    'that matches the identity fields (e.g., name and date of birth) entered.',
  verification_failed_residential_address:
    'We could not verify that the person resides at the provided address.',
  verification_failed_tax_id_match:
    'The information on the account couldn’t be verified. Provide the correct tax number or a document.',
  verification_failed_tax_id_not_issued:
    'Your tax number has not been issued yet, or was entered wrongly. Correct it or provide a document.',
};

/** Why a field was refused, in a sentence. */
export function reasonOf(code: string): string {
  return REASONS[code] ?? 'The information provided could not be accepted. Please correct it.';
}
