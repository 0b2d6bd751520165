import type { Realm } from '../realm.ts';
import { aboutAccount } from './about.ts';
import { payeeOf } from './payees.ts';
import { reassess } from './reassess.ts';

/** A bank refused money: nothing more is paid out to this payee until its owner gives another. */
export function markErrored(realm: Realm, id: string): void {
  const { platform } = realm;
  const payee = payeeOf(realm, realm.account, id);
  if (!payee || payee.status === 'errored') return;
  const errored = platform.change(payee.object, id, { status: 'errored' });
  if (realm.account === platform.account) return;
  aboutAccount(platform, realm.account, 'account.external_account.updated', errored, {
    status: payee.status ?? null,
  });
  reassess(platform, realm.account);
}
