import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ICON, STYLE } from './style.ts';

// Scripts are compiled by the build; from src (under the tests) they are read from dist all the same.
const SCRIPTS: Record<string, string> = {
  'pay.js': '../../dist/checkout/browser/pay.js',
  'order.js': '../../dist/orders/browser/order.js',
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
  if (name !== 'style.css' && name !== 'icon.svg' && !Object.hasOwn(SCRIPTS, name)) return null;
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
  if (name === 'style.css') return ['text/css; charset=utf-8', STYLE];
  if (name === 'icon.svg') return ['image/svg+xml', ICON];
  const text = readFileSync(new URL(SCRIPTS[name] as string, import.meta.url), 'utf8');
  return ['text/javascript; charset=utf-8', text.replace(/^\/\/# sourceMappingURL=.*$/m, '')];
}
