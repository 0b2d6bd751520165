import { readFileSync } from 'node:fs';
import type { WebAnswer } from '../server/http.ts';
import { CONTROL_STYLE } from '../control/pages/style.ts';
import { STYLE } from './style.ts';

/**
 * The browser scripts as the build wrote them; resolved from the package's root, so from src and dist
 * alike.
 */
const BROWSER_FOLDER = new URL('../../../generated/browser/', import.meta.url);

const STYLES: Readonly<Record<string, string>> = { 'style.css': STYLE, 'control.css': CONTROL_STYLE };

const SCRIPT_NAME = /^[a-z-]+\.js$/;

/** Serves style and scripts. Scripts are read once, when first asked for. */
export class Assets {
  readonly #scripts = new Map<string, string>();

  answer(name: string): WebAnswer {
    const style = STYLES[name];
    if (style !== undefined) return asset('text/css', style);
    const script = SCRIPT_NAME.test(name) ? this.#script(name) : undefined;
    if (script === undefined)
      return { status: 404, headers: { 'content-type': 'text/plain' }, body: 'Not found\n' };
    return asset('text/javascript', script);
  }

  #script(name: string): string | undefined {
    let script = this.#scripts.get(name);
    try {
      script ??= readFileSync(new URL(name, BROWSER_FOLDER), 'utf8');
    } catch {
      return undefined;
    }
    this.#scripts.set(name, script);
    return script;
  }
}

function asset(type: string, body: string): WebAnswer {
  const headers = {
    'content-type': `${type}; charset=utf-8`,
    'cache-control': 'no-cache',
    // Loaded by pages of other origins, which may ask for that explicitly.
    'access-control-allow-origin': '*',
    'cross-origin-resource-policy': 'cross-origin',
    'x-content-type-options': 'nosniff',
  };
  return { status: 200, headers, body };
}
