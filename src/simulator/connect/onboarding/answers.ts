import type Stripe from 'stripe';
import type { Params } from '../../contract/validate.ts';
import type { Realm } from '../../realm.ts';
import { changeAccount } from '../make-account.ts';
import { addPerson, personsOf, updatePerson } from '../persons.ts';
import { reassess } from '../reassess.ts';
import { isPerson } from './questions.ts';

/** What was typed, by the name of each question. */
export type Answers = ReadonlyMap<string, string>;

/** Writes what the owner of an account answered; a value that can't be is Stripe's own refusal. */
export function applyAnswers(realm: Realm, account: Stripe.Account, answers: Answers): void {
  const people = new Map<string, Params>();
  const params: Params = {};
  for (const [name, text] of answers) {
    const [head = '', ...rest] = name.split('.');
    if (isPerson(head) && head !== 'individual') {
      const person = people.get(head) ?? {};
      people.set(head, person);
      put(person, rest, valueOf(name, text));
    } else put(params, [head, ...rest], valueOf(name, text));
  }
  const bank = params['external_account'] as Params | undefined;
  const { country, default_currency: currency } = account;
  if (bank) params['external_account'] = { object: 'bank_account', country, currency, ...bank };
  withCountry(params['individual'] as Params | undefined, account);
  withCountry(params['company'] as Params | undefined, account);
  for (const [head, person] of people) writePerson(realm, account, head, person);
  if (Object.keys(params).length > 0) changeAccount(realm, account, params);
  else reassess(realm, account.id);
}

function writePerson(realm: Realm, account: Stripe.Account, head: string, given: Params): void {
  withCountry(given, account);
  const known = personsOf(realm, account.id).find(({ id, relationship }) =>
    head === 'representative' ? relationship?.representative === true : id === head,
  );
  if (known) updatePerson(realm, known, given);
  else {
    const role = { representative: true, executive: true, ...(given['relationship'] as Params | undefined) };
    addPerson(realm, account.id, { ...given, relationship: role });
  }
}

/** An address on these forms is one in the account's country. */
function withCountry(part: Params | undefined, { country }: Stripe.Account): void {
  const address = part?.['address'] as Params | undefined;
  if (address) address['country'] = country;
}

function put(into: Params, path: readonly string[], value: unknown): void {
  let place = into;
  for (const name of path.slice(0, -1)) place = (place[name] ??= {}) as Params;
  place[path.at(-1) ?? ''] = value;
}

function valueOf(name: string, text: string): unknown {
  if (/\.dob\.\w+$/.test(name)) return Number(text);
  if (name.endsWith('.owners_provided')) return text === 'true';
  // A document has two sides; the test's files need only one.
  return /\.verification\.\w*document$/.test(name) ? { front: text } : text;
}
