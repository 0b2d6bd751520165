import type { Sql } from '../../src/db/sql.ts';
import type { Install } from '../../src/apps/install.ts';
import { newId } from '../../src/ids.ts';

/** The row of an install, and what hooks are told of it. */
export async function knownInstall(sql: Sql, account = newId('acct')): Promise<Install> {
  const id = newId('ins');
  await sql`
    insert into quittance.install (id, account, livemode, access) values (${id}, ${account}, false, 'platform')`;
  return {
    id,
    account,
    livemode: false,
    sandbox: false,
    status: 'installed',
    access: 'platform',
    stripe_install: null,
    permissions_granted: [],
    permissions_pending: [],
    approval_required: false,
    reason: null,
    installed_at: new Date().toISOString(),
    uninstalled_at: null,
    remove_at: null,
    removed_at: null,
  };
}

/** Ends it, and its data are gone. */
export async function removeInstall(sql: Sql, { id }: Pick<Install, 'id'>): Promise<void> {
  await sql`
    update quittance.install
    set status = 'removed', uninstalled_at = now(), remove_at = now(), removed_at = now() where id = ${id}`;
}
