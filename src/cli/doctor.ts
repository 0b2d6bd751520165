import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { Command } from 'commander';
import { startEmbedded } from '../db/embedded/start.ts';
import type { Check, Status } from '../doctor/check.ts';
import type { Report } from '../doctor/doctor.ts';
import { createLogger } from '../log.ts';
import { devSecrets, readRuntime } from './data-dir.ts';
import { refuseEmbeddedInProduction } from './database.ts';
import { readEnvironment, type Environment } from './environment.ts';
import { print } from './output.ts';

// Where nothing listens: what has no database yet is looked at all the same.
const NOWHERE = 'postgres://127.0.0.1:1/none';
const TITLE_CHARACTERS = 30;

export function doctorCommand(): Command {
  return new Command('doctor')
    .description('look at keys, webhook endpoints, secrets, clocks, database and processes')
    .option('--json', 'the whole report as JSON')
    .addHelpText(
      'after',
      `
Reads the same variables and configuration as the server, and needs none to run. Changes nothing.
Exit status 1 when something fails; warnings and what could not be looked at do not count.`,
    )
    .action(({ json = false }: { json?: boolean }) => diagnose(json));
}

async function diagnose(json: boolean): Promise<void> {
  const environment = readEnvironment();
  refuseEmbeddedInProduction(environment);
  const report = await withDatabaseUrl(environment, (url) => look(environment, url));
  const colours = process.stdout.isTTY && !environment.env.NO_COLOR;
  await print(json ? `${JSON.stringify(report, null, 2)}\n` : textOf(report, colours));
  if (report.status === 'fail') process.exitCode = 1;
}

/** As `start` would find it; started for as long as it takes when it is ours and nobody else has. */
async function withDatabaseUrl<T>(
  { env, dataDir, databasePort }: Environment,
  work: (url: string) => Promise<T>,
): Promise<T> {
  const known = env.DATABASE_URL || readRuntime(dataDir)?.databaseUrl;
  if (known) return work(known);
  if (!existsSync(path.join(dataDir, 'postgres', 'PG_VERSION'))) return work(NOWHERE);
  const embedded = await startEmbedded({ dataDir, port: databasePort });
  try {
    return await work(embedded.url);
  } finally {
    await embedded.stop();
  }
}

/** Asks a server of this configuration that was not started. */
async function look(environment: Environment, url: string): Promise<Report> {
  const { createQuittance } = await import('../quittance.ts'); // large: only for who wants it
  const { readOptions } = await import('./serving.ts');
  const { env, dataDir, production } = environment;
  const runtime = readRuntime(dataDir);
  const beside = runtime?.databaseUrl === url && !env.STRIPE_SECRET_KEY;
  const all = {
    ...(production ? {} : { QUITTANCE_SECRET: devSecrets(dataDir).secret }),
    ...env,
    ...(beside ? runtime.stripe : {}),
    DATABASE_URL: url,
  };
  const apiKey = randomUUID();
  const options = await readOptions({ ...environment, env: all });
  const quittance = createQuittance({ ...options, apiKey, logger: createLogger('silent') });
  try {
    const headers = { authorization: `Bearer ${apiKey}` };
    const answer = await quittance.fetch(new Request('http://doctor.invalid/api/doctor', { headers }));
    return (await answer.json()) as Report;
  } finally {
    await quittance.stop();
  }
}

const WORDS: Record<Status, { word: string; colour: number }> = {
  ok: { word: '✓ ok  ', colour: 32 },
  warn: { word: '! warn', colour: 33 },
  fail: { word: '✗ fail', colour: 31 },
  unknown: { word: '? ?   ', colour: 36 },
};

function textOf({ data, livemode }: Report, colours: boolean): string {
  const paint = (text: string, code: number): string => (colours ? `\u001B[${code}m${text}\u001B[0m` : text);
  const groups = [...new Set(data.map(({ group }) => group))];
  const lineOf = ({ status, title, found, mend }: Check): string => {
    const { word, colour } = WORDS[status];
    const next = mend === null ? '' : `\n${' '.repeat(TITLE_CHARACTERS + 10)}→ ${mend}`;
    return `  ${paint(word, colour)} ${title.padEnd(TITLE_CHARACTERS)} ${found}${next}\n`;
  };
  const blocks = groups.map(
    (group) =>
      `\n${paint(group, 1)}\n${data
        .filter((check) => check.group === group)
        .map(lineOf)
        .join('')}`,
  );
  const count = (of: Status): number => data.filter(({ status }) => status === of).length;
  const [right, warnings, failures] = [count('ok'), count('warn'), count('fail')];
  const sums = `${right} ok, ${warnings} warnings, ${failures} failures, ${count('unknown')} unknown`;
  return `${blocks.join('')}\n${sums}, in ${livemode ? 'live' : 'test'} mode.\n`;
}
