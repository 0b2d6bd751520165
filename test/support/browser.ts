import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { launchChromium } from '../../src/cli/demo/marketplace/chromium.ts';

/** A Chromium for the tests of one file. */
export function useBrowser(): { open: (width?: number) => Promise<Page> } {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium();
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
