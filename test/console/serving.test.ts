import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { Hono } from 'hono';
import { afterAll, describe, expect, it } from 'vitest';
import { consoleRoutes } from '../../src/console/routes.ts';
import { firstLoads } from '../../src/derive/first-load.ts';
import { plainSources } from '../../src/http/security-headers.ts';
import { createQuittance } from '../../src/quittance.ts';
import { API_KEY, SECRET } from '../support/quittance.ts';

const FOLDER = fileURLToPath(new URL('../../dist/dashboard/', import.meta.url));
const SCRIPT_BYTES_MAX = 250_000;

// What is served here needs no database.
const quittance = createQuittance({
  databaseUrl: 'postgres://127.0.0.1:1/nowhere',
  publicUrl: 'https://shop.example',
  apiKey: API_KEY,
  secret: SECRET,
});
afterAll(() => quittance.stop());

const get = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
  quittance.fetch(new Request(`https://shop.example${path}`, { headers }));

async function pageAt(path: string): Promise<string> {
  const response = await get(path, { accept: 'text/html' });
  expect(response.status).toBe(200);
  return response.text();
}

const scriptOf = (html: string): string => /src="(\/admin\/assets\/index-[\w-]+\.js)"/.exec(html)?.[1] ?? '';

describe('the page of the console', () => {
  it('is the same at every address, so that a link into it works', async () => {
    const html = (await pageAt('/admin')).replaceAll(/nonce="[^"]+"/g, '');
    for (const path of ['/admin/', '/admin/events/evt_1', '/admin/orders?status=paid', '/admin/a/b/c.d'])
      expect((await pageAt(path)).replaceAll(/nonce="[^"]+"/g, '')).toBe(html);
    expect((await get('/administrator')).status).toBe(404);
  });

  it('lets nothing in but its own files, under a nonce that is used once', async () => {
    const response = await get('/admin');
    const policy = response.headers.get('content-security-policy') ?? '';
    const nonce = /'nonce-([^']+)'/.exec(policy)?.[1];
    expect(policy.split('; ')).toEqual([
      "default-src 'none'",
      `script-src 'nonce-${nonce}'`,
      `style-src 'self' 'nonce-${nonce}'`,
      "img-src 'self'",
      "connect-src 'self'",
      "form-action 'self'",
      "base-uri 'none'",
      "frame-ancestors 'none'",
      "object-src 'none'",
    ]);
    const html = await response.text();
    const scripts = html.match(/<script[^>]*>/g) ?? [];
    expect(scripts.length).toBeGreaterThan(0);
    expect(scripts.filter((tag) => !tag.includes(`nonce="${nonce}"`))).toEqual([]);
    expect(html).not.toContain('__NONCE__');
    expect((await get('/admin')).headers.get('content-security-policy')).not.toBe(policy);
  });

  it('is framed by nobody, kept by nobody, and tells nobody where it was', async () => {
    const { headers } = await get('/admin/orders/ord_1');
    expect(Object.fromEntries(headers)).toMatchObject({
      'cache-control': 'no-store',
      'cross-origin-opener-policy': 'same-origin',
      'referrer-policy': 'same-origin',
      'strict-transport-security': 'max-age=31536000; includeSubDomains',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    });
  });

  it('says what to do when the console was not built', async () => {
    const app = new Hono();
    const page = { shopName: 'Shop', sources: plainSources('http://localhost') };
    consoleRoutes(app, page, new URL('file:///nowhere/'));
    const response = await app.request('/admin', { headers: { accept: 'text/html' } });
    expect(response.status).toBe(503);
    expect(await response.text()).toContain('npm run build');
    expect(await (await app.request('/admin')).json()).toMatchObject({ code: 'console_not_built' });
  });
});

describe('the files of the console', () => {
  it('come packed as the browser wants, and may be kept for ever', async () => {
    const path = scriptOf(await pageAt('/admin'));
    const plain = await get(path);
    expect(Object.fromEntries(plain.headers)).toMatchObject({
      'cache-control': 'public, max-age=31536000, immutable',
      'content-type': 'text/javascript; charset=utf-8',
      vary: 'accept-encoding',
      'x-content-type-options': 'nosniff',
    });
    const script = Buffer.from(await plain.arrayBuffer());
    for (const [accepted, encoding, unpack] of [
      ['gzip, deflate, br', 'br', brotliDecompressSync],
      ['gzip;q=0.8, deflate', 'gzip', gunzipSync],
    ] as const) {
      const packed = await get(path, { 'accept-encoding': accepted });
      expect(packed.headers.get('content-encoding')).toBe(encoding);
      expect(unpack(Buffer.from(await packed.arrayBuffer())).equals(script)).toBe(true);
    }
  });

  it('are those of the build and no others', async () => {
    for (const name of ['index-00000000.js', '..%2findex.html', '.made-from', 'index.html', 'x.js.gz']) {
      const response = await get(`/admin/assets/${name}`);
      expect([name, response.status]).toEqual([name, 404]);
      expect(response.headers.get('content-type')).toBe('application/problem+json');
    }
  });

  it('are under 250 kB of packed script until any page stands', () => {
    const loads = firstLoads(FOLDER);
    expect(loads.length).toBeGreaterThan(0);
    expect(loads.filter(({ script }) => script > SCRIPT_BYTES_MAX)).toEqual([]);
    const manifest = JSON.parse(readFileSync(`${FOLDER}manifest.json`, 'utf8')) as Record<string, object>;
    const pages = Object.values(manifest).filter((chunk) => 'isDynamicEntry' in chunk);
    expect(loads).toHaveLength(pages.length);
  });
});
