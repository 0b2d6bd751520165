import type { Database } from '../../src/db/database.ts';
import { admitAccount, CONNECT_ENDPOINT } from '../../src/inbox/known-accounts.ts';
import { record } from './effects.ts';
import { sign } from './events.ts';
import { CONNECT_SECRET } from './marketplace.ts';
import { runQuittance, type Running } from './quittance.ts';

/** A Quittance with a Connect endpoint that writes down which `customer.updated` it worked on. */
export function runGate(url: string, options: Parameters<typeof runQuittance>[1] = {}): Promise<Running> {
  return runQuittance(url, {
    stripeConnectWebhookSecret: CONNECT_SECRET,
    declare: (quittance) => quittance.on('customer.updated', record),
    ...options,
  });
}

/** Posts an event to the Connect endpoint, rightly signed; gives the status. */
export async function postConnect({ url }: Pick<Running, 'url'>, event: unknown): Promise<number> {
  const body = JSON.stringify(event);
  const headers = { 'content-type': 'application/json', 'stripe-signature': sign(body, CONNECT_SECRET) };
  return (await fetch(`${url}${CONNECT_ENDPOINT}`, { method: 'POST', body, headers })).status;
}

let accounts = 0;

/** An account that no test has used. */
export function newAccount(): string {
  accounts += 1;
  return `acct_gate${accounts}`;
}

export function admit(database: Database, account: string, livemode = false): Promise<void> {
  return database.transaction((sql) => admitAccount(sql, account, livemode));
}
