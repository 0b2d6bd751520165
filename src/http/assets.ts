import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { DOCS_STYLE } from './docs/style.ts';
import { ICON, STYLE } from './style.ts';

// Scripts are compiled by the build; from src (under the tests) they are read from dist all the same.
const SCRIPTS: Record<string, string> = {
  'docs.js': '../../dist/http/browser/docs.js',
  'pay.js': '../../dist/checkout/browser/pay.js',
  'order.js': '../../dist/orders/browser/order.js',
};

const TEXTS: Record<string, [type: string, text: string]> = {
  'style.css': ['text/css; charset=utf-8', STYLE],
  'docs.css': ['text/css; charset=utf-8', DOCS_STYLE],
  'icon.svg': ['image/svg+xml', ICON],
};

interface Asset {
  type: string;
  text: string;
  version: string;
}

const assets = new Map<string, Asset>();

/** The address of a file of ours. It changes with the content, so that browsers may keep it for ever. */
export function assetUrl(name: string): string {
  return `/assets/${name}?v=${load(name).version}`;
}

/** The file itself, or null when there is none of that name. */
export function assetResponse(name: string): Response | null {
  if (!Object.hasOwn(TEXTS, name) && !Object.hasOwn(SCRIPTS, name)) return null;
  const { type, text } = load(name);
  return new Response(text, {
    headers: {
      'content-type': type,
      'cache-control': 'public, max-age=31536000, immutable',
      'x-content-type-options': 'nosniff',
    },
  });
}

function load(name: string): Asset {
  let asset = assets.get(name);
  if (!asset) {
    const [type, text] = read(name);
    asset = { type, text, version: createHash('sha256').update(text).digest('hex').slice(0, 12) };
    assets.set(name, asset);
  }
  return asset;
}

function read(name: string): [type: string, text: string] {
  if (Object.hasOwn(TEXTS, name)) return TEXTS[name] as [string, string];
  const text = readFileSync(new URL(SCRIPTS[name] as string, import.meta.url), 'utf8');
  return ['text/javascript; charset=utf-8', text.replace(/^\/\/# sourceMappingURL=.*$/m, '')];
}
