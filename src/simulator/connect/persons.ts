import type Stripe from 'stripe';
import { mergeMetadata } from '../contract/metadata.ts';
import type { Params } from '../contract/validate.ts';
import type { Realm } from '../realm.ts';
import { differences } from '../server/hashes.ts';
import { badParameter } from '../server/errors.ts';
import type { StripeObject } from '../store/store.ts';
import { aboutAccount } from './about.ts';
import type { PersonHidden } from './dossier.ts';
import { merged } from '../server/hashes.ts';

type Person = Stripe.Person;

const NO_DOCUMENT = { back: null, details: null, details_code: null, front: null };
const NO_ADDRESS = { city: null, country: null, line1: null, line2: null, postal_code: null, state: null };
const NOTHING_DUE = {
  alternatives: [],
  currently_due: [],
  errors: [],
  eventually_due: [],
  past_due: [],
  pending_verification: [],
};
const NO_ROLE = {
  authorizer: false,
  director: false,
  executive: false,
  legal_guardian: false,
  owner: false,
  percent_ownership: null,
  representative: false,
  title: null,
};

/** Numbers of people that are typed and never shown. */
const SECRETS = ['id_number', 'id_number_secondary', 'ssn_last_4'] as const;

/** The people of an account, oldest first; they are kept with the platform. */
export function personsOf(realm: Realm, account: string): Person[] {
  return realm.platform.where('person', 'account', account);
}

/** Adds a person to an account; reassess the account afterwards. */
export function addPerson(realm: Realm, account: string, params: Params): Person {
  const { platform } = realm;
  const blank: Partial<Person> = {
    account,
    additional_tos_acceptances: { account: { date: null, ip: null, user_agent: null } },
    address: NO_ADDRESS,
    dob: { day: null, month: null, year: null },
    first_name: null,
    future_requirements: NOTHING_DUE,
    id_number_provided: false,
    last_name: null,
    metadata: {},
    relationship: NO_ROLE,
    requirements: NOTHING_DUE,
    ssn_last_4_provided: false,
    verification: {
      additional_document: NO_DOCUMENT,
      details: null,
      details_code: null,
      document: NO_DOCUMENT,
      status: 'unverified',
    },
  };
  const hidden: PersonHidden = { idNumber: null, ssnLast4: null, check: null };
  const created = platform.insert(
    'person',
    { ...blank, ...changedPerson(blank, params) },
    { ...hidden, ...secrets(params) },
  );
  aboutAccount(platform, account, 'person.created', created);
  return created;
}

/** Changes a person; reassess the account afterwards. */
export function updatePerson(realm: Realm, before: Person, params: Params): Person {
  const { platform } = realm;
  const after = platform.change('person', before.id, changedPerson(before, params), secrets(params));
  const previous = differences(before as unknown as StripeObject, after as unknown as StripeObject);
  if (Object.keys(previous).length > 0)
    aboutAccount(platform, before.account, 'person.updated', after, previous);
  return after;
}

function changedPerson(before: Partial<Person>, params: Params): Partial<Person> {
  const { metadata, person_token: _token, documents: _documents, ...given } = params;
  checkPerson(given);
  const changes: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(given))
    if (!(SECRETS as readonly string[]).includes(name))
      changes[name] = merged((before as Record<string, unknown>)[name], value);
  const all = params['id_number'];
  return {
    ...changes,
    ...(metadata !== undefined && { metadata: mergeMetadata(before.metadata, metadata) }),
    ...(all !== undefined && { id_number_provided: all !== null }),
    // The last four digits are known from the whole number.
    ...((all !== undefined || params['ssn_last_4'] !== undefined) && { ssn_last_4_provided: true }),
  };
}

function secrets(params: Params): Partial<PersonHidden> {
  const idNumber = params['id_number'] as string | null | undefined;
  const ssnLast4 = params['ssn_last_4'] as string | null | undefined;
  return {
    ...(idNumber !== undefined && { idNumber: idNumber?.replace(/[\s-]/g, '') ?? null }),
    ...(ssnLast4 !== undefined && { ssnLast4 }),
  };
}

function checkPerson(given: Params): void {
  const dob = given['dob'] as { day?: number; month?: number; year?: number } | null | undefined;
  if (dob && !isDate(dob))
    throw badParameter('The date of birth is not a date of the calendar.', { param: 'dob' });
  const last4 = given['ssn_last_4'] as string | null | undefined;
  if (last4 && !/^\d{4}$/.test(last4))
    throw badParameter('ssn_last_4 must be the last four digits of a Social Security Number.', {
      param: 'ssn_last_4',
    });
}

function isDate({
  day = 1,
  month = 1,
  year = 2000,
}: {
  day?: number;
  month?: number;
  year?: number;
}): boolean {
  const date = new Date(Date.UTC(year, month - 1, day));
  date.setUTCFullYear(year);
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}
