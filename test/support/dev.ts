import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll } from 'vitest';
import { emptyFolder, quittance } from './cli.ts';
import { freePort } from './server-process.ts';

export interface Dev {
  url: string;
  /** Where its simulator is. */
  stripe: string;
  apiKey: string;
  folder: string;
  /** The one-time link that it printed. */
  link: string;
  /** Asks the operator's API as a program does. */
  api: (path: string, init?: { method?: string; body?: unknown }) => Promise<Response>;
}

/** `quittance dev` in a folder with this configuration file: one for all tests of a file. */
export function useDev(config: string): () => Dev {
  let dev: Dev;
  beforeAll(async () => {
    const folder = emptyFolder();
    writeFileSync(path.join(folder, 'quittance.config.mjs'), config);
    const port = await freePort();
    const running = quittance(['dev'], folder, { PORT: String(port), QUITTANCE_SIMULATOR_PORT: '0' });
    const screen = await running.says('Ctrl-C stops everything');
    const valueOf = (name: string): string => new RegExp(`^ +${name} +(\\S+)`, 'm').exec(screen)?.[1] ?? '';
    const [url, apiKey] = [valueOf('Shop'), valueOf('API key')];
    const api: Dev['api'] = (address, { method = 'GET', body } = {}) =>
      fetch(`${url}${address}`, {
        method,
        headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    dev = { url, stripe: valueOf('Stripe'), apiKey, folder, link: valueOf('Console'), api };
  });
  return () => dev;
}
