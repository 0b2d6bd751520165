import type Stripe from 'stripe';
import { idOf } from '../kinds.ts';
import type { Realm } from '../realm.ts';
import { bankFields, bankOfToken } from './bank-entry.ts';
import { debitCard, testAccount } from './bank-numbers.ts';

/** Where an account's money goes: a bank account or a debit card. */
export type Payee = Stripe.BankAccount | Stripe.Card;

/** What is known of a payee and not shown. */
interface PayeeHidden {
  number: string;
}

const KINDS = ['bank_account', 'card'] as const;

/** All payees of an account, oldest first. Those of connected accounts are kept with the platform. */
export function payeesOf(realm: Realm, account: string): Payee[] {
  const rows = KINDS.flatMap((kind) =>
    realm.engine.store.table(realm.platform, kind).where('account', account),
  );
  return rows.toSorted((a, b) => a.seq - b.seq).map(({ object }) => object as unknown as Payee);
}

export function payeeOf(realm: Realm, account: string, id: string): Payee | undefined {
  const { platform } = realm;
  const found = platform.get('bank_account', id) ?? platform.get('card', id);
  return found && idOf(found.account) === account ? found : undefined;
}

/** Where payouts in this currency go; undefined when there is no place, or its bank has refused one. */
export function destinationFor(realm: Realm, currency: string): Payee | undefined {
  const all = ownPayees(realm).filter((each) => each.currency === currency && each.status !== 'errored');
  return all.find(({ default_for_currency }) => default_for_currency === true) ?? all[0];
}

/**
 * The payees of the realm's own account; the platform is given a bank account of its own, as in a sandbox.
 */
export function ownPayees(realm: Realm): Payee[] {
  const known = payeesOf(realm, realm.account);
  const entry = bankOfToken('btok_us_verified');
  if (known.length > 0 || realm.account !== realm.engine.settings.account || !entry) return known;
  const fields = { ...bankFields(entry), account: realm.account, default_for_currency: true };
  return [realm.insert('bank_account', fields, { number: entry.account_number })];
}

/** Why the bank is going to refuse payouts to this number; undefined when it takes them. */
export function bankOutcome(realm: Realm, payee: string): string | undefined {
  const number = numberOf(realm, payee);
  return testAccount(number)?.failure ?? debitCard(number)?.failure;
}

function numberOf({ platform }: Realm, payee: string): string {
  const row = platform.row('bank_account', payee) ?? platform.row('card', payee);
  return (row?.hidden as PayeeHidden | undefined)?.number ?? '';
}
