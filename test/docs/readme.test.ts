import { readFileSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import express from 'express';
import { describe, expect, it, onTestFinished } from 'vitest';
import { mountQuittance } from '../../examples/express.ts';
import { emptyFolder } from '../support/cli.ts';
import { freshDatabase } from '../support/database.ts';
import { makeEvent, WEBHOOK_SECRET } from '../support/events.ts';
import { recordedLog } from '../support/log.ts';
import { postWebhook, SECRET, until } from '../support/quittance.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const README = readFileSync(path.join(ROOT, 'README.md'), 'utf8');

function blocks(language: string): string[] {
  return [...README.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(
    (match) => match[1] as string,
  );
}

describe('the README', () => {
  it('opens with a configuration that loads as it stands', async () => {
    const [config = ''] = blocks('ts');
    const file = path.join(emptyFolder(), 'quittance.config.ts');
    writeFileSync(file, config);
    // The built one: it gives `quittance` in the file its meaning.
    const { loadConfig } = (await import(path.join(ROOT, 'dist/cli/environment.js'))) as {
      loadConfig: (file: string) => Promise<{ products: { id: string }[]; fulfil: unknown; jobs: object }>;
    };
    const loaded = await loadConfig(file);
    expect(loaded.products.map(({ id }) => id)).toEqual(['coffee']);
    expect(loaded.fulfil).toBeTypeOf('function');
    expect(Object.keys(loaded.jobs)).toEqual(['receipt']);
  });

  it('shows the Express example that runs here', async () => {
    const example = readFileSync(path.join(ROOT, 'examples/express.ts'), 'utf8');
    const body = example.slice(example.indexOf('  const quittance'), example.indexOf('  return quittance'));
    const shown = body.replace(/^ {2}/gm, '').trim();
    expect(blocks('ts').join('\n')).toContain(shown);

    const { url, database } = await freshDatabase();
    await database.sql`create table customers (id text, email text)`;
    const app = express();
    const quittance = await mountQuittance(app, {
      databaseUrl: url,
      secret: SECRET,
      stripeWebhookSecret: WEBHOOK_SECRET,
      logger: recordedLog().logger,
    });
    const server = app.listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    onTestFinished(async () => {
      server.closeAllConnections();
      server.close();
      await quittance.stop();
    });
    const customer = { id: 'cus_readme', object: 'customer', email: 'ann@example.com' };
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const event = makeEvent({ type: 'customer.created', data: { object: customer } });
    expect((await postWebhook(address, event)).status).toBe(200);
    const rows = await until(async () => {
      const found = await database.sql`select * from customers`;
      return found.length > 0 && found;
    }, 'the handler has run');
    expect(rows).toEqual([{ id: 'cus_readme', email: 'ann@example.com' }]);
  });

  it('names commands that exist', () => {
    const { scripts } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const named = [...README.matchAll(/npm run ([\w:]+)/g)].map((match) => match[1] as string);
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
    expect(named).toContain('demo');
  });
});
