import type Stripe from 'stripe';
import type { Realm } from '../realm.ts';
import { changeAccount } from './make-account.ts';
import { applyAnswers } from './onboarding/answers.ts';
import { questionsFor, stepOf } from './onboarding/questions.ts';
import { reassess } from './reassess.ts';

/** Each answer can bring new questions; after so many rounds nothing new comes. */
const ROUNDS_MAX = 8;

/** Answers everything that an account is asked with test data that passes: what onboarding comes to. */
export function makeReady(realm: Realm, id: string): Stripe.Account {
  const { platform } = realm;
  const read = (): Stripe.Account => platform.need('account', id);
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const account = read();
    const due = (account.requirements?.currently_due ?? []).filter((field) => stepOf(field) !== undefined);
    const asked = due.flatMap((field) => questionsFor(field, account.country ?? 'US'));
    if (asked.length === 0) break;
    applyAnswers(realm, account, new Map(asked.map(({ name, test }) => [name, test])));
  }
  platform.conceal('account', id, { submitted: true });
  changeAccount(realm, read(), { tos_acceptance: { date: realm.now, ip: '127.0.0.1', user_agent: null } });
  return read();
}

/** Asks for what an account needs to take payments and to be paid, if it was asked for nothing yet. */
export function requestUsual(realm: Realm, id: string): void {
  const { platform } = realm;
  const requested = platform.row('account', id)?.hidden?.['requested'] as object | undefined;
  if (Object.keys(requested ?? {}).length > 0) return;
  const wanted = { card_payments: platform.now, transfers: platform.now };
  platform.conceal('account', id, { requested: wanted });
  reassess(realm, id);
}
