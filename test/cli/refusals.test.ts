import { existsSync, mkdirSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { emptyFolder, quittance } from '../support/cli.ts';
import { freshDatabase } from '../support/database.ts';
import { freePort } from '../support/server-process.ts';

const BIN = fileURLToPath(new URL('../../bin/quittance.js', import.meta.url));
const STACK = /^\s+at /m;
const events = (command: string): string[] => [
  'events',
  command,
  ...(command === 'show' || command === 'replay' ? ['evt_1'] : []),
];

describe('an empty folder', () => {
  it('is an empty log, and stays empty', async () => {
    const folder = emptyFolder();
    const list = await quittance(events('list'), folder).ended;
    expect(list).toEqual({ status: 0, stdout: 'No events.\n', stderr: '' });
    const all = await quittance(events('export'), folder).ended;
    expect(all).toEqual({ status: 0, stdout: '', stderr: 'No events.\n' });
    for (const command of ['show', 'replay']) {
      const { status, stderr } = await quittance(events(command), folder).ended;
      expect(status).toBe(1);
      expect(stderr).toBe('quittance: There is no event evt_1 in the log.\n(event_not_found)\n');
    }
    expect(existsSync(path.join(folder, '.quittance'))).toBe(false);
  });
});

describe('what a command refuses', () => {
  it.each(['migrate', 'reconcile', 'events list'])('%s: production without DATABASE_URL', async (command) => {
    const folder = emptyFolder();
    const { status, stderr } = await quittance(command.split(' '), folder, { NODE_ENV: 'production' }).ended;
    expect(status).toBe(1);
    expect(stderr).toContain('database_url_required');
    expect(existsSync(path.join(folder, '.quittance'))).toBe(false);
  });

  it.each([
    ['simulator', '--port', 'abc'],
    ['simulator', '--port', '70000'],
    ['events', 'list', '--limit', ''],
    ['events', 'list', '--limit', '0'],
  ])('%s %s %s %s: a wrong call', async (...args) => {
    const { status, stderr } = await quittance(args, emptyFolder()).ended;
    expect(status).toBe(2);
    expect(stderr).not.toMatch(STACK);
  });

  it.each([
    ['PUBLIC_URL', 'nowhere'],
    ['QUITTANCE_API_KEY', 'short'],
    ['LOG_LEVEL', 'bogus'],
  ])('start: a wrong %s, before PostgreSQL is started for it', async (name, value) => {
    const folder = emptyFolder();
    const { status, stderr } = await quittance(['start'], folder, { [name]: value }).ended;
    expect(status).toBe(1);
    expect(stderr).toMatch(new RegExp(`^quittance: ${name} .*\n\\(invalid_options\\)\n$`));
    expect(existsSync(path.join(folder, '.quittance'))).toBe(false);
  });

  it.runIf(existsSync('/dev/full'))('events: a full disk, in one sentence', () => {
    const run = spawnSync(process.execPath, [BIN, 'events', 'list'], {
      cwd: emptyFolder(),
      env: { PATH: process.env.PATH },
      stdio: ['ignore', openSync('/dev/full', 'w'), 'pipe'],
      encoding: 'utf8',
    });
    expect(run.status).toBe(1);
    expect(run.stderr).toMatch(/^quittance: The output could not be written: ENOSPC.*\n\(output_failed\)\n$/);
  });
});

describe('what a running server says of itself', () => {
  it('is not believed of another process that was given its number', async () => {
    const folder = emptyFolder();
    mkdirSync(path.join(folder, '.quittance'));
    const stale = { databaseUrl: 'postgres://127.0.0.1:1/gone', pid: process.pid, started: '1' };
    writeFileSync(path.join(folder, '.quittance', 'runtime.json'), JSON.stringify(stale));
    expect((await quittance(events('list'), folder).ended).stdout).toBe('No events.\n');
  });

  it('is enough to reconcile beside it; with its Stripe away, why not is said in words', async () => {
    const folder = emptyFolder();
    const { url } = await freshDatabase();
    const given = { DATABASE_URL: url, QUITTANCE_SIMULATOR_PORT: '0' };
    const dev = quittance(['dev'], folder, { ...given, PORT: String(await freePort()) });
    await dev.says('Ctrl-C stops everything');
    const runtime = path.join(folder, '.quittance', 'runtime.json');
    expect(statSync(runtime).mode & 0o777).toBe(0o600);
    const { stripe } = JSON.parse(readFileSync(runtime, 'utf8')) as { stripe: NodeJS.ProcessEnv };
    const beside = await quittance(['reconcile'], folder).ended;
    expect(beside.stderr).not.toMatch(STACK);
    expect(beside).toMatchObject({ status: 0 });
    expect(beside.stdout).toContain('0 orders repaired.');

    dev.child.kill('SIGTERM');
    await dev.ended;
    expect(existsSync(runtime)).toBe(false);
    const away = await quittance(['reconcile'], folder, { ...given, ...stripe }).ended;
    expect(away.status).toBe(1);
    expect(away.stderr).toContain('(stripe_unreachable)');
    expect(away.stderr).not.toMatch(STACK);
  });
});
