import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { openDatabase } from '../../src/db/database.ts';
import { startEmbedded } from '../../src/db/embedded/start.ts';
import { migrate } from '../../src/db/migrate.ts';
import { Jobs } from '../../src/jobs/jobs.ts';
import { scratchFolder } from './scratch.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** A PostgreSQL of this run; each test file clones its own database from `quittance_template`. */
    serverUrl: string;
  }
}

/** One real PostgreSQL for the whole run, durable as in production, gone afterwards. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = scratchFolder('test');
  const server = await startEmbedded({ dataDir });
  const admin = openDatabase({ url: server.url, connectionsMax: 1, applicationName: 'test setup' });
  await admin.pool.query('create database quittance_template');
  // A password costs both sides more than all else about a connection, and the run opens thousands of them.
  writeFileSync(path.join(dataDir, 'postgres', 'pg_hba.conf'), 'host all all 127.0.0.1/32 trust\n');
  await admin.pool.query('select pg_reload_conf()');
  await admin.close();
  const url = databaseUrl(server.url, 'quittance_template');
  const template = openDatabase({ url, connectionsMax: 2, applicationName: 'test setup' });
  await migrate(template, () => Jobs.migrate(template));
  await template.close();
  project.provide('serverUrl', server.url);
  return async () => {
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  };
}

function databaseUrl(serverUrl: string, name: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}
