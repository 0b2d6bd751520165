import { QuittanceError } from '../errors.ts';
import type { Sql } from './sql.ts';

// Below `on` (off, local, remote_write) a COMMIT is answered before every synchronous standby has it on disk.
const SAFE_COMMIT = new Set(['on', 'remote_apply']);

/**
 * Refuses a database that may forget what it has committed: promise P1 rests on it.
 * Throws `database_not_durable`, naming the setting and how to mend it.
 * Source: postgresql.org/docs/18/runtime-config-wal.html
 */
export async function refuseForgetfulDatabase(sql: Sql): Promise<void> {
  const [settings] = await sql<{ fsync: string; full_page_writes: string; synchronous_commit: string }>`
    select current_setting('fsync') as fsync,
           current_setting('full_page_writes') as full_page_writes,
           current_setting('synchronous_commit') as synchronous_commit`;
  if (!settings) throw new Error('PostgreSQL answered no settings');
  if (settings.fsync !== 'on') throw forgetful('fsync', settings.fsync);
  if (settings.full_page_writes !== 'on') throw forgetful('full_page_writes', settings.full_page_writes);
  if (!SAFE_COMMIT.has(settings.synchronous_commit)) {
    throw forgetful('synchronous_commit', settings.synchronous_commit);
  }
}

function forgetful(name: string, value: string): QuittanceError {
  return new QuittanceError({
    code: 'database_not_durable',
    message:
      `PostgreSQL runs with ${name} = ${value}, so it may lose payments it has confirmed. ` +
      `Set "${name} = on" (for the role and the database too: alter role … reset ${name}) and start again.`,
  });
}
