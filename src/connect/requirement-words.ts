import type { Requirement } from './seller.ts';

/** One thing a seller still has to do, in words. */
export interface Due {
  what: string;
  due: Requirement['due'];
  by: string | null;
  errors: string[];
}

/** Parts of Stripe's names, of /v1 and /v2, in words; the first that fits. */
const WORDS: readonly [RegExp, string][] = [
  [/\b(dob|date_of_birth)\b/, 'Date of birth'],
  [/\b(first_name|given_name|last_name|surname)\b/, 'Name'],
  [/\baddress\b/, 'Address'],
  [/\b(ssn_last_4|us_ssn_last_4)\b/, 'Last four digits of the social security number'],
  [/\b(id_number|id_numbers\.us_ssn)\b/, 'Identification number'],
  [/\b(tax_id|us_ein)\b/, 'Tax number'],
  [/\b(additional_document|secondary_verification)\b/, 'Proof of address'],
  [/\b(document|primary_verification)\b/, 'Identity document'],
  [/\b(external_account|payout_method|bank_account)/, 'Bank account for payouts'],
  [/\b(tos_acceptance|terms_of_service)\b/, 'Acceptance of Stripe’s terms'],
  [/\b(business_type|entity_type)\b/, 'Kind of business'],
  [/\bsupport(_|\.)phone\b/, 'Phone number for customers'],
  [/\bphone\b/, 'Phone number'],
  [/\bemail\b/, 'E-mail address'],
  [/\bmcc\b/, 'What you sell (category)'],
  [/\bproduct_description\b/, 'What you sell'],
  [/\b(business_profile\.url|business_url)\b/, 'Website'],
  [/\b(company\.name|registered_name)\b/, 'Registered name'],
  [/\bowners\b|owners_provided/, 'Owners of the business'],
  [/\brelationship\b/, 'Role in the business'],
];

const ORDER = { past: 0, now: 1, later: 2 } as const;

/** What Stripe wants, each thing once: day, month and year of birth are one question to a person. */
export function inWords(requirements: readonly Requirement[]): Due[] {
  const all = new Map<string, Due>();
  for (const { field, due, by, error } of requirements) {
    const what = wordsFor(field);
    const known = all.get(what) ?? { what, due, by, errors: [] };
    if (ORDER[due] < ORDER[known.due]) known.due = due;
    if (by !== null && (known.by === null || by < known.by)) known.by = by;
    if (error !== null && !known.errors.includes(error)) known.errors.push(error);
    all.set(what, known);
  }
  return [...all.values()].toSorted((a, b) => ORDER[a.due] - ORDER[b.due]);
}

function wordsFor(field: string): string {
  const what = WORDS.find(([pattern]) => pattern.test(field))?.[1] ?? plain(field);
  const whose = ownerOf(field);
  return whose === null ? what : `${what} (${whose})`;
}

/** Whose it is, where it is not the seller's own. */
function ownerOf(field: string): string | null {
  if (/^(company|identity\.business_details)\b/.test(field)) return 'business';
  return /^(person_\w+|representative|owners?|directors?)\b/.test(field) ? 'person of the business' : null;
}

/** A name we have no words for, made readable. */
function plain(field: string): string {
  const text = field.split('.').slice(-2).join(' ').replaceAll('_', ' ').trim();
  return text.slice(0, 1).toUpperCase() + text.slice(1, 100);
}
