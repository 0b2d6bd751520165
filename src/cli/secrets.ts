import { Command } from 'commander';
import type { Database } from '../db/database.ts';
import { optionsFromEnvironment, parseOptions, variableOf } from '../options.ts';
import { rotateVault, type Rotation } from '../vault/rotate.ts';
import { countByKey } from '../vault/rows.ts';
import { Vault } from '../vault/vault.ts';
import { devSecrets } from './data-dir.ts';
import { withStored } from './database.ts';
import { readEnvironment, type Environment } from './environment.ts';
import { print } from './output.ts';

const NOTHING = 'Nothing is kept sealed.\n';

export function secretsCommand(): Command {
  const command = new Command('secrets').description(
    'the secret that tokens and keys are sealed with: what is sealed with which, and a change of it',
  );
  command
    .command('rotate')
    .description('seal everything with QUITTANCE_SECRET that was sealed with a secret before it')
    .option('--dry-run', 'only look whether everything can be opened')
    .addHelpText('after', ROTATE_HELP)
    .action(({ dryRun = false }: { dryRun?: boolean }) => rotate(dryRun));
  command
    .command('status')
    .description('how much is sealed with which secret')
    .action(() => status());
  for (const each of command.commands) each.exitOverride();
  return command;
}

const ROTATE_HELP = `
To change the secret:
  1. Set QUITTANCE_SECRET to the new one and QUITTANCE_SECRET_PREVIOUS to the old one, on every server, and
     restart them. What was sealed before can still be opened.
  2. Run "quittance secrets rotate" with the same two variables. It may be ended and run again at any time.
  3. Remove QUITTANCE_SECRET_PREVIOUS once nobody comes with a link or cookie that the old one signed.
Exit status 1 when something could not be opened; it is listed, and left as it is.`;

async function rotate(dryRun: boolean): Promise<void> {
  const environment = readEnvironment();
  const rotation = await withStored(environment, ({ sql }) =>
    rotateVault(sql, vaultOf(environment), {
      seals: !dryRun,
      onPage: ({ resealed }) => void process.stderr.write(`${resealed} …\n`),
    }),
  );
  await print(rotation ? reportOf(rotation, dryRun) : NOTHING);
  if (rotation && rotation.unopened.length > 0) process.exitCode = 1;
}

function reportOf({ resealed, unopened }: Rotation, dryRun: boolean): string {
  const done = dryRun ? 'can be re-sealed' : 're-sealed';
  const head = `${resealed} of ${resealed + unopened.length} ${done}`;
  if (unopened.length === 0) {
    const next = dryRun ? 'run it without --dry-run' : 'QUITTANCE_SECRET_PREVIOUS can be removed';
    return `${head}; ${next}.\n`;
  }
  const lines = unopened.map(
    ({ owner, kind, name, key_id, code }) => `${owner} ${kind} ${name || '-'} key ${key_id}: ${code}`,
  );
  return `${head}. These can't be opened, and were left as they are:\n${lines.join('\n')}\n`;
}

async function status(): Promise<void> {
  const environment = readEnvironment();
  const text = await withStored(environment, (database) => statusOf(database, vaultOf(environment)));
  await print(text || NOTHING);
}

async function statusOf({ sql }: Database, vault: Vault): Promise<string> {
  const counts = await countByKey(sql);
  return counts.map(({ key_id, count }) => `key ${key_id}: ${count} (${vault.knows(key_id)})\n`).join('');
}

/** Only the secrets matter here: whatever else may be wrong with the settings does not stand in the way. */
function vaultOf({ env, dataDir, production }: Environment): Vault {
  const { secret, previousSecrets = '' } = optionsFromEnvironment(env);
  const known = secret ?? (production ? undefined : devSecrets(dataDir).secret);
  const options = { databaseUrl: 'postgres://not-asked-for', secret: known as string, previousSecrets };
  return new Vault(parseOptions(options, variableOf));
}
