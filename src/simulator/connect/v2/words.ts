import type { Params } from '../../contract/validate.ts';

/** The configurations of an account: what it is to the platform. */
export const CONFIGURATIONS = ['customer', 'merchant', 'recipient'] as const;
export type Configuration = (typeof CONFIGURATIONS)[number];

/** What an account receives transfers by: the recipient's word and /v1's. */
export const TRANSFERS = 'stripe_balance.stripe_transfers';

const PEOPLE: Record<string, string> = {
  first_name: 'given_name',
  last_name: 'surname',
  'dob.day': 'date_of_birth.day',
  'dob.month': 'date_of_birth.month',
  'dob.year': 'date_of_birth.year',
  id_number: 'id_numbers.us_ssn',
  ssn_last_4: 'id_numbers.us_ssn_last_4',
  'verification.document': 'documents.primary_verification',
  'verification.additional_document': 'documents.secondary_verification',
};

const FIELDS: Record<string, string> = {
  business_type: 'identity.entity_type',
  'business_profile.mcc': 'configuration.merchant.mcc',
  'business_profile.name': 'defaults.profile.doing_business_as',
  'business_profile.product_description': 'defaults.profile.product_description',
  'business_profile.support_phone': 'configuration.merchant.support.phone',
  'business_profile.url': 'defaults.profile.business_url',
  'company.name': 'identity.business_details.registered_name',
  'company.owners_provided': 'identity.attestations.persons_provided.owners',
  'company.tax_id': 'identity.business_details.id_numbers.us_ein',
  email: 'contact_email',
  'tos_acceptance.date': 'identity.attestations.terms_of_service.account.date',
  'tos_acceptance.ip': 'identity.attestations.terms_of_service.account.ip',
};

/** A field that /v1's requirements name, in the words of /v2. */
export function v2Field(field: string): string {
  const known = FIELDS[field];
  if (known !== undefined) return known;
  const [head = '', ...rest] = field.split('.');
  const part = rest.join('.');
  if (head === 'company') return `identity.business_details.${part}`;
  if (head === 'individual') return `identity.individual.${PEOPLE[part] ?? part}`;
  return head === 'representative' || head.startsWith('person_') ? (PEOPLE[part] ?? part) : field;
}

/** Sets a field unless nothing was said about it. */
export function given(into: Params, name: string, value: unknown): void {
  if (value !== undefined) into[name] = value;
}

/** Unix seconds as /v2 writes a time. */
export function isoOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}

/** What stands at a dotted path of parameters. */
export function within(params: Params, path: string): unknown {
  let value: unknown = params;
  for (const name of path.split('.')) value = (value as Params | null | undefined)?.[name];
  return value;
}
