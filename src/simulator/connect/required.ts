import type Stripe from 'stripe';

/** What a missing field stands in the way of; what stands in the way of nothing is not overdue either. */
export type Blocks = 'all' | 'payments' | 'payouts' | 'nothing';

/** A field that Stripe needs, as `requirements` names it. */
export interface Required {
  field: string;
  blocks: Blocks;
  /** The person whom the field is about. */
  person?: string;
}

/** What decides which fields are needed. */
export interface Situation {
  account: Stripe.Account;
  /** Capabilities asked for, in the words of /v1. */
  requested: readonly string[];
  persons: readonly Stripe.Person[];
  read: (field: string) => unknown;
}

const PERSON = ['first_name', 'last_name', 'dob.day', 'dob.month', 'dob.year', 'email', 'phone'];
const ADDRESS = ['address.line1', 'address.city', 'address.postal_code'];
const OWNER = ['first_name', 'last_name', 'dob.day', 'dob.month', 'dob.year', 'email', ...ADDRESS];
const COMPANY = ['company.name', 'company.phone', 'company.tax_id', 'company.owners_provided'];
const TERMS = ['tos_acceptance.date', 'tos_acceptance.ip'];

/** What an account with Stripe's full Dashboard is asked for that has no capabilities yet; see recordings. */
const DASHBOARD = [
  'business_profile.product_description',
  'business_profile.support_phone',
  'business_profile.url',
  'email',
];

/** Every field that an account in this situation needs, given or not, in Stripe's order. */
export function requiredFields(situation: Situation): Required[] {
  const { account, requested } = situation;
  const bank: Required = { field: 'external_account', blocks: 'payouts' };
  const terms = TERMS.map((field): Required => ({ field, blocks: 'all' }));
  if (requested.length === 0) {
    if (account.controller?.stripe_dashboard?.type !== 'full') return [];
    return [...DASHBOARD.map((field): Required => ({ field, blocks: 'nothing' })), bank, ...terms];
  }
  return [...profile(situation), ...who(situation), bank, ...terms];
}

/** What Stripe asks for later, when an account takes more money: proofs of who its people are. */
export function laterFields({ account, persons }: Situation): Required[] {
  return persons
    .filter(
      (person) => account.business_type === 'individual' || person.relationship?.representative === true,
    )
    .flatMap((person) => {
      const at = prefixOf(account, person);
      const fields =
        account.country === 'US' ? ['id_number', 'verification.document'] : ['verification.document'];
      return fields.map((field): Required => ({ field: `${at}.${field}`, blocks: 'all', person: person.id }));
    });
}

/** How `requirements` calls a person: the one individual by that word, everybody else by their id. */
export function prefixOf(account: Stripe.Account, person: Stripe.Person): string {
  return account.business_type === 'individual' ? 'individual' : person.id;
}

function profile({ requested, read }: Situation): Required[] {
  const sells = requested.some((capability) => capability.endsWith('_payments'));
  if (!sells) return [];
  const described = read('business_profile.product_description') !== undefined;
  const fields = described ? ['business_profile.mcc'] : ['business_profile.mcc', 'business_profile.url'];
  return fields.map((field) => ({ field, blocks: 'payments' }));
}

function who(situation: Situation): Required[] {
  const { account, persons } = situation;
  const all = (field: string): Required => ({ field, blocks: 'all' });
  const american = account.country === 'US';
  const address = american ? [...ADDRESS, 'address.state'] : ADDRESS;
  const full = [...PERSON, ...address, ...(american ? ['ssn_last_4'] : [])];
  const type = account.business_type;
  if (type === null || type === undefined) return [all('business_type')];
  if (type === 'individual')
    return full.map((field) => ({
      ...all(`individual.${field}`),
      ...(persons[0] && { person: persons[0].id }),
    }));
  const company = [...COMPANY, ...address.map((field) => `company.${field}`)];
  const asked = type === 'company' ? company : company.filter((field) => field !== 'company.owners_provided');
  return [...asked.map(all), ...people(persons, [...full, 'relationship.title'])];
}

function people(persons: readonly Stripe.Person[], representative: string[]): Required[] {
  const of = ({ id }: Stripe.Person, fields: readonly string[]): Required[] =>
    fields.map((field) => ({ field: `${id}.${field}`, blocks: 'all', person: id }));
  const leader = persons.find(({ relationship }) => relationship?.representative === true);
  const owners = persons.filter((each) => each !== leader && each.relationship?.owner === true);
  const nobody = representative.map((field): Required => ({
    field: `representative.${field}`,
    blocks: 'all',
  }));
  return [...(leader ? of(leader, representative) : nobody), ...owners.flatMap((each) => of(each, OWNER))];
}
