// What onboarding asks: one question for each field that `requirements` can name.

/** The pages of onboarding after the owner has signed in, in their order. */
export const STEPS = ['business', 'company', 'person', 'profile', 'bank', 'other'] as const;
export type StepName = (typeof STEPS)[number];

/** One question of a form. */
export interface Question {
  /** Name of the input: the field as `requirements` has it, or a part of it. */
  name: string;
  label: string;
  /** What docs.stripe.com/connect/testing gives to pass; "Use test data" fills it in. */
  test: string;
  type?: 'email' | 'tel';
  choices?: readonly (readonly [value: string, label: string])[];
}

type Asked = Omit<Question, 'name'>;

export const TITLES: Record<StepName, string> = {
  business: 'Tell us about your business',
  company: 'Add your company',
  person: 'Verify who you are',
  profile: 'What do you sell?',
  bank: 'Where do we send your money?',
  other: 'A few more details',
};

const PERSON: Record<string, Asked> = {
  first_name: { label: 'First name', test: 'Jenny' },
  last_name: { label: 'Last name', test: 'Rosen' },
  'relationship.title': { label: 'Job title', test: 'CEO' },
  email: { label: 'Email', test: 'jenny.rosen@example.com', type: 'email' },
  phone: { label: 'Phone', test: '0000000000', type: 'tel' },
  'dob.month': { label: 'Month of birth', test: '1' },
  'dob.day': { label: 'Day of birth', test: '1' },
  'dob.year': { label: 'Year of birth', test: '1902' },
  'address.line1': { label: 'Home address', test: 'address_full_match' },
  'address.city': { label: 'City', test: 'South San Francisco' },
  'address.state': { label: 'State', test: 'CA' },
  'address.postal_code': { label: 'Postal code', test: '94080' },
  ssn_last_4: { label: 'Last 4 digits of your SSN', test: '0000' },
  id_number: { label: 'Social Security number', test: '222222222' },
  'verification.document': { label: 'Identity document', test: 'file_identity_document_success' },
  'verification.additional_document': { label: 'Proof of address', test: 'file_identity_document_success' },
};

const COMPANY: Record<string, Asked> = {
  name: { label: 'Legal business name', test: 'Rocket Rides' },
  tax_id: { label: 'Employer identification number', test: '222222222' },
  phone: { label: 'Business phone', test: '0000000000', type: 'tel' },
  'address.line1': { label: 'Business address', test: 'address_full_match' },
  'address.city': { label: 'City', test: 'South San Francisco' },
  'address.state': { label: 'State', test: 'CA' },
  'address.postal_code': { label: 'Postal code', test: '94080' },
  owners_provided: { label: 'Have all owners been added?', test: 'true', choices: [['true', 'Yes']] },
};

const PROFILE: Record<string, Asked> = {
  mcc: { label: 'Merchant category code', test: '5734' },
  url: { label: 'Website', test: 'https://accessible.stripe.com' },
  product_description: { label: 'Product description', test: 'Rides in rockets' },
  support_phone: { label: 'Support phone', test: '0000000000', type: 'tel' },
};

const ORDER = [PERSON, COMPANY, PROFILE].flatMap((table) => Object.keys(table));

const DOCUMENTS = [
  ['file_identity_document_success', 'A test document that is accepted'],
  ['file_identity_document_failure', 'A test document that is refused'],
] as const;

const BUSINESS_TYPES = [
  ['individual', 'Individual or sole proprietor'],
  ['company', 'Company'],
  ['non_profit', 'Nonprofit'],
] as const;

/** The page that asks for a field; undefined for the terms of service, which are accepted at the end. */
export function stepOf(field: string): StepName | undefined {
  const [head = ''] = field.split('.');
  if (head === 'tos_acceptance') return undefined;
  if (head === 'business_type') return 'business';
  if (head === 'company' || head === 'business_profile') return head === 'company' ? 'company' : 'profile';
  if (isPerson(head)) return 'person';
  return head === 'external_account' ? 'bank' : head === 'email' ? 'profile' : 'other';
}

/** The questions that a due field comes to. */
export function questionsFor(field: string, country: string): Question[] {
  const [head = '', ...rest] = field.split('.');
  const part = rest.join('.');
  if (field === 'external_account') return bankQuestions(country);
  if (field === 'business_type')
    return [{ name: field, label: 'Type of business', test: 'individual', choices: BUSINESS_TYPES }];
  if (field === 'email')
    return [{ name: field, label: 'Email', test: 'jenny.rosen@example.com', type: 'email' }];
  const table = isPerson(head) ? PERSON : head === 'company' ? COMPANY : PROFILE;
  const asked = table[part] ?? { label: field, test: '' };
  const document = part.endsWith('document') && { choices: DOCUMENTS };
  return [{ name: field, ...asked, ...document }];
}

/** As a person would ask: a name before an address, and not by the alphabet as `requirements` has them. */
export function inOrder(questions: readonly Question[]): Question[] {
  const place = ({ name }: Question): number => ORDER.indexOf(name.split('.').slice(1).join('.'));
  return questions.toSorted((a, b) => place(a) - place(b));
}

/** Is this the name of a person's part of the requirements? */
export function isPerson(head: string): boolean {
  return head === 'individual' || head === 'representative' || head.startsWith('person_');
}

function bankQuestions(country: string): Question[] {
  const number = { name: 'external_account.account_number', test: '000123456789' };
  if (country !== 'US') return [{ ...number, label: 'IBAN or account number' }];
  const routing = { name: 'external_account.routing_number', label: 'Routing number', test: '110000000' };
  return [routing, { ...number, label: 'Account number' }];
}
