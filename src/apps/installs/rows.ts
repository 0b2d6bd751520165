import type { Sql } from '../../db/sql.ts';
import type { Install, InstallAccess, InstallStatus } from '../install.ts';
import type { InstallFacts } from './facts.ts';

// Any number, the same in every process: the class of the locks under which installs are made.
const MAKING_LOCK = 7_814_236;
const CHECKED_HOURS_AGO = 20;

/** The app on this account, unless its data were removed: a row that comes after that is another install. */
export async function installOf(sql: Sql, account: string, livemode: boolean): Promise<Install | null> {
  const rows = await sql<RawInstall>`
    select * from quittance.install
    where account = ${account} and livemode = ${livemode} and status <> 'removed'`;
  return rows[0] ? readInstall(rows[0]) : null;
}

export async function installById(sql: Sql, id: string): Promise<Install | null> {
  const rows = await sql<RawInstall>`select * from quittance.install where id = ${id}`;
  return rows[0] ? readInstall(rows[0]) : null;
}

/** Locks an install until the transaction ends and reads it as it is then. */
export async function lockInstall(sql: Sql, id: string): Promise<Install | null> {
  const rows = await sql<RawInstall>`
    select * from quittance.install where id = ${id} for no key update`;
  return rows[0] ? readInstall(rows[0]) : null;
}

/**
 * The same by account; where there is none, locks the place of one, so that of two who make it the second
 * finds it made.
 */
export async function lockInstallOf(sql: Sql, account: string, livemode: boolean): Promise<Install | null> {
  const known = await lockPlaced(sql, account, livemode);
  if (known) return known;
  await sql`
    select pg_advisory_xact_lock(${MAKING_LOCK}, hashtext(concat(${account}::text, ${livemode}::boolean)))`;
  // A statement of its own: its snapshot is taken behind the lock.
  return lockPlaced(sql, account, livemode);
}

async function lockPlaced(sql: Sql, account: string, livemode: boolean): Promise<Install | null> {
  const rows = await sql<RawInstall>`
    select * from quittance.install
    where account = ${account} and livemode = ${livemode} and status <> 'removed' for no key update`;
  return rows[0] ? readInstall(rows[0]) : null;
}

export interface InstallFilter {
  livemode: boolean;
  status: InstallStatus | null;
  account: string | null;
  /** The id the last page ended with. */
  after: string | null;
  limit: number;
}

/** Installs in the order of their ids. */
export async function listInstalls(sql: Sql, filter: InstallFilter): Promise<Install[]> {
  const rows = await sql<RawInstall>`
    select * from quittance.install
    where livemode = ${filter.livemode}
      and (${filter.status}::text is null or status = ${filter.status})
      and (${filter.account}::text is null or account = ${filter.account})
      and (${filter.after}::text is null or id > ${filter.after})
    order by id limit ${filter.limit}`;
  return rows.map(readInstall);
}

/** Installed ones that Stripe was not asked about for most of a day, in the order of their ids. */
export async function installsToCheck(
  sql: Sql,
  { livemode, after, limit }: { livemode: boolean; after: string; limit: number },
): Promise<Install[]> {
  const rows = await sql<RawInstall>`
    select * from quittance.install
    where livemode = ${livemode} and status = 'installed' and id > ${after}
      and checked_at < now() - ${CHECKED_HOURS_AGO} * interval '1 hour'
    order by id limit ${limit}`;
  return rows.map(readInstall);
}

export interface NewInstall {
  id: string;
  account: string;
  livemode: boolean;
  sandbox: boolean;
  access: InstallAccess;
}

export async function insertInstall(sql: Sql, made: NewInstall, facts: InstallFacts): Promise<Install> {
  const rows = await sql<RawInstall>`
    insert into quittance.install
      (id, account, livemode, sandbox, access, stripe_install, permissions_granted, permissions_pending,
       approval_required)
    values (${made.id}, ${made.account}, ${made.livemode}, ${made.sandbox}, ${made.access},
      ${facts.stripe_install}, ${facts.permissions_granted}::text[], ${facts.permissions_pending}::text[],
      ${facts.approval_required})
    returning *`;
  return readInstall(rows[0] as RawInstall);
}

/** Writes that it is installed, and what Stripe says of it. One that had ended goes on as it was. */
export async function saveInstalled(
  sql: Sql,
  { id, access }: Pick<Install, 'id' | 'access'>,
  facts: InstallFacts,
): Promise<Install> {
  const rows = await sql<RawInstall>`
    update quittance.install
    set status = 'installed', access = ${access}, stripe_install = ${facts.stripe_install},
        permissions_granted = ${facts.permissions_granted}::text[],
        permissions_pending = ${facts.permissions_pending}::text[],
        approval_required = ${facts.approval_required}, reason = null, uninstalled_at = null,
        remove_at = null, checked_at = now(), version = version + 1
    where id = ${id} returning *`;
  return readInstall(rows[0] as RawInstall);
}

/** Ends it; its data stay for so many days. Whole milliseconds, as a job's time has them. */
export async function saveUninstalled(
  sql: Sql,
  id: string,
  { reason, graceDays }: { reason: string; graceDays: number },
): Promise<Install> {
  const rows = await sql<RawInstall>`
    update quittance.install
    set status = 'uninstalled', reason = ${reason}, uninstalled_at = now(),
        remove_at = date_trunc('milliseconds', now() + ${graceDays} * interval '1 day'),
        checked_at = now(), version = version + 1
    where id = ${id} returning *`;
  return readInstall(rows[0] as RawInstall);
}

/** Notes that Stripe was asked and nothing was new, or could not tell. */
export async function noteInstallChecked(sql: Sql, id: string): Promise<void> {
  await sql`update quittance.install set checked_at = now() where id = ${id}`;
}

interface RawInstall extends Omit<Install, 'installed_at' | 'uninstalled_at' | 'remove_at' | 'removed_at'> {
  installed_at: Date;
  uninstalled_at: Date | null;
  remove_at: Date | null;
  removed_at: Date | null;
  checked_at: Date;
  version: number;
}

function readInstall({ checked_at: _checked, version: _version, ...raw }: RawInstall): Install {
  return {
    ...raw,
    installed_at: raw.installed_at.toISOString(),
    uninstalled_at: raw.uninstalled_at?.toISOString() ?? null,
    remove_at: raw.remove_at?.toISOString() ?? null,
    removed_at: raw.removed_at?.toISOString() ?? null,
  };
}
