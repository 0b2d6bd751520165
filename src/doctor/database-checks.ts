import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { newestVersion } from '../db/migrate.ts';
import { describeError } from '../errors.ts';
import { Vault } from '../vault/vault.ts';
import { countByKey } from '../vault/rows.ts';
import { fail, ok, warn, worstOf, type Checker, type Finding } from './check.ts';
import type { DoctorParts } from './parts.ts';
import { dataDirectory, schemaVersion, serverRow, type ServerRow } from './rows.ts';

const VERSION_MIN = 150_000;
const SKEW_SECONDS_WARN = 5;
const FREE_SHARE_WARN = 0.1;
const FREE_SHARE_FAIL = 0.03;
const CONNECTIONS_SHARE_WARN = 0.9;
const GIB = 1024 ** 3;

/** Whether the database answers, forgets nothing, and has what this code needs. */
export function databaseChecks(parts: DoctorParts): Checker[] {
  const { database, clock } = parts;
  let asked: Promise<{ row: ServerRow; ourMs: number }> | undefined;
  const server = (): NonNullable<typeof asked> =>
    (asked ??= serverRow(database.sql).then((row) => ({ row, ourMs: clock.now() })));
  const group = 'Database' as const;
  return [
    { id: 'database', group, title: 'PostgreSQL', run: async () => serverFinding(server) },
    {
      id: 'durability',
      group,
      title: 'Durability',
      run: async () => durabilityFinding((await server()).row),
    },
    {
      id: 'migrations',
      group,
      title: 'Schema',
      run: async () => migrationFinding(await schemaVersion(database.sql)),
    },
    {
      id: 'database_clock',
      group,
      title: 'Our clock and PostgreSQL’s',
      run: async () => clockFinding(await server()),
    },
    { id: 'disk', group, title: 'Disk', run: () => diskFinding(parts, server) },
    { id: 'vault', group, title: 'Sealed secrets', run: () => vaultFinding(parts) },
  ];
}

async function serverFinding(server: () => Promise<{ row: ServerRow }>): Promise<Finding> {
  const answer = await server().catch(describeError);
  if (typeof answer === 'string') {
    const mend =
      'Look at DATABASE_URL and whether PostgreSQL runs. Webhooks are repeated by Stripe meanwhile.';
    return fail(`It does not answer: ${answer}.`, mend);
  }
  const { version, version_number: number, in_recovery, connections, connections_max: max } = answer.row;
  const words = `Version ${version}, ${connections} of ${max} connections in use`;
  return worstOf(`${words}.`, [
    number < VERSION_MIN ? fail(`${words}: 15 is the oldest that works.`, 'Upgrade PostgreSQL.') : ok(''),
    in_recovery ? fail('It is a standby, which can’t be written to.', 'Connect to the primary.') : ok(''),
    connections > max * CONNECTIONS_SHARE_WARN
      ? warn(`${words}: others may get none.`, 'Raise max_connections, or find out who holds them.')
      : ok(''),
  ]);
}

// Below `on` a COMMIT is answered before it is on disk everywhere.
function durabilityFinding(row: ServerRow): Finding {
  const { fsync, full_page_writes, synchronous_commit, synchronous_standby_names: standbys } = row;
  const written = `fsync ${fsync}, full_page_writes ${full_page_writes}`;
  const settings = `${written}, synchronous_commit ${synchronous_commit}`;
  const isSafe =
    fsync === 'on' && full_page_writes === 'on' && /^(?:on|remote_apply)$/.test(synchronous_commit);
  if (!isSafe) {
    return fail(
      `${settings}: payments that were confirmed may be lost.`,
      'Set all three to on, for the role too.',
    );
  }
  return ok(
    `${settings}; ${standbys === '' ? 'no synchronous standby' : `synchronous standbys: ${standbys}`}.`,
  );
}

async function migrationFinding(version: number): Promise<Finding> {
  const newest = await newestVersion();
  if (version === newest) return ok(`Version ${version}, as this Quittance needs it.`);
  const words = `Version ${version}, and this Quittance needs ${newest}.`;
  if (version < newest) return fail(words, 'Run "quittance migrate", or start the server.');
  return fail(words, 'Install the Quittance that migrated it, or a later one.');
}

function clockFinding({ row, ourMs }: { row: ServerRow; ourMs: number }): Finding {
  const seconds = Math.round((ourMs - row.now.getTime()) / 1_000);
  if (Math.abs(seconds) < SKEW_SECONDS_WARN) return ok('They agree.');
  const words = `Ours is ${Math.abs(seconds)} s ${seconds < 0 ? 'behind' : 'ahead'}.`;
  return warn(words, 'Let both machines follow a time server.');
}

async function diskFinding(
  { database }: DoctorParts,
  server: () => Promise<{ row: ServerRow }>,
): Promise<Finding> {
  const { bytes } = (await server()).row;
  const size = `The database holds ${gib(bytes)}`;
  const path = await dataDirectory(database.sql).catch(() => '');
  if (path === '' || !existsSync(path)) return ok(`${size}. Its disk is another machine’s.`);
  const { bavail, blocks, bsize } = await statfs(path);
  if (blocks === 0) return ok(`${size}. Its disk does not tell how large it is.`);
  const words = `${size}, and ${gib(bavail * bsize)} of ${gib(blocks * bsize)} are free.`;
  const mend = 'Make room: PostgreSQL stops when the disk is full, and nothing is received then.';
  if (bavail < blocks * FREE_SHARE_FAIL) return fail(words, mend);
  return bavail < blocks * FREE_SHARE_WARN ? warn(words, mend) : ok(words);
}

async function vaultFinding({ database, settings }: DoctorParts): Promise<Finding> {
  const vault = new Vault(settings);
  const counts = await countByKey(database.sql);
  const sum = (of: string): number =>
    counts.filter(({ key_id }) => vault.knows(key_id) === of).reduce((total, { count }) => total + count, 0);
  const [current, previous, lost] = [sum('current'), sum('previous'), sum('unknown')];
  if (lost > 0) {
    const mend = 'Put the secret they were sealed with into QUITTANCE_SECRET_PREVIOUS.';
    return fail(`${lost} are sealed with a secret that is not configured, and can’t be opened.`, mend);
  }
  if (previous > 0) {
    return warn(
      `${previous} are still sealed with a secret before this one.`,
      'Run "quittance secrets rotate".',
    );
  }
  if (settings.previousSecrets.length > 0) {
    const mend = 'Remove QUITTANCE_SECRET_PREVIOUS once nobody comes with a link or cookie of before.';
    return ok(`${current}, all with the secret of now. ${mend}`);
  }
  return ok(current === 0 ? 'Nothing is kept sealed.' : `${current}, all with the secret of now.`);
}

function gib(bytes: number): string {
  return `${(bytes / GIB).toFixed(bytes < GIB ? 2 : 1)} GB`;
}
