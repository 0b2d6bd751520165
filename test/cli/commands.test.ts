import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { emptyFolder, quittance } from '../support/cli.ts';
import { freePort } from '../support/server-process.ts';

const COMMANDS = ['dev', 'start', 'demo', 'simulator', 'migrate', 'events', 'reconcile'];

describe('the command line', () => {
  it('lists its commands, and each explains itself', async () => {
    const folder = emptyFolder();
    const all = await quittance(['--help'], folder).ended;
    expect(all.status).toBe(0);
    for (const name of COMMANDS) {
      expect(all.stdout).toContain(name);
      const one = await quittance([name, '--help'], folder).ended;
      expect(one.status).toBe(0);
      expect(one.stdout).toContain(`Usage: quittance ${name}`);
    }
  });

  it('answers a wrong call with status 2 and a suggestion', async () => {
    const { status, stderr } = await quittance(['evnts'], emptyFolder()).ended;
    expect(status).toBe(2);
    expect(stderr).toContain('Did you mean events?');
    const option = await quittance(['events', 'list', '--status', 'lost'], emptyFolder()).ended;
    expect(option.status).toBe(2);
    expect(option.stderr).toContain('pending, done, retrying, dead, quarantined');
  });

  it('names the variable that is wrong', async () => {
    const env = { PORT: 'eighty', DATABASE_URL: 'postgres://localhost/none' };
    const { status, stderr } = await quittance(['start'], emptyFolder(), env).ended;
    expect(status).toBe(1);
    expect(stderr).toContain('PORT must be a port');
  });

  it('says what is wrong with a secret before anything starts', async () => {
    const env = {
      DATABASE_URL: 'postgres://127.0.0.1:1/none',
      QUITTANCE_SECRET: 'long enough for a secret',
      STRIPE_WEBHOOK_SECRET: 'whsec_one ,whsec_two',
      STRIPE_SECRET_KEY: 'pk_test_mistaken',
    };
    const { status, stderr } = await quittance(['serve', '--role', 'web'], emptyFolder(), env).ended;
    expect(status).toBe(1);
    expect(stderr).toContain('STRIPE_WEBHOOK_SECRET has a space or line break around a secret');
    expect(stderr).toContain('STRIPE_SECRET_KEY must be a secret or restricted key');
    expect(stderr).not.toContain('whsec_one');
  });

  it('refuses production without DATABASE_URL, saying why', async () => {
    const { status, stderr } = await quittance(['start'], emptyFolder(), { NODE_ENV: 'production' }).ended;
    expect(status).toBe(1);
    expect(stderr).toContain('database_url_required');
    expect(stderr).toContain('payments would be lost');
  });

  it('explains a broken configuration file', async () => {
    const folder = emptyFolder();
    writeFileSync(path.join(folder, 'quittance.config.ts'), 'export const nothing: number = 1;\n');
    const env = { DATABASE_URL: 'postgres://127.0.0.1:1/none', QUITTANCE_SECRET: 'long enough for a secret' };
    const { status, stderr } = await quittance(['serve', '--role', 'web'], folder, env).ended;
    expect(status).toBe(1);
    expect(stderr).toContain('has no default export');
    writeFileSync(path.join(folder, 'quittance.config.ts'), 'export default { product: [] };\n');
    const typo = await quittance(['serve', '--role', 'web'], folder, env).ended;
    expect(typo.stderr).toContain('product is not an option; known are');
  });
});

describe('dev', () => {
  it('starts everything in an empty folder, serves the shop, and stops with status 0', async () => {
    const folder = emptyFolder();
    writeFileSync(
      path.join(folder, 'quittance.config.ts'),
      `import { defineConfig } from 'quittance';
       export default defineConfig({ products: [{ id: 'tea', name: 'Tea', price: 300, currency: 'usd' }] });`,
    );
    const port = await freePort();
    const env = { PORT: String(port), QUITTANCE_SIMULATOR_PORT: '0' };
    const dev = quittance(['dev'], folder, env);
    const screen = await dev.says('Ctrl-C stops everything');
    expect(screen).toContain(`http://localhost:${port}`);
    const shop = await (await fetch(`http://127.0.0.1:${port}/`)).text();
    expect(shop).toContain('Tea');
    // Its simulator has an endpoint for connected accounts: there is a secret, which this lacks.
    const connect = await fetch(`http://127.0.0.1:${port}/api/webhook/connect`, {
      method: 'POST',
      body: '{}',
    });
    expect(await connect.json()).toMatchObject({ status: 400, code: 'missing_signature' });

    // A second one on the same folder leaves the first alone.
    const second = await quittance(['dev'], folder, env).ended;
    expect(second.status).toBe(1);
    expect(second.stderr).toContain('data_dir_in_use');

    // Other commands use the database of the one that runs.
    const list = await quittance(['events', 'list'], folder).ended;
    expect(list).toMatchObject({ status: 0, stdout: 'No events.\n' });

    dev.child.kill('SIGINT');
    const { status } = await dev.ended;
    expect(status).toBe(0);
    await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow('fetch failed');
  });

  it('says which port is taken', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as { port: number };
    const env = { PORT: String(port), QUITTANCE_SIMULATOR_PORT: '0' };
    const { status, stderr } = await quittance(['dev'], emptyFolder(), env).ended;
    expect(status).toBe(1);
    expect(stderr).toContain(`Port ${port} is in use`);
  });
});
