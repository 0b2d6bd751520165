import type { Browser, Page } from 'playwright-core';
import { beforeAll } from 'vitest';
import { launchChromium } from '../../src/cli/demo/marketplace/chromium.ts';
import { atEnd } from './at-end.ts';

/** A Chromium for the tests of one file. */
export function useBrowser(): { open: (width?: number) => Promise<Page> } {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium();
    atEnd(() => browser.close());
  });
  return {
    open: async (width = 1280) => {
      const context = await browser.newContext({ viewport: { width, height: 800 } });
      atEnd(() => context.close());
      return context.newPage();
    },
  };
}

/** Types a card into Stripe's page and everything it asks for besides. */
export async function typeCard(page: Page, number: string): Promise<void> {
  await page.getByLabel('Email').fill('ann@example.com');
  await page.getByLabel('Card number').fill(number);
  await page.getByLabel('Expiration date').fill('12 / 34');
  await page.getByLabel('Security code').fill('123');
  await page.getByLabel('Name', { exact: true }).fill('Ann Example');
  await page.getByLabel('Postal code').fill('12345');
}

/** Fills in Stripe's onboarding pages with their own test data, until the last one. */
export async function answerEverything(page: Page): Promise<void> {
  const press = (name: string): Promise<void> => page.getByRole('button', { name }).click();
  await press('Use test code');
  for (;;) {
    const fill = page.getByRole('button', { name: 'Use test data' });
    const submit = page.getByRole('button', { name: 'Agree and submit' });
    await fill.or(submit).waitFor();
    if (await submit.isVisible()) break;
    await fill.click();
    await press('Continue');
  }
  await press('Agree and submit');
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
