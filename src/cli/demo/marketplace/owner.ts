import type { Browser, Page } from 'playwright-core';
import { launchChromium } from './chromium.ts';

const WAIT_MS_MAX = 10_000;
// An individual is asked on about four.
const PAGES_MAX = 12;
// docs.stripe.com/connect/testing: a bank that takes a payout and sends it back as `no_account`.
export const BANK_THAT_REFUSES = '000111111116';

/** Where somebody came out, and what the page says. */
export interface Arrival {
  path: string;
  heading: string;
  text: string;
}

/** Does what owners do: goes through Stripe's pages in a browser and back to the platform. */
export class Owners {
  #browser: Browser | undefined;

  async openBrowser(): Promise<string> {
    this.#browser = await launchChromium();
    return `Chromium ${this.#browser.version()}`;
  }

  async close(): Promise<void> {
    await this.#browser?.close();
  }

  /** Answers everything that Stripe's onboarding asks, with its test data; a bank account may be chosen. */
  onboard(link: string, { bank }: { bank?: string } = {}): Promise<Arrival> {
    return this.#visit(link, async (page) => {
      await press(page, 'Use test code');
      const fill = page.getByRole('button', { name: 'Use test data' });
      const submit = page.getByRole('button', { name: 'Agree and submit' });
      for (let pages = 0; pages < PAGES_MAX; pages += 1) {
        await fill.or(submit).waitFor();
        if (await submit.isVisible()) break;
        await fill.click();
        await page.waitForLoadState();
        const account = page.getByLabel('Account number');
        if (bank !== undefined && (await account.isVisible())) await account.fill(bank);
        await press(page, 'Continue');
        await page.waitForLoadState();
      }
      await submit.click();
    });
  }

  /** Begins, and goes home after the first questions. */
  leaveHalfway(link: string): Promise<Arrival> {
    return this.#visit(link, async (page) => {
      await press(page, 'Use test code');
      await press(page, 'Use test data');
      await page.waitForLoadState();
      await press(page, 'Continue');
      await page.getByRole('link', { name: 'Return to the platform' }).click();
    });
  }

  /** Lets the platform into a Stripe account that the owner has. */
  connect(link: string): Promise<Arrival> {
    return this.#visit(link, (page) => press(page, 'Connect my Stripe account'));
  }

  /** Nobody carries another's cookies: each visit is in a browser profile of its own. */
  async #visit(link: string, work: (page: Page) => Promise<void>): Promise<Arrival> {
    if (!this.#browser) throw new Error('the browser is not open');
    const context = await this.#browser.newContext();
    try {
      const page = await context.newPage();
      page.setDefaultTimeout(WAIT_MS_MAX);
      await page.goto(link);
      await work(page);
      await page.waitForURL(/\/connect\/return/);
      const heading = (await page.locator('h1').textContent()) ?? '';
      const text = (await page.locator('main').textContent()) ?? '';
      return { path: new URL(page.url()).pathname, heading, text };
    } finally {
      await context.close();
    }
  }
}

async function press(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name }).click();
}
