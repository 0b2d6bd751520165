import type { Browser } from 'playwright-core';
import { describeError, QuittanceError } from '../../../errors.ts';

// Not the package's own list: that one runs in a single process and turns web security off, and with it the
// Content-Security-Policy, which tests of pages are about.
const FLAGS = [
  '--no-sandbox',
  '--no-zygote',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * A real Chromium, from packages that are only installed for development: they are loaded when they are
 * needed. Throws `browser_missing`, which says what to install.
 */
export async function launchChromium(): Promise<Browser> {
  try {
    const [{ chromium }, { default: carried }] = await Promise.all([
      import('playwright-core'),
      import('@sparticuz/chromium'),
    ]);
    return await chromium.launch({ executablePath: await carried.executablePath(), args: FLAGS });
  } catch (cause) {
    const message =
      'The marketplace demo needs a browser: npm install --save-dev playwright-core @sparticuz/chromium. ' +
      `(${describeError(cause).split('\n')[0]})`;
    throw new QuittanceError({ code: 'browser_missing', message, cause });
  }
}
