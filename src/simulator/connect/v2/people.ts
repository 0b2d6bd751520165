import type Stripe from 'stripe';
import type { Params } from '../../contract/validate.ts';
import type { StripeObject } from '../../store/store.ts';
import type { PersonHidden } from '../dossier.ts';
import { given, isoOf } from './words.ts';

/** Fields that both APIs have, under their names in /v2 and in /v1. */
const NAMES = [
  ['given_name', 'first_name'],
  ['surname', 'last_name'],
  ['email', 'email'],
  ['phone', 'phone'],
  ['date_of_birth', 'dob'],
  ['address', 'address'],
  ['nationalities', 'nationality'],
  ['metadata', 'metadata'],
] as const;

/** Numbers that show who an American is, and what /v1 calls them. */
const NUMBERS: Record<string, string> = {
  us_itin: 'id_number',
  us_itin_last_4: 'ssn_last_4',
  us_ssn: 'id_number',
  us_ssn_last_4: 'ssn_last_4',
};

const DOCUMENTS = [
  ['primary_verification', 'document'],
  ['secondary_verification', 'additional_document'],
] as const;

type IdNumber = { type: string; value: string };
type Paper = { front_back?: { front?: string | null; back?: string | null } | null } | null | undefined;

/** A person's parameters in /v2 as those of /v1. */
export function personParams(params: Params): Params {
  const v1: Params = {};
  for (const [name, older] of NAMES) given(v1, older, params[name]);
  if (Array.isArray(v1['nationality'])) v1['nationality'] = (v1['nationality'] as string[])[0];
  for (const { type, value } of (params['id_numbers'] ?? []) as IdNumber[])
    v1[NUMBERS[type] ?? 'id_number'] = value;
  const relationship = params['relationship'] as Params | undefined;
  if (relationship) {
    const share = relationship['percent_ownership'];
    v1['relationship'] = {
      ...relationship,
      ...(typeof share === 'string' && { percent_ownership: Number(share) }),
    };
  }
  const documents = (params['documents'] ?? {}) as Record<string, Paper>;
  const verification: Params = {};
  for (const [name, older] of DOCUMENTS) {
    const sides = documents[name]?.front_back;
    if (sides) verification[older] = sides;
  }
  return Object.keys(verification).length > 0 ? { ...v1, verification } : v1;
}

/** A person as /v2 shows them; what is secret is only said to be there. */
export function shownPerson(person: Stripe.Person, hidden: PersonHidden): StripeObject {
  const { first_name, last_name, dob, email, phone, address, relationship, nationality } = person;
  const born = dob?.year ? { day: dob.day, month: dob.month, year: dob.year } : null;
  return {
    id: person.id,
    object: 'v2.core.account_person',
    account: person.account,
    additional_addresses: [],
    additional_names: [],
    address: address?.line1 ? address : null,
    created: isoOf(person.created),
    date_of_birth: born,
    documents: shownDocuments(person),
    email: email ?? null,
    given_name: first_name ?? null,
    id_numbers: [
      ...(hidden.idNumber === null ? [] : [{ type: 'us_ssn' }]),
      ...(hidden.ssnLast4 === null ? [] : [{ type: 'us_ssn_last_4' }]),
    ],
    legal_gender: null,
    metadata: person.metadata ?? {},
    nationalities: nationality ? [nationality] : [],
    phone: phone ?? null,
    political_exposure: null,
    relationship: shownRelationship(relationship),
    script_addresses: null,
    script_names: null,
    surname: last_name ?? null,
    updated: isoOf(person.created),
  };
}

function shownRelationship(relationship: Stripe.Person.Relationship | undefined): object {
  const { percent_ownership: share, ...roles } = relationship ?? {};
  return { ...roles, percent_ownership: typeof share === 'number' ? String(share) : null };
}

function shownDocuments({ verification }: Stripe.Person): object | null {
  const papers: Record<string, unknown> = {};
  for (const [name, older] of DOCUMENTS) {
    const paper = verification?.[older];
    if (!paper?.front) continue;
    papers[name] = { front_back: { back: paper.back, front: paper.front }, type: 'front_back' };
  }
  return Object.keys(papers).length > 0 ? papers : null;
}
