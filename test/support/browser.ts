import chromium from '@sparticuz/chromium';
import { chromium as playwright, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, onTestFinished } from 'vitest';

// Not the package's own list of flags: that one runs in a single process and turns web security off, and
// with it the Content-Security-Policy these tests are about.
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

/** A Chromium for the tests of one file. */
export function useBrowser(): { open: (width?: number) => Promise<Page> } {
  let browser: Browser;
  beforeAll(async () => {
    browser = await playwright.launch({ executablePath: await chromium.executablePath(), args: FLAGS });
  });
  afterAll(async () => browser.close());
  return {
    open: async (width = 1280) => {
      const context = await browser.newContext({ viewport: { width, height: 800 } });
      onTestFinished(() => context.close());
      return context.newPage();
    },
  };
}

/** Collects what the page complains about: script errors and whatever the policy blocked. */
export function complaintsOf(page: Page): string[] {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (/Content.Security.Policy|Refused to/i.test(message.text())) complaints.push(message.text());
  });
  return complaints;
}
