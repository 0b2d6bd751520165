import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import config from '../../../examples/stripe-app/backend/quittance.config.ts';
import { slackAddress } from '../../../examples/stripe-app/backend/slack.ts';
import { objectIn } from '../../../examples/stripe-app/backend/subject.ts';
import type { AppJobContext } from '../../../src/apps/context.ts';
import { freshDatabase } from '../../support/database.ts';
import { makeTables, runTables } from './support/backend.ts';
import { EXAMPLE, readManifest } from './support/manifest.ts';

const app = config.app ?? {};
const HOOK = 'https://hooks.slack.com/services/T0/B0/secret';

function textOf(file: string): string {
  return readFileSync(path.join(EXAMPLE, file), 'utf8');
}

function versionIn(file: string): string {
  return (JSON.parse(textOf(file)) as { version: string }).version;
}

describe('the manifest', () => {
  const manifest = readManifest();

  it('names the app as the backend and the packages do', () => {
    expect(manifest.id).toBe(app.id);
    expect(['package.json', 'ui/package.json', 'backend/package.json'].map(versionIn)).toEqual([
      manifest.version,
      manifest.version,
      manifest.version,
    ]);
  });

  it('has a view for each component, an icon, and each permission once', () => {
    for (const { component } of manifest.ui_extension.views) {
      expect(textOf(`ui/src/views/${component}.tsx`)).toContain(`export default function ${component}(`);
    }
    const icon = readFileSync(path.join(EXAMPLE, manifest.icon));
    expect(icon.toString('latin1', 1, 4)).toBe('PNG');
    expect([icon.readUInt32BE(16), icon.readUInt32BE(20)]).toEqual([300, 300]);
    const names = manifest.declarations.stripe_api_access.permissions.map(({ permission }) => permission);
    expect(new Set(names).size).toBe(names.length);
  });

  it('lets the views call the backends that they know', () => {
    const { 'connect-src': allowed } = manifest.ui_extension.content_security_policy;
    const known = [...textOf('ui/src/backend.ts').matchAll(/'(https:\/\/[^']+)'/g)].map(([, base]) => base);
    expect(known).toHaveLength(2);
    expect(allowed).toEqual(known.map((base) => `${base}/apps/`));
  });
});

describe('the backend', () => {
  it('has a command that makes its tables, also when they are there', async () => {
    const { url, database } = await freshDatabase();
    await makeTables(database);
    expect(await runTables(url)).toBe('The tables are there.\n');
  });

  it('takes only ids of customers and payments', () => {
    const taken = ['cus_1', 'pi_1', 'ch_1', 'py_1'];
    expect(taken.map((object) => objectIn({ object }))).toEqual(taken);
    for (const object of [undefined, 1, '', 'cus_', 'sub_1', 'cus_1/../x', 'cus_1\n', ['cus_1']]) {
      expect(objectIn({ object })).toBeNull();
    }
  });
});

describe('Slack', () => {
  /** Runs the job for an account with this secret; gives what Slack was sent. */
  async function tell(secret: string | null, status = 200): Promise<{ url: string; body: unknown }[]> {
    const sent: { url: string; body: unknown }[] = [];
    vi.stubGlobal('fetch', async (url: string, { body }: { body: string }) => {
      sent.push({ url, body: JSON.parse(body) });
      return new Response(null, { status });
    });
    onTestFinished(() => void vi.unstubAllGlobals());
    const secrets = { get: async () => secret };
    await app.jobs?.['tell-slack']?.({ object: 'cus_1' }, { secrets } as unknown as AppJobContext);
    return sent;
  }

  it('hears of a note, without its text, when the account has named a channel', async () => {
    expect(await tell(HOOK)).toEqual([{ url: HOOK, body: { text: 'There is a new note on cus_1.' } }]);
    expect(await tell(null)).toEqual([]);
    await expect(tell(HOOK, 500)).rejects.toThrow('Slack answered 500');
  });

  it('is the only place that is ever called', () => {
    expect(slackAddress(HOOK)).toBe(HOOK);
    for (const url of [
      'http://hooks.slack.com/services/T0/B0/x',
      'https://hooks.slack.com.example.com/services/T0/B0/x',
      'https://hooks.slack.com@10.0.0.1/services/T0',
      'https://hooks.slack.com:8443/services/T0',
      'https://hooks.slack.com/services/../../x',
      `${HOOK}?to=x`,
      `${HOOK}\n`,
      42,
    ]) {
      expect(slackAddress(url)).toBeNull();
    }
  });
});
