import type Stripe from 'stripe';
import type { Check, Dossier, PersonHidden } from './dossier.ts';
import type { Payee } from './payees.ts';
import { laterFields, prefixOf, requiredFields, type Blocks } from './required.ts';
import {
  addressRank,
  CHECK_SECONDS,
  personOutcome,
  refusedValues,
  REVIEW_SECONDS,
  taxOutcome,
  type Failure,
  type Outcome,
} from './verification.ts';

/** Everything that decides what an account may do. */
export interface File {
  account: Stripe.Account;
  dossier: Dossier;
  persons: readonly { person: Stripe.Person; hidden: PersonHidden }[];
  payees: readonly Payee[];
  livemode: boolean;
  now: number;
}

/** A field that is due, and why. */
export interface Due {
  field: string;
  blocks: Blocks;
  person?: string;
  /** Set when something was given and refused. */
  code?: string;
}

/** What Stripe makes of an account. */
export interface Assessment {
  due: Due[];
  /** Asked for later only. */
  eventual: Due[];
  pending: Due[];
  /** Checks that run now, to be looked at again when they end; with the seconds that takes. */
  checks: { tax: Check | null; persons: Map<string, Check | null> };
  failed: Set<string>;
  listedSince: number | null;
  addressRank: number;
  recheckIn: number | null;
}

const DOCUMENT = /verification\.document$/;

/** Works out what is missing, what is being checked and what was refused. Changes nothing. */
export function assess(file: File): Assessment {
  const { account, dossier, now } = file;
  const requested = Object.keys(dossier.requested);
  const persons = file.persons.map(({ person }) => person);
  const situation = { account, requested, persons, read: (field: string) => read(file, field) };
  const missing = requiredFields(situation).filter(({ field }) => read(file, field) === undefined);
  const later = requested.length === 0 ? [] : laterFields(situation);
  const found: Assessment = {
    due: missing,
    eventual: later.filter(({ field }) => read(file, field) === undefined),
    pending: [],
    checks: { tax: null, persons: new Map() },
    failed: new Set(),
    listedSince: dossier.listedSince,
    addressRank: Math.max(dossier.addressRank, addressRank(account.company?.address?.line1)),
    recheckIn: null,
  };
  if (missing.every(({ field }) => !isPersonal(field)))
    file.persons.forEach((each) => checkPerson(file, found, each));
  checkTax(file, found);
  checkAddress(account, found);
  const refused = refusedValues((field) => at(account, field));
  found.due.push(...refused.map((failure) => asDue(failure, failure.field)));
  if (dossier.demand !== 'none') {
    found.due.push(...found.eventual);
    found.eventual = [];
  }
  if (found.listedSince !== null) soonest(found, found.listedSince + REVIEW_SECONDS - now);
  return found;
}

/** The value of a field as `requirements` names it; undefined when it is still to be given. */
function read(file: File, field: string): unknown {
  const { account, dossier, persons, payees } = file;
  if (field === 'external_account')
    return payees.some(({ status }) => status !== 'errored') ? true : undefined;
  if (field === 'company.tax_id') return dossier.taxId ?? undefined;
  if (field === 'company.owners_provided') return account.company?.owners_provided === true || undefined;
  const [head = '', ...rest] = field.split('.');
  if (head === 'representative') return undefined;
  const owner = head === 'individual' ? persons[0] : persons.find(({ person }) => person.id === head);
  return owner ? readPerson(owner, rest.join('.')) : at(account, field);
}

function readPerson({ person, hidden }: File['persons'][number], field: string): unknown {
  if (field === 'ssn_last_4') return hidden.ssnLast4 ?? hidden.idNumber ?? undefined;
  if (field === 'id_number') return hidden.idNumber ?? undefined;
  if (DOCUMENT.test(field)) return person.verification?.document?.front ?? undefined;
  return at(person, field);
}

/** What stands at a dotted path; nothing and an empty text are the same. */
function at(object: object, path: string): unknown {
  let value: unknown = object;
  for (const name of path.split('.')) value = (value as Record<string, unknown> | null | undefined)?.[name];
  return value === null || value === '' ? undefined : value;
}

function checkPerson(file: File, found: Assessment, { person, hidden }: File['persons'][number]): void {
  const prefix = prefixOf(file.account, person);
  const { verification, dob, address } = person;
  if (dob?.year === null || dob?.year === undefined) return;
  const identity = {
    dob,
    line1: address?.line1 ?? null,
    idNumber: hidden.idNumber,
    ssnLast4: hidden.ssnLast4,
    document: (verification?.document?.front ?? null) as string | null,
    additionalDocument: (verification?.additional_document?.front ?? null) as string | null,
  };
  const outcome = personOutcome(identity, !file.livemode);
  const check = begun(hidden.check, JSON.stringify(identity), file.now);
  found.checks.persons.set(person.id, check);
  if (outcome.listed) found.listedSince ??= check.since;
  const fields = [hidden.idNumber === null ? 'ssn_last_4' : 'id_number', 'dob.day', 'dob.month', 'dob.year'];
  const ended = settle(file, found, { check, outcome });
  for (const field of ended ? [] : fields)
    found.pending.push({ field: `${prefix}.${field}`, blocks: 'all', person: person.id });
  if (ended && outcome.failures.length > 0) found.failed.add(person.id);
  for (const failure of ended ? outcome.failures : [])
    found.due.push({ ...asDue(failure, `${prefix}.${failure.field}`), person: person.id });
}

function checkTax(file: File, found: Assessment): void {
  const { account, dossier } = file;
  if (dossier.taxId === null || account.business_type === 'individual') return;
  const document = (account.company?.verification?.document?.front ?? null) as string | null;
  const outcome = taxOutcome(dossier.taxId, document);
  const check = begun(dossier.taxCheck, `${dossier.taxId} ${document}`, file.now);
  found.checks.tax = check;
  const ended = settle(file, found, { check, outcome });
  if (!ended) found.pending.push({ field: 'company.tax_id', blocks: 'all' });
  for (const failure of ended ? outcome.failures : []) found.due.push(asDue(failure, failure.field));
}

function checkAddress(account: Stripe.Account, found: Assessment): void {
  if (found.addressRank === 0 || found.addressRank === 3 || account.business_type === 'individual') return;
  const code = 'verification_failed_address_match';
  const line1: Due = {
    field: 'company.address.line1',
    blocks: found.addressRank === 2 ? 'payouts' : 'all',
    code,
  };
  const others = ['city', 'postal_code', 'state'].map((name): Due => ({
    ...line1,
    field: `company.address.${name}`,
  }));
  found.due.push(line1, ...(found.addressRank === 1 ? others : []));
}

function begun(before: Check | null, key: string, now: number): Check {
  return before?.key === key ? before : { key, since: now };
}

/** Has the check ended? One that has not is looked at again when it has. */
function settle(
  file: File,
  found: Assessment,
  { check, outcome }: { check: Check; outcome: Outcome },
): boolean {
  const left = outcome.immediate ? 0 : check.since + CHECK_SECONDS - file.now;
  if (left > 0) soonest(found, left);
  return left <= 0;
}

function soonest(found: Assessment, seconds: number): void {
  if (seconds > 0) found.recheckIn = Math.min(found.recheckIn ?? seconds, seconds);
}

function asDue({ code }: Failure, field: string): Due {
  const payments = field.startsWith('business_profile.') || field.startsWith('settings.');
  return { field, blocks: payments ? 'payments' : 'all', code };
}

/** Identity is checked once nothing of it is missing. */
function isPersonal(field: string): boolean {
  return /^(individual|representative|person_\w+)\./.test(field);
}
